import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockKeys
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockStore

@Suite struct SQLiteStoreTests {
    private func id(_ number: Int) -> ApprovalID {
        ApprovalID(milliseconds: Int64(number), random: [UInt8](repeating: 1, count: 10))
    }

    @Test func `requests survive a restart; final ones are left out`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        try await store.insert(
            id: id(1), state: "pending", revision: 1, body: ["n": 1, "t": "größer"])
        try await store.insert(id: id(2), state: "pending", revision: 1, body: ["n": 2])
        let used = try await store.replace(
            id: id(2), revision: 1, state: "pending", with: "used", newRevision: 2, body: ["n": 2])
        #expect(used)
        store.close()
        let again = try SQLiteStore(path: folder + "/interlock.db")
        let always = Timestamp(microseconds: 0)
        #expect(try await again.rows(refusedSince: always).open == [["n": 1, "t": "größer"]])
        again.close()
        await #expect(throws: StoreFailure.self) { try await again.rows(refusedSince: always) }
    }

    @Test func `probes are kept apart from requests, until they are dropped`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        try await store.keep(probe: id(1), body: ["n": 1])
        try await store.keep(probe: id(2), body: ["n": 2])
        try await store.keep(probe: id(1), body: ["n": 3])
        store.close()
        let again = try SQLiteStore(path: folder + "/interlock.db")
        defer { again.close() }
        #expect(try await again.probes() == [["n": 3], ["n": 2]])
        #expect(try await again.rows(refusedSince: Timestamp(microseconds: 0)).open.isEmpty)
        try await again.drop(probe: id(1))
        try await again.drop(probe: id(9))
        #expect(try await again.probes() == [["n": 2]])
    }

    @Test func `what was denied or ran out lately is found again, oldest first`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        defer { store.close() }
        let ends = ["denied", "expired", "void", "used", "denied", "withdrawn", "denied"]
        for (place, end) in ends.enumerated() {
            let id = id(1000 * (place + 1))
            let body: JSONValue = ["n": .integer(Int64(place))]
            try await store.insert(id: id, state: "pending", revision: 1, body: body)
            _ = try await store.replace(
                id: id, revision: 1, state: "pending", with: end, newRevision: 1, body: body)
        }
        func refused(since seconds: Int64) async throws -> [JSONValue] {
            try await store.rows(refusedSince: Timestamp(microseconds: seconds * 1_000_000)).refused
        }
        #expect(try await refused(since: 0) == [["n": 0], ["n": 1], ["n": 4], ["n": 6]])
        #expect(try await refused(since: 2) == [["n": 1], ["n": 4], ["n": 6]])
        #expect(try await refused(since: 8) == [])
        #expect(try await refused(since: -1).count == 4)
    }

    @Test func `of what ended the newest are found, newest first`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        defer { store.close() }
        let states = [
            "denied", "pending", "void", "used", "approved", "using", "withdrawn", "expired",
        ]
        for (place, state) in states.enumerated() {
            try await store.insert(
                id: id(place), state: state, revision: 1, body: ["n": .integer(Int64(place))])
        }
        #expect(try await store.endedRows(most: 10).bodies == [7, 6, 3, 2, 0].map { ["n": $0] })
        #expect(try await store.endedRows(most: 2).bodies == [["n": 7], ["n": 6]])
        #expect(try await store.endedRows(most: 0).bodies == [])
    }

    @Test func `a row that cannot be read is named and keeps no other from being read`()
        async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let store = try SQLiteStore(path: path)
        defer { store.close() }
        // A value within its own depth limit is deeper inside a row.
        let deep = (1..<200).reduce(JSONValue.array([])) { value, _ in .array([value]) }
        try await store.insert(id: id(1), state: "pending", revision: 1, body: ["n": deep])
        for number in [2, 3] {
            try await store.insert(
                id: id(number), state: "pending", revision: 1,
                body: ["n": .integer(Int64(number))])
        }
        try Database(path).run("UPDATE approval SET body = '{' WHERE id = ?", .text(id(2).text))
        let rows = try await store.rows(refusedSince: Timestamp(microseconds: 0))
        #expect(rows.open == [["n": deep], ["n": 3]])
        #expect(rows.unreadable == [id(2).text])
    }

    @Test func `of many who change one revision, one succeeds`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        defer { store.close() }
        let request = id(1)
        try await store.insert(id: request, state: "pending", revision: 1, body: ["n": 0])
        let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
            for caller in 0..<32 {
                group.addTask {
                    try await store.replace(
                        id: request, revision: 1, state: "pending", with: "approved",
                        newRevision: 2, body: ["n": .integer(Int64(caller))])
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
        // A different state does not match either.
        let wrong = try await store.replace(
            id: request, revision: 2, state: "pending", with: "used", newRevision: 3, body: [:])
        #expect(!wrong)
        await #expect(throws: StoreFailure.self) {
            try await store.insert(id: request, state: "pending", revision: 1, body: [:])
        }
    }

    @Test func `a nonce is used once, for ever`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        var store = try SQLiteStore(path: path)
        let end = Timestamp(microseconds: 5)
        #expect(try await store.consume(nonce: "a", expires: end))
        #expect(try await !store.consume(nonce: "a", expires: end))
        store.close()
        store = try SQLiteStore(path: path)
        #expect(try await !store.consume(nonce: "a", expires: end))
        #expect(try await store.consume(nonce: "b", expires: end))
        store.close()
    }

    @Test func `a store of a newer version, or no store at all, is refused`() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        try SQLiteStore(path: path).close()
        do {
            let database = try Database(path)
            try database.run("PRAGMA user_version = 99")
        }
        #expect(throws: StoreFailure.self) { try SQLiteStore(path: path) }
        try Folder.replace(path, with: Array("this is no database, but it is long enough".utf8))
        #expect(throws: StoreFailure.self) { try SQLiteStore(path: path) }
    }

    @Test func `what was committed is on disk: WAL, synchronous FULL`() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let database = try Database(folder + "/a.db")
        #expect(try database.run("PRAGMA journal_mode").first?.first?.text == "wal")
        #expect(try database.run("PRAGMA synchronous").first?.first?.integer == 2)
    }
}

@Suite struct `Elevations and sign-offs in the store` {
    @Test func `both survive a restart; what ended is left out`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        func id(_ number: Int64) -> ElevationID {
            ElevationID(milliseconds: number, random: [UInt8](repeating: 1, count: 10))
        }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        for number in [1, 2] as [Int64] {
            #expect(
                try await store.put(
                    elevation: id(number), state: "requested", revision: 1, replacing: nil,
                    body: ["n": .integer(number)]))
        }
        #expect(
            try await !store.put(
                elevation: id(1), state: "requested", revision: 1, replacing: nil, body: [:]))
        #expect(
            try await store.put(
                elevation: id(1), state: "granted", revision: 2, replacing: 1, body: ["n": 3]))
        #expect(
            try await !store.put(
                elevation: id(1), state: "ended", revision: 2, replacing: 1, body: [:]))
        #expect(
            try await store.put(
                elevation: id(2), state: "denied", revision: 2, replacing: 1, body: [:]))
        #expect(try await store.acceptedRevision() == nil)
        #expect(try await store.acceptedLock() == nil)
        let desk = try #require(ServerName("desk"))
        try await store.keep(quarantine: desk, body: ["reason": "a"])
        try await store.keep(quarantine: desk, body: ["reason": "b"])
        try await store.accept(lock: ["digest": "x"])
        try await store.accept(lock: ["digest": "y"])
        try await store.accept(revision: ["digest": "a"])
        try await store.accept(revision: ["digest": "b"])
        store.close()
        let again = try SQLiteStore(path: folder + "/interlock.db")
        defer { again.close() }
        #expect(try await again.openElevations() == [["n": 3]])
        #expect(try await again.acceptedRevision() == ["digest": "b"])
        #expect(try await again.acceptedLock() == ["digest": "y"])
        #expect(try await again.quarantines().map(\.body) == [["reason": "b"]])
        try await again.remove(quarantine: desk)
        #expect(try await again.quarantines().isEmpty)
    }
}
