import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockStore

@Suite struct SessionStoreTests {
    @Test func `sessions are there after the store was opened again, until they end`() async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let now = Timestamp(microseconds: 1_795_169_731_500_000)
        func session(_ number: UInt8, _ text: String, seconds: Int64) throws -> StoredSession {
            StoredSession(
                token: try #require(Digest(bytes: Array(repeating: number, count: 32))), text: text,
                ends: now + .seconds(seconds))
        }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        let (first, second) = (try session(1, "a", seconds: 10), try session(2, "b", seconds: 60))
        try await store.keep(sessions: [first, second], now: now)
        try await store.keep(sessions: [try session(2, "c", seconds: 70)], now: now)
        store.close()

        let again = try SQLiteStore(path: folder + "/interlock.db")
        #expect(Set(try await again.keptSessions().map(\.text)) == ["a", "c"])
        try await again.keep(sessions: [], now: now + .seconds(10))
        #expect(try await again.keptSessions().map(\.text) == ["c"])
        try await again.forget(sessions: [second.token, first.token])
        #expect(try await again.keptSessions().isEmpty)
        again.close()
    }
}
