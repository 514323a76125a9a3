package import InterlockModel

/// A request as a change names it: a change of another version is refused, since its caller has not verified what came
/// since.
package struct RequestVersion: Hashable, Sendable {
    package let request: ApprovalID
    /// Rises with each new review, whose votes begin anew.
    package let revision: Int64
    /// Rises with each change.
    package let version: Int64

    package init(_ request: ApprovalID, revision: Int64, version: Int64) {
        self.request = request
        self.revision = revision
        self.version = version
    }
}
