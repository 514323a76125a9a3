import InterlockLimits
import InterlockModel
import Synchronization

/// What was set aside for one call. It ends once: used, or given back, or kept for the request that waits for people.
final class LimitReservation: Sendable {
    let agent: AgentName
    let demands: [LimitDemand]
    private let isOpen = Atomic<Bool>(true)

    init(_ agent: AgentName, _ demands: [LimitDemand]) {
        self.agent = agent
        self.demands = demands
    }

    /// - Returns: false when it has ended before.
    func end() -> Bool { isOpen.exchange(false, ordering: .acquiringAndReleasing) }
}

/// The same call of the same run again, as far as limits are concerned: one that people have approved is not counted
/// twice.
struct LimitQuestion: Sendable, Hashable {
    let run: RunID
    let address: ToolAddress
    /// SHA-256 of the canonical arguments.
    let arguments: Digest
}
