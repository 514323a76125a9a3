import InterlockLimits
import InterlockModel
import Synchronization

/// The units reserved for one call. The reservation ends once: used, returned, or transferred to the pending approval
/// request.
final class LimitReservation: Sendable {
    let agent: AgentName
    let demands: [LimitDemand]
    private let isOpen = Atomic<Bool>(true)

    init(_ agent: AgentName, _ demands: [LimitDemand]) {
        self.agent = agent
        self.demands = demands
    }

    /// - Returns: false if it has ended before.
    func end() -> Bool { isOpen.exchange(false, ordering: .acquiringAndReleasing) }
}

/// The key of an identical call of the same run, so that a call that people have approved is not counted twice.
struct LimitQuestion: Sendable, Hashable {
    let run: RunID
    let address: ToolAddress
    /// SHA-256 of the canonical arguments.
    let arguments: Digest
}
