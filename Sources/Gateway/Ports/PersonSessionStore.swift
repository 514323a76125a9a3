package import InterlockModel

/// Keeps the sessions of people across a restart of the gateway. The store knows no more of a session than the hash of its
/// token; its text is authenticated by the one who keeps it.
package protocol PersonSessionStore: Sendable {
    /// Adds or replaces sessions; durable on return. Sessions that ended before `now` are removed.
    func keep(sessions: [StoredSession], now: Timestamp) async throws(StoreFailure)

    /// Removes sessions; durable on return. Has no effect on unknown ones.
    func forget(sessions: [Digest]) async throws(StoreFailure)

    func keptSessions() async throws(StoreFailure) -> [StoredSession]
}

/// A session in the store.
package struct StoredSession: Hashable, Sendable {
    /// The hash of the token.
    package let token: Digest
    package let text: String
    package let ends: Timestamp

    package init(token: Digest, text: String, ends: Timestamp) {
        self.token = token
        self.text = text
        self.ends = ends
    }
}
