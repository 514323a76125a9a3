import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// The policy folder and the files that belong to it, as one revision.
package protocol PolicySource: Sendable {
    /// Reads all files again. May block while files are read; never called on the call path.
    func read(at now: Timestamp) -> RevisionOnDisk
}

/// A revision read from disk.
package struct RevisionOnDisk: Sendable {
    /// The SHA-256 of every byte that was read: the same key is the same revision, even if it cannot be compiled.
    package let key: Digest
    package let revision: Result<PolicyRevision, RevisionRefusal>
    /// The policy's files as `PolicyBundle` writes them; empty if they could not be read.
    package let bundle: [UInt8]
    /// Compiles the same files as if there were no lock, with no server offered: a start falls back to this if the lock
    /// is not valid. Is nil if nothing can be compiled anyway.
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
