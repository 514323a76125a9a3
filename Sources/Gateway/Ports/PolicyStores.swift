package import InterlockJSON
import InterlockLedger
package import InterlockModel

/// Stores every policy that was staged, and so every policy that was ever in force: its decisions can be replayed.
package protocol PolicyHistoryStore: Sendable {
    /// Durable on return. Storing the same policy again changes nothing.
    ///
    /// - Parameters:
    ///   - canonical: the text whose SHA-256 is the policy digest.
    ///   - bundle: the source from which the policy was compiled.
    /// - Returns: whether the policy was stored before.
    @discardableResult func keep(canonical: [UInt8], bundle: [UInt8]) throws(StoreFailure) -> Bool
}

/// The files from which the policies that were in force were compiled, for pages.
package protocol PolicySources: Sendable {
    /// Blocks while the files are read.
    ///
    /// - Parameter digest: SHA-256 of a `PolicyBundle`.
    /// - Returns: the bundle, or nil if it was never stored.
    func bundle(_ digest: Digest) throws(StoreFailure) -> [UInt8]?
}

/// Remembers the last revision that was signed off and the last lock that was in force. Once a sign-off is stored, the
/// node is no longer in its founding state. A node keeps both in its control log (`ControlLog`).
package protocol SignOffStore: Sendable {
    /// - Returns: nil if no revision was ever signed off on this node.
    func acceptedRevision() async throws(StoreFailure) -> JSONValue?
    /// Durable on return.
    func accept(revision: JSONValue) async throws(StoreFailure)
    /// - Returns: nil if no lock was ever in force on this node.
    func acceptedLock() async throws(StoreFailure) -> JSONValue?
    /// Durable on return.
    func accept(lock: JSONValue) async throws(StoreFailure)
}

/// The connections to servers; a connection is given up if its server violates the protocol.
package protocol UpstreamTrial: Sendable {
    /// Restarts the connection to a server if it was given up. Returns when the server has listed its tools, has failed
    /// to, or has taken too long.
    func tryAgain(_ server: ServerName) async
}

/// Durable storage of the orders that quarantine servers. A node keeps them in its control log (`ControlLog`).
package protocol QuarantineStore: Sendable {
    func quarantines() async throws(StoreFailure) -> [(server: ServerName, body: JSONValue)]
    /// Durable on return; replaces an entry of the same server.
    func keep(quarantine server: ServerName, body: JSONValue) async throws(StoreFailure)
    /// Durable on return.
    func remove(quarantine server: ServerName) async throws(StoreFailure)
}
