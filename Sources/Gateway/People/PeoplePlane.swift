import InterlockAlerts
import InterlockModel

/// What machines and people of this host ask of the people plane: health, readiness and metrics. An agent's token is worth nothing here.
package struct PeoplePlane: RequestHandler {
    private let gateway: Gateway
    private let witness: WitnessPlane?
    private let denials: (any RequestHandler)?
    private let started: Moment

    /// - Parameters:
    ///   - witness: answers under its own prefix.
    ///   - denials: answers under `DenialToken.pathPrefix`; nil where nobody is given links.
    package init(
        gateway: Gateway, witness: WitnessPlane? = nil, denials: (any RequestHandler)? = nil
    ) {
        self.gateway = gateway
        self.witness = witness
        self.denials = denials
        started = gateway.clock.now
    }

    /// Whether a path is this plane's and none of the console's.
    package func serves(_ path: String) -> Bool {
        ["/healthz", "/readyz", "/metrics"].contains(path) || witness?.serves(path) == true
            || isDenial(path)
    }

    package func judge(_ head: RequestHead) -> HeadJudgement {
        if let witness, witness.serves(head.path) { return witness.judge(head) }
        if let denials, isDenial(head.path) { return denials.judge(head) }
        guard gateway.settings.allows(host: head["host"]) else {
            return .refuse(.plain(421, "this Host is not served here"))
        }
        guard head["authorization"] == nil else {
            return .refuse(.plain(403, "tokens of agents are not accepted on the people plane"))
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            return .refuse(.plain(405, "use GET", ("allow", "GET, HEAD")))
        }
        return .readBody(limitBytes: 0)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        if let witness, witness.serves(head.path) {
            return await witness.handle(head, body: body, exchange)
        }
        if let denials, isDenial(head.path) {
            return await denials.handle(head, body: body, exchange)
        }
        switch head.path {
        case "/healthz":
            exchange.respond(said(gateway.heartbeats.stuck(at: gateway.clock.boot), "ok"))
        case "/readyz": exchange.respond(said(gateway.unsound.map(\.description), "ready"))
        case "/metrics":
            exchange.respond(
                HTTPResponse(
                    status: 200,
                    headers: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
                    body: Array(Metrics(gateway: gateway, started: started).text.utf8)))
        default: exchange.respond(.plain(404, "no such path; try /healthz, /readyz or /metrics"))
        }
    }

    private func said(_ faults: [String], _ otherwise: String) -> HTTPResponse {
        faults.isEmpty ? .plain(200, otherwise) : .plain(503, faults.joined(separator: "\n"))
    }

    private func isDenial(_ path: String) -> Bool {
        denials != nil && path.hasPrefix(DenialToken.pathPrefix)
    }
}
