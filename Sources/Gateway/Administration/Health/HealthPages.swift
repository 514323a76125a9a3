import InterlockGovernor
import InterlockModel
import InterlockPorts

/// Serves `/healthz`, `/readyz` and `/metrics`: the same pages on the people plane and on the local socket.
struct HealthPages: Sendable {
    enum Page: String, CaseIterable, Sendable {
        case health = "/healthz"
        case readiness = "/readyz"
        case metrics = "/metrics"
    }

    private let gateway: Gateway
    private let approvals: ApprovalService
    private let started: ClockReading

    init(_ gateway: Gateway, _ approvals: ApprovalService) {
        self.gateway = gateway
        self.approvals = approvals
        started = gateway.clock.now
    }

    /// - Parameter isDetailed: whether the response names the faults; if not, it is one word, and metrics are refused.
    func response(to page: Page, isDetailed: Bool) -> HTTPResponse {
        switch page {
        case .health:
            said(
                gateway.heartbeats.stuck(at: gateway.clock.boot), "ok",
                briefly: isDetailed ? nil : "stuck")
        case .readiness:
            said(gateway.unsound.map(\.description), "ready", briefly: isDetailed ? nil : "unready")
        case .metrics:
            isDetailed
                ? HTTPResponse(
                    status: 200,
                    headers: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
                    body: Array(
                        Metrics(gateway: gateway, approvals: approvals, started: started).text.utf8)
                )
                : .metricsTokenRequired
        }
    }

    private func said(
        _ faults: [String], _ otherwise: String, briefly word: String?
    ) -> HTTPResponse {
        faults.isEmpty
            ? .plain(200, otherwise) : .plain(503, word ?? faults.joined(separator: "\n"))
    }
}

extension HTTPResponse {
    static let metricsTokenRequired = HTTPResponse.plain(
        401, "send the metrics token as a bearer token",
        ("www-authenticate", "Bearer realm=\"interlock metrics\""))
}
