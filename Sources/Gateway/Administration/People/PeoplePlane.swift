import InterlockAlerts
package import InterlockGovernor
import InterlockModel
package import InterlockPorts

/// What machines and people of this host ask of the people plane: health, readiness and metrics. An agent's token is worth nothing here.
package struct PeoplePlane: RequestHandler {
    private let gateway: Gateway
    private let witness: WitnessPlane?
    private let denials: (any RequestHandler)?
    private let pages: HealthPages
    /// Is nil if none is configured: then everybody who reaches this plane sees all of it.
    private let token: MetricsToken?

    /// - Parameters:
    ///   - witness: answers under its own prefix.
    ///   - token: required by metrics and by the details of readiness and health.
    ///   - denials: answers under `DenialToken.pathPrefix`; nil where nobody is given links.
    package init(
        gateway: Gateway, approvals: ApprovalService, token: MetricsToken? = nil,
        witness: WitnessPlane? = nil,
        denials: (any RequestHandler)? = nil
    ) {
        self.gateway = gateway
        self.witness = witness
        self.denials = denials
        self.token = token
        pages = HealthPages(gateway, approvals)
    }

    /// Whether a path is this plane's and none of the console's.
    package func serves(_ path: String) -> Bool {
        HealthPages.Page(rawValue: path) != nil || witness?.serves(path) == true
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
        guard let page = HealthPages.Page(rawValue: head.path) else {
            return exchange.respond(.plain(404, "no such path; try /healthz, /readyz or /metrics"))
        }
        exchange.respond(
            pages.response(to: page, isDetailed: token?.admits(head.bearer) ?? true))
    }

    /// A credential is the metrics token, where one is configured, or it has no business here.
    private func refusal(of head: RequestHead) -> HTTPResponse? {
        guard let token, let page = HealthPages.Page(rawValue: head.path) else {
            return head["authorization"] == nil
                ? nil : .plain(403, "tokens of agents are not accepted on the people plane")
        }
        guard !token.admits(head.bearer) else { return nil }
        return head["authorization"] == nil && page != .metrics ? nil : .metricsTokenRequired
    }

    private func isDenial(_ path: String) -> Bool {
        denials != nil && path.hasPrefix(DenialToken.pathPrefix)
    }
}
