import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// The policy folder and what lies beside it, as one revision.
package protocol PolicySource: Sendable {
    /// Reads everything anew. May block for as long as files take; never called on the call path.
    func read(at now: Timestamp) -> RevisionOnDisk
}

/// What was found on disk.
package struct RevisionOnDisk: Sendable {
    /// SHA-256 over every byte that was read: the same key is the same revision, also of one that cannot
    /// be compiled.
    package let key: Digest
    package let revision: Result<PolicyRevision, RevisionRefusal>
    /// The files of the policy as `PolicyBundle` writes them; empty when they could not be read.
    package let bundle: [UInt8]
    /// The same files compiled as if there were no lock, of which no server is offered: what a start
    /// falls back to when the lock binds nothing. nil where nothing can be compiled anyway.
    package let withoutServers: (@Sendable (LockProblem) -> RevisionOnDisk)?

    package init(
        key: Digest, revision: Result<PolicyRevision, RevisionRefusal>, bundle: [UInt8],
        withoutServers: (@Sendable (LockProblem) -> RevisionOnDisk)? = nil
    ) {
        self.key = key
        self.revision = revision
        self.bundle = bundle
        self.withoutServers = withoutServers
    }
}
