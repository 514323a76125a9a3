package import InterlockGovernor
import InterlockJSON
package import InterlockPorts

/// Serves the canary behind `interlock stdio`, and no other caller: the drill's listener is no further way to the gateway.
/// Its requests get a Host that the gateway serves, because a deployment may serve none of this machine's own names.
package struct CanaryPlane: RequestHandler {
    private let plane: AgentPlane
    private let credential: CanaryCredential
    private let host: String

    package init(_ pipeline: CallPipeline, for credential: CanaryCredential) {
        plane = AgentPlane(pipeline)
        self.credential = credential
        host = pipeline.gateway.settings.servedHost
    }

    package func judge(_ head: RequestHead) -> HeadDecision {
        guard head.bearer == credential.bearer else {
            return .refuse(.plain(401, "only the canary of a drill is served here"))
        }
        return plane.judge(named(head))
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        await plane.handle(named(head), body: body, exchange)
    }

    private func named(_ head: RequestHead) -> RequestHead {
        RequestHead(
            listener: head.listener, method: head.method, path: head.path, query: head.query,
            headers: head.headers.map { $0.name == "host" ? (name: "host", value: host) : $0 },
            contentLength: head.contentLength, clientKey: head.clientKey, source: head.source,
            peer: head.peer)
    }
}

extension GatewaySettings {
    /// One of the accepted values of Host.
    var servedHost: String { hosts.map(\.text).min() ?? "localhost" }
}
