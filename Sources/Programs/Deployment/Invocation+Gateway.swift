package import InterlockCommandLine
package import InterlockJSON
package import InterlockModel

/// The requests of commands to the gateway of their deployment.
extension Invocation {
    package func gateway() throws(Failure) -> GatewayClient {
        GatewayClient(try Deployment.open(self))
    }

    /// Signs an order with the current time and sends it to the gateway.
    ///
    /// - Parameter reason: the reason; if nil, it is taken from `--reason`.
    package func order(
        _ content: some OrderContent, reason: String? = nil, to target: String
    ) throws(Failure) -> JSONValue {
        let deployment = try Deployment.open(self)
        let order = try PersonSigner.order(content, reason: reason, self, deployment)
        return try GatewayClient(deployment).post(target, order.envelope.json)
    }
}

extension Command {
    /// Asks the gateway for a list and prints it.
    ///
    /// - Parameter list: the member of the answer that has the rows.
    package static func listing(
        _ target: String, _ list: String, nothing: String, _ columns: Column...
    ) -> Run {
        { try $0.print(table: $0.gateway().get(target).rows(list), columns, nothing: nothing) }
    }
}

extension Invocation {
    /// Returns the open requests for approval that have the state, the agent and the tool of the options.
    package func approvals(of gateway: GatewayClient) throws(Failure) -> [JSONValue] {
        try gateway.get("/v1/approvals").rows("approvals").filter { request in
            ["state", "agent", "tool"].allSatisfy { name in
                self[name].map { request[name]?.string == $0 } ?? true
            }
        }
    }
}
