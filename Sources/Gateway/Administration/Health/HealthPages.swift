import InterlockGovernor
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

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
                gateway.monitors.heartbeats.stuck(at: gateway.clock.boot), "ok",
                briefly: isDetailed ? nil : "stuck")
        case .readiness:
            said(
                gateway.unsound.map(\.description) + starting, "ready",
                briefly: isDetailed ? nil : "unready")
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

    /// The servers that have neither answered nor failed, while the first lists wait for them too. Later they are no
    /// reason to keep callers away: one server that never answers must not hold the node.
    private var starting: [String] {
        guard gateway.clock.boot - started.boot < gateway.settings.startPatience else { return [] }
        return gateway.policy.snapshot.servers.keys.filter(gateway.isStarting).sorted()
            .map { "servers: \($0) is starting" }
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

/// The token that metrics and the details of readiness require over the network (decision 0042). It admits nothing
/// until a token was read.
///
/// INVARIANT: with a metrics token, others read one word about health and readiness, and no metrics. Kept by
/// `MetricsTokenTests`, `test_prometheus.py`.
package final class MetricsToken: Sendable {
    /// The minimum length in bytes; a shorter token could be guessed.
    package static let leastBytes = 16

    private let expected = Mutex<Digest?>(nil)
    private let hashing: any Hashing

    package init(hashing: any Hashing) { self.hashing = hashing }

    /// Replaces the token.
    ///
    /// - Returns: false, and nothing changes, if the token is shorter than `leastBytes`.
    package func replace(with token: String) -> Bool {
        guard token.utf8.count >= Self.leastBytes else { return false }
        let digest = hashing.sha256(Array(token.utf8))
        expected.withLock { $0 = digest }
        return true
    }

    /// Returns true if `bearer` is the token. Takes the same time for every token of one length: two hashes are
    /// compared without a branch.
    func admits(_ bearer: String?) -> Bool {
        guard let bearer, let expected = expected.withLock({ $0 }) else { return false }
        let (a, b) = (hashing.sha256(Array(bearer.utf8)).words, expected.words)
        return (a.0 ^ b.0) | (a.1 ^ b.1) | (a.2 ^ b.2) | (a.3 ^ b.3) == 0
    }
}

/// A component that decides about calls and cannot do so now. While there is one, this node is not ready.
package struct UnreadyComponent: Sendable, Equatable, CustomStringConvertible {
    package enum Part: String, Sendable, CaseIterable {
        case policy, ledger, limits, halts, store
    }
    package let part: Part
    package let reason: String

    package var description: String { "\(part.rawValue): \(reason)" }
}

extension Gateway {
    /// The components that would now refuse a call that the policy allows, for any caller.
    package var unsound: [UnreadyComponent] {
        var found: [UnreadyComponent] = []
        func add(_ part: UnreadyComponent.Part, _ reason: String) {
            found.append(UnreadyComponent(part: part, reason: reason))
        }
        let snapshot = policy.snapshot
        if let problem = snapshot.lockProblem { add(.policy, "no server is offered: \(problem)") }
        if let code = ledger.status.refusing { add(.ledger, "it takes no permits: \(code)") }
        if monitors.log.isStill { add(.ledger, "it has not grown for three beats") }
        if limits.isUncounted { add(.limits, "not counted yet for the policy in force") }
        let active = halts.halts
        if let halt = active.halt(of: .org) {
            // Includes only the reason of a node's own halt; the text of a person's order is shown to people only.
            add(
                .halts,
                "the organisation is halted by \(halt.id)" + (halt.local ? ": \(halt.reason)" : ""))
        }
        if let reason = monitors.store.reason { add(.store, reason) }
        return found
    }
}
