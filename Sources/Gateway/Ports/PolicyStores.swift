package import InterlockJSON

/// Keeps every policy that was ever in force, so that its decisions can be made again.
package protocol PolicyHistoryStore: Sendable {
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
