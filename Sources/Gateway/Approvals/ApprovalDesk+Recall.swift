import InterlockApprovals
import InterlockJSON
import InterlockModel
import Synchronization

extension ApprovalDesk {
    /// Takes back what had ended before this process, so that people can look it up. Nothing is granted by it, and
    /// nobody waits for it: a request that does not read as it was written stays out.
    package func recallEnded() async throws(StoreFailure) {
        guard let judge = ports.judge else { return }
        let most = state.withLock { $0.table.limits.shownEnded }
        let requests = try await ports.store.endedRows(most: most).compactMap { stored in
            try? ApprovalRequest(
                json: stored["request"] ?? .null, judge: judge, hashing: ports.hashing)
        }
        state.withLock { $0.table.recall(requests) }
        news.tell()
    }
}
