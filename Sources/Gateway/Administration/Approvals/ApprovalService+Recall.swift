import InterlockApprovals
import InterlockJSON
import InterlockModel
package import InterlockPorts
import Synchronization

extension ApprovalService {
    /// Loads the requests that ended before this process started, so that people can find them. It grants nothing, and
    /// no call waits for it. A request that does not verify as it was written is left out, which raises an alert.
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
