package import InterlockJSON
import InterlockLedger
package import InterlockModel

/// The connections to servers; a connection is given up if its server violates the protocol.
package protocol UpstreamTrial: Sendable {
    /// Restarts the connection to a server if it was given up. Returns when the server has listed its tools, has failed
    /// to, or has taken too long.
    func tryAgain(_ server: ServerName) async
}

/// Durable storage of the orders that quarantine servers.
package protocol QuarantineStore: Sendable {
    func quarantines() async throws(StoreFailure) -> [(server: ServerName, body: JSONValue)]
    /// Durable on return; replaces an entry of the same server.
    func keep(quarantine server: ServerName, body: JSONValue) async throws(StoreFailure)
    /// Durable on return.
    func remove(quarantine server: ServerName) async throws(StoreFailure)
}
