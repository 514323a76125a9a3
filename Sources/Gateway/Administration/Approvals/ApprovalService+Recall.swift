import InterlockApprovals
import InterlockJSON
import InterlockModel
package import InterlockPorts
import Synchronization

extension ApprovalService {
    /// Takes back what had ended before this process, so that people can look it up. Nothing is granted by it, and
    /// nobody waits for it: a request that does not read as it was written stays out.
    package func recallEnded() async throws(StoreFailure) {
        guard let judge = ports.judge else { return }
        let most = state.withLock { $0.table.limits.shownEnded }
        let stored = try await ports.store.endedRows(most: most)
        let requests = stored.bodies.compactMap { body in
            try? ApprovalRequest(
                json: body["request"] ?? .null, judge: judge, hashing: ports.hashing)
        }
        let left = stored.unreadable + stored.bodies.count - requests.count
        if left > 0 { ports.alarm("approval.past", "\(left) that do not read as written") }
        state.withLock { $0.table.recall(requests) }
        news.tell()
    }
}
