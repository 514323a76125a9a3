package import InterlockJSON
package import InterlockModel

/// Where requests for approval live. Each method returns when the change is durable.
package protocol ApprovalStore: Sendable {
    /// Every request whose row is in none of the final states, in its stored JSON form. A row in the state
    /// `using` is open here too: the log says whether it was used. Besides, those made since a time that
    /// were denied or ran out, oldest first; of more than `mostRefused` the newest.
    func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows
    /// Of requests in a final state the newest, in their stored JSON form, newest first, and how many of these do
    /// not read.
    func endedRows(most: Int) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int)
    func insert(id: ApprovalID, state: String, revision: Int, body: JSONValue)
        async throws(StoreFailure)
    /// Compare-and-set on (id, revision, state). False: somebody else was first, nothing changed.
    func replace(
        id: ApprovalID, revision: Int, state: String, with newState: String, newRevision: Int,
        body: JSONValue
    ) async throws(StoreFailure) -> Bool
    /// Uses up a nonce for ever. False: it was used before.
    func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool
}

package struct ApprovalRows: Sendable {
    package let open: [JSONValue]
    package let refused: [JSONValue]
    /// Ids of rows that do not read as they were written: those requests can never be granted.
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
