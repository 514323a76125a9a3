import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench

@Suite struct StoredPersonSessionsTests {
    /// A store that outlives the process that writes it.
    private final class Shelf: PersonSessionStore {
        struct State {
            var rows: [Digest: StoredSession] = [:]
            var isBroken = false
            var writes = 0
        }
        let state = Mutex(State())

        var rows: [Digest: StoredSession] { state.withLock { $0.rows } }

        private func change(_ body: (inout State) -> Void) throws(StoreFailure) {
            let isBroken = state.withLock { state in
                if !state.isBroken { body(&state) }
                return state.isBroken
            }
            if isBroken { throw StoreFailure(reason: "disk") }
        }

        func keep(sessions: [StoredSession], now: Timestamp) async throws(StoreFailure) {
            try change { state in
                state.writes += 1
                for session in sessions { state.rows[session.token] = session }
            }
        }

        func forget(sessions: [Digest]) async throws(StoreFailure) {
            try change { state in for token in sessions { state.rows[token] = nil } }
        }

        func keptSessions() async throws(StoreFailure) -> [StoredSession] {
            try change { _ in }
            return Array(rows.values)
        }
    }

    private final class Alarms: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func note(_ code: String, _ subject: String) { list.withLock { $0.append(code) } }
    }

    private let shelf = Shelf()
    private let alarms = Alarms()
    private let start = Timestamp(microseconds: 1_795_169_731_500_000)

    /// The sessions as a process finds them that starts now.
    private func started(key: [UInt8] = [1]) -> StoredPersonSessions {
        let alarms = alarms
        return StoredPersonSessions(
            shelf, code: { hmacSHA256(key: key, $0) }, alarm: { alarms.note($0, $1) })
    }

    private func token(_ number: UInt8) -> Digest {
        Digest(bytes: Array(repeating: number, count: 32)).unwrapped
    }

    private func entry(_ number: UInt8, at began: Timestamp) throws -> PersonSessionEntry {
        PersonSessionEntry(
            person: Pseudonym(text: "ines"), credential: try #require(PasskeyID(bytes: [number])),
            key: AnyKey.key(number), began: began)
    }

    @Test func `a session is there after a restart, as it was, until its time is over`()
        async throws
    {
        let before = started()
        try await before.begin(token(1), entry(1, at: start))
        let later = start + .seconds(90)
        #expect(try await before.find(token(1), at: later, isUse: true) != nil)
        let after = started()
        var expected = try entry(1, at: start)
        expected.seen = later
        #expect(try await after.find(token(1), at: later, isUse: false) == expected)
        #expect(try await after.find(token(2), at: later, isUse: false) == nil)
        let end = later + PersonSessionTable.idle
        #expect(try await started().find(token(1), at: end, isUse: true) == nil)
        #expect(alarms.all.isEmpty)
    }

    @Test func `a session that was ended or replaced is gone after a restart`() async throws {
        let before = started()
        let most = UInt8(PersonSessionTable.mostOfOne)
        for number in 1...most + 1 {
            try await before.begin(
                token(number), entry(number, at: start + .seconds(Int64(number))))
        }
        try await before.end(token(3))
        let after = started()
        let now = start + .seconds(60)
        for number in 1...most + 1 {
            let isThere = try await after.find(token(number), at: now, isUse: false) != nil
            #expect(isThere == (number != 1 && number != 3), "\(number)")
        }
        #expect(shelf.rows.count == Int(most) - 1)
    }

    @Test func `the sessions of one person are found after a restart, but none that is over`()
        async throws
    {
        let before = started()
        try await before.begin(token(1), entry(1, at: start))
        try await before.begin(token(2), entry(2, at: start + .seconds(600)))
        let other = PersonSessionEntry(
            person: Pseudonym(text: "paul"), credential: try #require(PasskeyID(bytes: [9])),
            key: AnyKey.key(9), began: start)
        try await before.begin(token(9), other)
        let now = start + PersonSessionTable.idle
        let found = try await started().sessions(of: Pseudonym(text: "ines"), at: now)
        #expect(Array(found.keys) == [token(2)])
    }

    @Test func `uses are stored once a minute at most`() async throws {
        let sessions = started()
        try await sessions.begin(token(1), entry(1, at: start))
        for second in 1...300 {
            _ = try await sessions.find(token(1), at: start + .seconds(Int64(second)), isUse: true)
        }
        #expect(shelf.state.withLock { $0.writes } == 6)
    }

    @Test func `a row that this node did not write, or for another token, is no session`()
        async throws
    {
        try await started(key: [2]).begin(token(1), entry(1, at: start))
        let own = started()
        #expect(try await own.find(token(1), at: start, isUse: false) == nil)
        #expect(alarms.all == ["people.session_refused"])
        try await own.begin(token(2), entry(2, at: start))
        let row = try #require(shelf.rows[token(2)])
        let altered = [
            StoredSession(token: token(5), text: row.text, ends: row.ends),
            StoredSession(
                token: token(6), text: row.text.replacing("ines", with: "kim"), ends: row.ends),
            StoredSession(token: token(7), text: "", ends: row.ends),
            StoredSession(token: token(8), text: "x {}", ends: row.ends),
        ]
        try await shelf.keep(sessions: altered, now: start)
        let after = started()
        for number: UInt8 in 5...8 {
            #expect(try await after.find(token(number), at: start, isUse: false) == nil)
        }
        #expect(try await after.find(token(2), at: start, isUse: false) != nil)
    }

    @Test func `where the store cannot be read or written, no session begins and none is found`()
        async throws
    {
        shelf.state.withLock { $0.isBroken = true }
        let sessions = started()
        await #expect(throws: StoreFailure.self) {
            try await sessions.begin(token(1), entry(1, at: start))
        }
        await #expect(throws: StoreFailure.self) {
            try await sessions.find(token(1), at: start, isUse: false)
        }
        shelf.state.withLock { $0.isBroken = false }
        #expect(try await sessions.find(token(1), at: start, isUse: false) == nil)
        try await sessions.begin(token(1), entry(1, at: start))
        shelf.state.withLock { $0.isBroken = true }
        await #expect(throws: StoreFailure.self) { try await sessions.end(token(1)) }
        #expect(try await sessions.find(token(1), at: start, isUse: false) == nil)
    }
}
