import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The sessions of people on one node: in memory for every request, and in the store, so that a restart signs no one out.
///
/// INVARIANT: a session that was begun or ended is so after a crash too, and a row that this node did not write is no
/// session: each carries a code under a key of the node. Kept by `StoredPersonSessionsTests`, `test_console_contact.py`.
package final class StoredPersonSessions: PersonSessionEntries {
    /// The interval at which the last use of a session is stored, so that reading pages does not write each time.
    static let useInterval = Duration.seconds(60)

    private struct State {
        var table = PersonSessionTable()
        var isLoaded = false
        /// The last stored use of each session.
        var stored: [Digest: Timestamp] = [:]
    }
    private let state = Mutex(State())
    private let store: any PersonSessionStore
    private let code: @Sendable ([UInt8]) -> [UInt8]
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void

    /// - Parameter code: authenticates rows under a key that outlives the process.
    package init(
        _ store: any PersonSessionStore, code: @escaping @Sendable ([UInt8]) -> [UInt8],
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.store = store
        self.code = code
        self.alarm = alarm
    }

    package func begin(_ token: Digest, _ entry: PersonSessionEntry) async throws(StoreFailure) {
        try await load()
        try await store.keep(sessions: [kept(token, entry)], now: entry.began)
        let replaced = state.withLock { state in
            state.stored[token] = entry.seen
            let replaced = state.table.begin(token, entry)
            for token in replaced { state.stored[token] = nil }
            return replaced
        }
        if !replaced.isEmpty { try await store.forget(sessions: replaced) }
    }

    package func find(
        _ token: Digest, at now: Timestamp, isUse: Bool
    ) async throws(StoreFailure) -> PersonSessionEntry? {
        try await load()
        let (entry, isDue) = state.withLock { state in
            let entry = state.table.find(token, at: now, isUse: isUse)
            guard let entry, isUse, let stored = state.stored[token],
                stored + Self.useInterval <= entry.seen
            else { return (entry, false) }
            state.stored[token] = entry.seen
            return (entry, true)
        }
        // A use that is not stored only ends the session earlier after a restart.
        if let entry, isDue { try? await store.keep(sessions: [kept(token, entry)], now: now) }
        return entry
    }

    package func sessions(
        of person: Pseudonym, at now: Timestamp
    ) async throws(StoreFailure) -> [Digest: PersonSessionEntry] {
        try await load()
        return state.withLock { $0.table.sessions(of: person, at: now) }
    }

    package func end(_ token: Digest) async throws(StoreFailure) {
        try await load()
        state.withLock { state in
            state.table.end(token)
            state.stored[token] = nil
        }
        try await store.forget(sessions: [token])
    }

    package func sweep(at now: Timestamp) {
        state.withLock { state in
            for token in state.table.sweep(at: now) { state.stored[token] = nil }
        }
    }

    /// Reads the store once. Of two that do it at once, the later one changes nothing.
    private func load() async throws(StoreFailure) {
        guard !state.withLock({ $0.isLoaded }) else { return }
        let rows = try await store.keptSessions()
        var refused = 0
        let entries = rows.compactMap { row -> (Digest, PersonSessionEntry)? in
            guard let entry = entry(of: row) else {
                refused += 1
                return nil
            }
            return (row.token, entry)
        }
        let isFirst = state.withLock { state in
            guard !state.isLoaded else { return false }
            state.isLoaded = true
            for (token, entry) in entries.sorted(by: { $0.1.seen < $1.1.seen }) {
                _ = state.table.begin(token, entry)
                state.stored[token] = entry.seen
            }
            return true
        }
        if isFirst, refused > 0 { alarm("people.session_refused", "\(refused) stored sessions") }
    }

    private func kept(_ token: Digest, _ entry: PersonSessionEntry) -> StoredSession {
        let object: JSONObject = [
            "began": .integer(entry.began.microseconds),
            "credential": .string(entry.credential.text),
            "key": .string(Base64.encodeURL(entry.key.point)),
            "person": .string(entry.person.text), "seen": .integer(entry.seen.microseconds),
        ]
        let body = String(decoding: object.serialized(), as: UTF8.self)
        return StoredSession(
            token: token, text: sealed(body, token), ends: PersonSessionTable.end(of: entry))
    }

    /// The body after its code, which covers the token too, so that no row counts for another token.
    private func sealed(_ body: String, _ token: Digest) -> String {
        Base64.encodeURL(code(Array("\(token.base64)\0\(body)".utf8))) + " " + body
    }

    private func entry(of row: StoredSession) -> PersonSessionEntry? {
        let parts = row.text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2,
            equalInConstantTime(
                Array(row.text.utf8), Array(sealed(String(parts[1]), row.token).utf8)),
            let fields = (try? JSONValue(parsing: Array(parts[1].utf8), limits: .agent))?.object,
            let began = fields["began"]?.integer, let seen = fields["seen"]?.integer,
            let credential = fields["credential"]?.string.flatMap({ PasskeyID(text: $0) }),
            let point = fields["key"]?.string.flatMap({ Base64.decodeURL($0) }),
            let key = PersonSessionKey(point), let person = fields["person"]?.string
        else { return nil }
        var entry = PersonSessionEntry(
            person: Pseudonym(text: person), credential: credential, key: key,
            began: Timestamp(microseconds: began))
        entry.seen = Timestamp(microseconds: seen)
        return entry
    }
}
