import Synchronization

/// Everything by which a run's connections are decided, apart from the connection itself.
package struct EgressPolicy: Equatable, Sendable {
    /// Is nil before the first load, and after one that failed: then everything is refused.
    package var rules: EgressRules?
    /// True while a halt is in force or the kill lease is lost.
    package var isHalted = false

    package init(_ rules: EgressRules? = nil) { self.rules = rules }

    package func decide(
        _ target: EgressTarget, _ access: EgressAccess, model: ModelDestination? = nil
    ) throws(EgressRefusal) -> EgressRule {
        if isHalted { throw EgressRefusal(.halted, "the run is halted") }
        guard let rules else { throw EgressRefusal(.noPolicy, "no policy is loaded") }
        return try rules.decide(target, access, model: model)
    }
}

/// The policy of a run in force. May be used from any thread.
///
/// INVARIANT: a decision reads one whole policy; after a load that failed everything is refused until one succeeds.
/// Kept by `EgressRulesTests`.
package final class EgressPolicyHolder: Sendable {
    private let policy: Mutex<EgressPolicy>

    /// Starts without rules, which refuses everything.
    package init(_ policy: EgressPolicy = EgressPolicy()) { self.policy = Mutex(policy) }

    package var current: EgressPolicy { policy.withLock { $0 } }

    /// - Parameter rules: nil if loading failed.
    package func swap(_ rules: EgressRules?) { policy.withLock { $0.rules = rules } }

    package func setHalted(_ isHalted: Bool) { policy.withLock { $0.isHalted = isHalted } }
}
