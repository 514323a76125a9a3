package import InterlockModel
import Synchronization

/// The runs whose coding agent went past its hook: no call of theirs is approved any more, whatever the policy does
/// with the run itself (docs/specs/coding-agents.md, section 10).
package final class DistrustedRuns: Sendable {
    private let runs = Mutex<Set<RunID>>([])

    package init() {}

    package func add(_ run: RunID) { _ = runs.withLock { $0.insert(run) } }

    /// Called once nothing of the run is open.
    func remove(_ run: RunID) { _ = runs.withLock { $0.remove(run) } }

    package func contains(_ run: RunID) -> Bool { runs.withLock { $0.contains(run) } }
}

extension Refusal {
    /// The refusal of an approval in a run that is not trusted.
    static let distrusted = Refusal(
        .denied, "approval", "hook-bypassed",
        "the coding agent went past its hook, so nothing of this run is approved any more",
        outcome: .notExecuted)
}
