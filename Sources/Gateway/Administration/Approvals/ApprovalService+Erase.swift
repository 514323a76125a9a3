import InterlockApprovals
import InterlockGovernor
package import InterlockLedger
package import InterlockPorts
import Synchronization

/// The requests of erased runs, whose reviews have the arguments of the calls.
extension ApprovalService {
    /// Deletes the requests of erased runs in memory and in the store. Open ones become void first: their calls are
    /// refused anyway.
    package func erase(_ erasure: Erasure) async throws(StoreFailure) {
        for request in live where erasure.covers(.run(request.review.call.run)) {
            _ = await change(request.id, .void(.erased))
        }
        state.withLock { state in
            state.table.removeEnded { erasure.covers(.run($0)) }
        }
        try await ports.store.removeRequests(of: erasure)
        topics.tell()
    }
}
