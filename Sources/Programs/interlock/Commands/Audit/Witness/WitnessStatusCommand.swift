import InterlockAdministration
import InterlockJSON
import InterlockModel

extension Command {
    static let auditWitnessStatus = Command(
        "audit witness status", "who remembers this log, and what is wrong with them",
        options: [.directory, .json],
        exits: [.data, .notFound],
        notes: "Without a running gateway, what the trust file says."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let status: JSONValue
        if let running = try RunningGateway.find(deployment) {
            status = try running.get("/v1/witnesses")
        } else {
            let (policy, marks) = try deployment.trust.load()
            status = WitnessClient.status(of: policy, marks)
        }
        guard !invocation.has("json") else {
            Output.json(status)
            return .ok
        }
        show(status)
        return .ok
    }
}

/// Prints the status of the witnesses for people.
private func show(_ status: JSONValue) {
    if let memory = status["memory"]?.string { Output.line(memory) }
    Output.line("quorum   \(status["quorum"]?.string ?? "none")")
    if let lint = status["lint"]?.string { Output.line("         \(lint)") }
    for witness in status["witnesses"]?.array ?? [] {
        let mark = witness["now"]?.bool == true ? " now" : ""
        Output.line(
            "witness  \(witness["name"]?.string ?? "-")\(mark) \(witness["url"]?.string ?? "not asked")"
        )
        if let size = witness["remembers"]?.integer { Output.line("         remembers \(size)") }
        if let trouble = witness["trouble"]?.string {
            Output.line("         " + TerminalEscaping.shown(trouble))
        }
    }
}

/// The running gateway of a deployment.
enum RunningGateway {
    /// - Returns: nil if the gateway does not answer on its socket.
    static func find(_ deployment: Deployment) throws(Failure) -> GatewayClient? {
        let client = GatewayClient(deployment)
        do throws(Failure) { _ = try client.get("/v1/names") } catch {
            guard error.exit == .unavailable else { throw error }
            return nil
        }
        return client
    }
}
