import InterlockModel
import InterlockPorts

/// The last change of a request that this node has tried.
struct ChangeAttempt {
    /// The change as its caller names it.
    struct Name: Hashable {
        let change: ApprovalChange
        let row: ApprovalRow
        /// The digest of the body.
        let body: Digest
    }

    let name: Name
    /// Is nil once the change was made.
    let prepared: PreparedChange?
}
