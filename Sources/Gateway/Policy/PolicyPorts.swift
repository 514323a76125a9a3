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

    package init(key: Digest, revision: Result<PolicyRevision, RevisionRefusal>) {
        self.key = key
        self.revision = revision
    }
}

/// Remembers which revision was signed off last. Once it remembers one, the node is founding no more.
package protocol SignOffStore: Sendable {
    /// - Returns: nil when no revision was ever signed off here.
    func acceptedRevision() async throws(StoreFailure) -> JSONValue?
    /// Durable on return.
    func accept(revision: JSONValue) async throws(StoreFailure)
}
