import InterlockModel
import InterlockPorts
import InterlockWorkspace
import Synchronization

@testable import InterlockChangeReview

/// The changes of ended runs in memory; each run has the same.
final class MemoryChangeReviews: ChangeReviewStore {
    struct State {
        var changes: [WorkspaceChange] = []
        var contents: [WorkspacePath: ChangedContent] = [:]
        var approvals: [RunID: [Envelope]] = [:]
        var pending: [RunID: PendingReview] = [:]
        /// True if nothing can be written.
        var isFull = false
    }

    let base: Digest
    let state = Mutex(State())

    init(base: Digest) { self.base = base }

    func hasChanges(of run: RunID) -> Bool { true }

    func changes(of run: RunID) throws(ChangeReadFailure) -> WorkspaceDiff {
        WorkspaceDiff(run: run, base: base, changes: state.withLock { $0.changes })
    }

    func contents(
        of changes: [WorkspaceChange], of run: RunID, most: Int
    ) throws(ChangeReadFailure) -> [ChangedContent] {
        state.withLock { state in changes.map { state.contents[$0.path] ?? .notFile } }
    }

    func approvals(of run: RunID) throws(StoreFailure) -> [Envelope] {
        state.withLock { $0.approvals[run] ?? [] }
    }

    func setApprovals(_ envelopes: [Envelope], of run: RunID) throws(StoreFailure) {
        guard !state.withLock({ $0.isFull }) else { throw StoreFailure(reason: "no room") }
        state.withLock { $0.approvals[run] = envelopes }
    }

    func pending() throws(StoreFailure) -> [RunID: PendingReview] {
        state.withLock { $0.pending }
    }

    func setPending(_ review: PendingReview?, of run: RunID) throws(StoreFailure) {
        state.withLock { $0.pending[run] = review }
    }
}
