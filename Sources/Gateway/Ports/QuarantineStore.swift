package import InterlockJSON
import InterlockLedger
package import InterlockModel

/// The connections to servers, which are given up where a server breaks the protocol.
package protocol UpstreamTrial: Sendable {
    /// Where the connection to a server was given up, begins it anew. Returns when the server has listed its
    /// tools, or could not, or has taken too long for it.
    func tryAgain(_ server: ServerName) async
}

/// Where orders to shut off servers outlive the process.
package protocol QuarantineStore: Sendable {
    func quarantines() async throws(StoreFailure) -> [(server: ServerName, body: JSONValue)]
    /// Durable on return; one of the same server is replaced.
    func keep(quarantine server: ServerName, body: JSONValue) async throws(StoreFailure)
    /// Durable on return.
    func remove(quarantine server: ServerName) async throws(StoreFailure)
}
