import Glibc
import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockStore

@Suite struct SQLiteStoreTests {
    private func id(_ number: Int) -> ApprovalID {
        ApprovalID(milliseconds: Int64(number), random: [UInt8](repeating: 1, count: 10))
    }

    private func new(_ number: Int) -> ApprovalRow { ApprovalRow(new: id(number)) }
    private func row(_ number: Int) -> ApprovalRow {
        ApprovalRow(id: id(number), revision: 1, version: 1)
    }

    /// Stores a request in this state, in revision 1.
    private func put(
        _ id: ApprovalID, in state: ApprovalRowState, _ body: JSONValue, into store: SQLiteStore
    ) async throws {
        let changes: [ApprovalChange] =
            switch state {
            case .pending: []
            case .approved: [.vote(isLast: true)]
            case .using: [.vote(isLast: true), .use]
            case .used: [.vote(isLast: true), .use, .settle(isRecorded: true)]
            case .denied: [.end(.denied)]
            case .expired: [.end(.expired)]
            case .withdrawn: [.end(.withdrawn)]
            case .void: [.end(.void)]
            }
        try #require(
            try await store.write(.ask, to: ApprovalRow(new: id), body: body) == .done)
        for (place, change) in changes.enumerated() {
            let row = ApprovalRow(id: id, revision: 1, version: place + 1)
            try #require(try await store.write(change, to: row, body: body) == .done)
        }
    }

    @Test func `requests survive a restart; final ones are left out`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let store = try SQLiteStore(path: folder + "/interlock.db")
        #expect(try await store.write(.ask, to: new(1), body: ["n": 1, "t": "größer"]) == .done)
        #expect(try await store.write(.ask, to: new(2), body: ["n": 2]) == .done)
        #expect(try await store.write(.end(.void), to: row(2), body: ["n": 2]) == .done)
        store.close()
        let again = try SQLiteStore(path: folder + "/interlock.db")
        let always = Timestamp(microseconds: 0)
        let open = try await again.rows(refusedSince: always).open
        #expect(open.map(\.body) == [["n": 1, "t": "größer"]] && open.map(\.version) == [1])
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

    @Test func `no byte of the requests of an erased run is left in the store's files`()
        async throws
    {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let store = try SQLiteStore(path: path)
        defer { store.close() }
        let runs = (1...3).map {
            RunID(
                milliseconds: $0 * 86_400_000, random: [UInt8](repeating: UInt8($0), count: 10))
        }
        func body(_ run: RunID, _ secret: String) -> JSONValue {
            ["request": ["review": ["call": ["run": .string(run.text), "args": .string(secret)]]]]
        }
        let long = String(repeating: "Zuckerwatte", count: 2000)
        try await put(id(1), in: .denied, body(runs[0], "Zuckerwatte"), into: store)
        try await put(id(2), in: .pending, body(runs[0], long), into: store)
        try await put(id(3), in: .used, body(runs[1], "Lampshade"), into: store)
        try await put(id(4), in: .using, body(runs[1], "in-use"), into: store)
        try await put(id(5), in: .void, body(runs[2], "kept-text"), into: store)
        try await put(id(6), in: .void, ["n": 1], into: store)
        try await store.removeRequests(
            of: Erasure(runs: [runs[0]], days: [CivilDate(daysSince1970: 2)]))
        let bytes = try ["", "-wal"].flatMap { ending in
            try FileDescriptor(path + ending, O_RDONLY).read(at: 0, count: 1 << 20)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("Zuckerwatte") && !text.contains("Lampshade"))
        #expect(text.contains("kept-text") && text.contains("in-use"))
        #expect(try await store.endedRows(most: 10).bodies.count == 2)
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
        try await put(id(1), in: .pending, ["n": deep], into: store)
        for number in [2, 3] {
            try await put(id(number), in: .pending, ["n": .integer(Int64(number))], into: store)
        }
        try Database(path).run("UPDATE approval SET body = '{' WHERE id = ?", .text(id(2).text))
        let rows = try await store.rows(refusedSince: Timestamp(microseconds: 0))
        #expect(rows.open.map(\.body) == [["n": deep], ["n": 3]])
        #expect(rows.unreadable == [id(2).text])
    }

    @Test func `a store of before is opened, and its requests can be changed`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        do {
            let database = try Database(path)
            for step in Migrations.steps.dropLast() {
                for statement in step { try database.run(statement) }
            }
            try database.run("PRAGMA user_version = \(Migrations.steps.count - 1)")
            for number in 1...2 {
                try database.run(
                    "INSERT INTO approval (id, state, revision, body) VALUES (?, ?, 3, '{}')",
                    .text(id(number).text), .text(number == 1 ? "pending" : "using"))
            }
        }
        let store = try SQLiteStore(path: path)
        defer { store.close() }
        let open = try await store.rows(refusedSince: Timestamp(microseconds: 0)).open
        #expect(open.map(\.version) == [1, 1])
        func row(_ number: Int) -> ApprovalRow {
            ApprovalRow(id: id(number), revision: 3, version: 1)
        }
        #expect(try await store.write(.vote(isLast: true), to: row(1), body: [:]) == .done)
        #expect(try await store.write(.settle(isRecorded: true), to: row(2), body: [:]) == .done)
    }

    @Test func `a nonce is used once, for ever`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        var store = try SQLiteStore(path: path)
        let end = SystemClock().now.wall + .seconds(3600)
        #expect(try await store.consume(nonce: "a", expires: end))
        #expect(try await !store.consume(nonce: "a", expires: end))
        store.close()
        store = try SQLiteStore(path: path)
        #expect(try await !store.consume(nonce: "a", expires: end))
        #expect(try await store.consume(nonce: "b", expires: end))
        store.close()
    }

    @Test func `nonces that ended a day ago are deleted, and none is used again`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let clock = MovedClock()
        let store = try SQLiteStore(
            path: path, stamp: ControlStamp(node: "gw1", clock: clock, hashing: OpenSSLHashing()))
        func count() async throws -> Int64 {
            try await store.perform { database throws(DatabaseError) in
                try database.run("SELECT count(*) FROM nonce WHERE nonce LIKE 'n%'")
                    .first?.first?.integer ?? -1
            }
        }
        let began = clock.wall
        func end(_ hours: Int64) -> Timestamp { began + .seconds(hours * 3600) }
        for number in 0..<20 {
            #expect(try await store.consume(nonce: "n\(number)", expires: end(1)))
        }
        clock.move(.seconds(24 * 3600))
        #expect(try await store.consume(nonce: "n20", expires: end(25)))
        #expect(try await count() == 21)
        clock.move(.seconds(2 * 3600))
        #expect(try await store.consume(nonce: "n21", expires: end(27)))
        #expect(try await count() == 2)
        // Also after the clock was set back, what was deleted is consumed, and so is what ended with it.
        clock.move(.seconds(-26 * 3600))
        #expect(try await !store.consume(nonce: "n3", expires: end(1)))
        #expect(try await !store.consume(nonce: "never seen", expires: end(1)))
        #expect(try await !store.consume(nonce: "n20", expires: end(25)))
        #expect(try await store.consume(nonce: "n22", expires: end(3)))
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
