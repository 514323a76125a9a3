import InterlockAlerts
package import InterlockGovernor
import InterlockModel
package import InterlockNotification
package import InterlockPorts
package import InterlockWitness

/// Health, readiness and metrics on the people plane, plus the witness and denial endpoints. Agent tokens are rejected.
package struct PeoplePlane: RequestHandler {
    private let gateway: Gateway
    private let witness: WitnessPlane?
    private let denials: (any RequestHandler)?
    private let pages: HealthPages
    private let alive: AliveStatements?
    /// Is nil if none is configured; then every client of this plane sees all details.
    private let token: MetricsToken?

    /// - Parameters:
    ///   - witness: serves the paths under its own prefix.
    ///   - token: required for metrics, for statements to watchers, and for the details of readiness and health.
    ///   - alive: serves `/alive`; nil for a plane without it.
    ///   - denials: serves the paths under `DenialToken.pathPrefix`; nil if no denial links are issued.
    package init(
        gateway: Gateway, approvals: ApprovalService, token: MetricsToken? = nil,
        alive: AliveStatements? = nil, witness: WitnessPlane? = nil,
        denials: (any RequestHandler)? = nil
    ) {
        self.alive = alive
        self.gateway = gateway
        self.witness = witness
        self.denials = denials
        self.token = token
        pages = HealthPages(gateway, approvals)
    }

    /// Returns whether this plane, and not the console, serves a path.
    package func serves(_ path: String) -> Bool {
        HealthPages.Page(rawValue: path) != nil || isAlive(path) || witness?.serves(path) == true
            || isDenial(path)
    }

    package func judge(_ head: RequestHead) -> HeadDecision {
        if let witness, witness.serves(head.path) { return witness.judge(head) }
        if let denials, isDenial(head.path) { return denials.judge(head) }
        guard gateway.settings.allows(host: head["host"]) else {
            return .refuse(.plain(421, "this Host is not served here"))
        }
        if let refusal = refusal(of: head) { return .refuse(refusal) }
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
        if let alive, isAlive(head.path) {
            return exchange.respond(await alive.response(to: head.query))
        }
        guard let page = HealthPages.Page(rawValue: head.path) else {
            return exchange.respond(
                .plain(404, "no such path; try /healthz, /readyz, /metrics or /alive"))
        }
        exchange.respond(pages.response(to: page, isDetailed: token?.admits(head.bearer) ?? true))
    }

    /// Accepts the metrics token on the health pages if one is configured, and refuses every other credential.
    private func refusal(of head: RequestHead) -> HTTPResponse? {
        let page = HealthPages.Page(rawValue: head.path)
        guard let token, page != nil || isAlive(head.path) else {
            return head["authorization"] == nil
                ? nil : .plain(403, "tokens of agents are not accepted on the people plane")
        }
        guard !token.admits(head.bearer) else { return nil }
        let isBrief = page == .health || page == .readiness
        return head["authorization"] == nil && isBrief ? nil : .metricsTokenRequired
    }

    private func isAlive(_ path: String) -> Bool { alive != nil && path == AliveStatements.path }

    private func isDenial(_ path: String) -> Bool {
        denials != nil && path.hasPrefix(DenialToken.pathPrefix)
    }
}
