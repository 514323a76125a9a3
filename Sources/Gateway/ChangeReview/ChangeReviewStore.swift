package import InterlockModel
package import InterlockPorts
package import InterlockWorkspace

/// The changes of ended runs on disk, and what people signed about them. Calls block on the disk.
package protocol ChangeReviewStore: Sendable {
    /// Returns true if the layer of the run was not removed.
    func hasChanges(of run: RunID) -> Bool

    /// Reads what a run changed, which takes as long as the changes are large.
    func changes(of run: RunID) throws(ChangeReadFailure) -> WorkspaceDiff

    /// Reads the bytes of changed files before and after the run, in the order of `changes`.
    ///
    /// - Parameter most: the most bytes of each side.
    func contents(
        of changes: [WorkspaceChange], of run: RunID, most: Int
    ) throws(ChangeReadFailure) -> [ChangedContent]

    /// Returns the approvals of a run that were stored and not removed, in the order of their arrival.
    func approvals(of run: RunID) throws(StoreFailure) -> [Envelope]

    /// Replaces the approvals of a run; durable on return.
    func setApprovals(_ envelopes: [Envelope], of run: RunID) throws(StoreFailure)

    /// Returns the runs whose changes wait for a review.
    func pending() throws(StoreFailure) -> [RunID: PendingReview]

    /// Notes that the changes of a run wait for a review; nil ends that. Durable on return.
    func setPending(_ review: PendingReview?, of run: RunID) throws(StoreFailure)
}

/// The numbers of changes that wait for a review.
package struct PendingReview: Sendable, Hashable {
    package let changes: Int
    /// The number of changes with a flag.
    package let flagged: Int
    /// The time since which they wait.
    package let since: Timestamp

    package init(changes: Int, flagged: Int, since: Timestamp) {
        self.changes = changes
        self.flagged = flagged
        self.since = since
    }
}

/// The bytes of one changed entry.
package enum ChangedContent: Sendable, Hashable {
    /// - Parameter old: nil if there was no file; the same for `new`.
    case bytes(old: [UInt8]?, new: [UInt8]?)
    /// The project's file is not the one of the start of the run.
    case changedProject
    case tooLarge
    /// Neither side is a file.
    case notFile
}

package enum ChangeReadFailure: Error, Hashable, Sendable {
    case noWorkspace
    /// The run is not over, or a command works on its changes.
    case busy
    case failed(String)
}
