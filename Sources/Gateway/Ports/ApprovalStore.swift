package import InterlockJSON
package import InterlockModel

/// Storage of approval requests. Each method returns when the change is durable.
package protocol ApprovalStore: Sendable {
    /// Returns every request that is in no final state, in its stored JSON form. A row in the state `using` is open
    /// too: the log says whether it was used. Also returns the requests made since `time` that were denied or expired,
    /// oldest first, limited to the newest `mostRefused`.
    func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows
    /// Returns the newest requests in a final state, newest first, in their stored JSON form, and the number of these
    /// that cannot be read.
    func endedRows(most: Int) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int)
    func insert(id: ApprovalID, state: String, revision: Int, body: JSONValue)
        async throws(StoreFailure)
    /// Compares and sets by (id, revision, state). Returns false, and changes nothing, if another writer was first.
    func replace(
        id: ApprovalID, revision: Int, state: String, with newState: String, newRevision: Int,
        body: JSONValue
    ) async throws(StoreFailure) -> Bool
    /// Consumes a nonce permanently. Returns false if it was consumed before.
    func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool
}

package struct ApprovalRows: Sendable {
    package let open: [JSONValue]
    package let refused: [JSONValue]
    /// The ids of rows that do not read as they were written; these requests can never be granted.
    package let unreadable: [String]

    package static let mostRefused = 10_000

    package init(open: [JSONValue], refused: [JSONValue], unreadable: [String] = []) {
        self.open = open
        self.refused = refused
        self.unreadable = unreadable
    }
}

package struct StoreFailure: Error, Sendable {
    package let reason: String
    package init(reason: String) { self.reason = reason }
}

/// Storage of probes until they are decided. Each method returns when the change is durable. Probes are stored apart
/// from requests, so that no start can mistake one for a request.
package protocol ProbeStore: Sendable {
    /// Returns the probes in their stored form, unordered; a row that does not read as it was written is omitted.
    func probes() async throws(StoreFailure) -> [JSONValue]
    /// Stores a probe; replaces the one with the same id.
    func keep(probe id: ApprovalID, body: JSONValue) async throws(StoreFailure)
    func drop(probe id: ApprovalID) async throws(StoreFailure)
}
