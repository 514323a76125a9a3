package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// The policy folder and what lies beside it, as one revision.
package protocol PolicySource: Sendable {
    /// Reads everything anew. May block for as long as files take; never called on the call path.
    func read(at now: Timestamp) -> FoundRevision
}

/// What was found on disk.
package struct FoundRevision: Sendable {
    /// SHA-256 over every byte that was read: the same key is the same revision, also of one that cannot
    /// be compiled.
    package let key: Digest
    package let revision: Result<PolicyRevision, RevisionRefusal>
    /// The files of the policy as `PolicyBundle` writes them; empty when they could not be read.
    package let bundle: [UInt8]
    /// The same files compiled as if there were no lock, of which no server is offered: what a start
    /// falls back to when the lock binds nothing. nil where nothing can be compiled anyway.
    package let withoutServers: (@Sendable (LockProblem) -> FoundRevision)?

    package init(
        key: Digest, revision: Result<PolicyRevision, RevisionRefusal>, bundle: [UInt8],
        withoutServers: (@Sendable (LockProblem) -> FoundRevision)? = nil
    ) {
        self.key = key
        self.revision = revision
        self.bundle = bundle
        self.withoutServers = withoutServers
    }
}

/// Keeps every policy that was ever in force, so that its decisions can be made again.
package protocol PolicyKeeper: Sendable {
    /// Durable on return. The same policy again changes nothing.
    ///
    /// - Parameters:
    ///   - canonical: the text whose SHA-256 is the policy digest.
    ///   - bundle: what the policy was compiled from.
    /// - Returns: whether it was kept before.
    @discardableResult
    func keep(canonical: [UInt8], bundle: [UInt8]) throws(StoreFailure) -> Bool
}

/// Remembers which revision was signed off last, and which lock was in force. Once it remembers that
/// people signed, the node is founding no more.
package protocol SignOffStore: Sendable {
    /// - Returns: nil when no revision was ever signed off here.
    func acceptedRevision() async throws(StoreFailure) -> JSONValue?
    /// Durable on return.
    func accept(revision: JSONValue) async throws(StoreFailure)
    /// - Returns: nil when no lock was ever in force here.
    func acceptedLock() async throws(StoreFailure) -> JSONValue?
    /// Durable on return.
    func accept(lock: JSONValue) async throws(StoreFailure)
}
