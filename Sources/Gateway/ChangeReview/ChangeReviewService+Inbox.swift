package import InterlockAdministration
package import InterlockApprovals
import InterlockEvidence
import InterlockGovernor
package import InterlockModel
package import InterlockPorts
package import InterlockSandboxes
import InterlockWorkspace
import Synchronization

/// The reviews that wait for people: those of changes with a flag, until these are applied or all are removed.
extension ChangeReviewService: InboxTasks {
    /// Records what a command is about to show, or a supervisor found at the end of its run.
    package func record(
        _ diff: WorkspaceDiffRequest, of run: RunID
    ) async throws(WorkspaceApprovalRefusal) {
        try await recorded { () async throws(SandboxRefusal) in
            try await sandboxes.record(diff, of: run)
        }
        let agent = try agent(of: run)
        guard diff.waiting > 0 else { return end(run) }
        let review = PendingReview(
            changes: diff.changes.count, flagged: diff.waiting,
            since: waiting.withLock { $0[run]?.review.since } ?? gateway.clock.wall)
        // If the file is missing, so is the review in the inbox after a restart; the command line still has it.
        try? store.setPending(review, of: run)
        waiting.withLock { waiting in
            guard waiting.count < Self.mostWaiting || waiting[run] != nil else { return }
            waiting[run] = (review, agent)
        }
        notice()
    }

    package func record(
        _ discard: WorkspaceDiscardRequest, of run: RunID
    ) async throws(WorkspaceApprovalRefusal) {
        try await recorded { () async throws(SandboxRefusal) in
            try await sandboxes.record(discard, of: run)
        }
        end(run)
        try? store.setApprovals([], of: run)
    }

    package func record(
        _ export: WorkspaceExportRequest, of run: RunID
    ) async throws(WorkspaceApprovalRefusal) {
        try await recorded { () async throws(SandboxRefusal) in
            try await sandboxes.record(export, of: run)
        }
    }

    /// Takes up the reviews that waited when the previous process ended.
    package func restore() throws(StoreFailure) {
        let found = try store.pending()
        for (run, review) in found.prefix(Self.mostWaiting) {
            guard let agent = try? sandboxes.reviewedAgent(of: run) else { continue }
            waiting.withLock { $0[run] = (review, agent) }
        }
    }

    /// Ends the wait for a review.
    func end(_ run: RunID) {
        guard waiting.withLock({ $0.removeValue(forKey: run) }) != nil else { return }
        try? store.setPending(nil, of: run)
        notice()
    }

    package func tasks(for viewer: InboxViewer) -> [InboxTask] {
        waiting.withLock { $0 }.compactMap { run, entry in
            let approvers = approvers(of: entry.agent)
            let isMine = approvers.eligible.contains(viewer.person)
            guard isMine || viewer.visibility.reads(entry.agent) else { return nil }
            return .changes(
                of: run, flagged: entry.review.flagged, by: entry.agent, need: approvers.need,
                since: entry.review.since, isMine: isMine)
        }
    }
}
