package import InterlockLimits
package import InterlockModel
import Synchronization

/// The units reserved for one call. The reservation ends once: used, returned, or transferred to the pending approval
/// request.
package final class LimitReservation: Sendable {
    package let agent: AgentName
    package let demands: [LimitDemand]
    /// The call that reserved the units. A later call of the same question may use them.
    package let call: CallID?
    private let isOpen = Atomic<Bool>(true)

    package init(_ agent: AgentName, _ demands: [LimitDemand], call: CallID? = nil) {
        self.agent = agent
        self.demands = demands
        self.call = call
    }

    /// - Returns: false if it has ended before.
    package func end() -> Bool { isOpen.exchange(false, ordering: .acquiringAndReleasing) }
}

/// The key of an identical call of the same run, so that a call that people have approved is not counted twice.
package struct LimitQuestion: Sendable, Hashable {
    package let run: RunID
    package let address: ToolAddress
    /// SHA-256 of the canonical arguments.
    package let arguments: Digest

    package init(run: RunID, address: ToolAddress, arguments: Digest) {
        self.run = run
        self.address = address
        self.arguments = arguments
    }
}
