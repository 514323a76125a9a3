import InterlockAdministration
import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockStore

/// The control log in SQLite.
@Suite struct ControlLogTests {
    private func withStore(
        _ body: (SQLiteStore, String) async throws -> Void
    ) async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let store = try SQLiteStore(path: path)
        defer { store.close() }
        try await body(store, path)
    }

    private func verified(_ store: SQLiteStore) async throws -> Int64 {
        try await ControlLogVerification.verify(store, hashing: OpenSSLHashing()).number
    }

    private func kinds(_ store: SQLiteStore) async throws -> [String] {
        try await store.entries(after: 0, most: 1000).map { "\($0.kind) \($0.subject)" }
    }

    @Test func `entries are linked, in order, and there after a restart`() async throws {
        try await withStore { store, path in
            for number in 1...600 {
                try await store.append([
                    ControlDraft(.lock, "lock", ["n": .integer(Int64(number))])
                ])
            }
            let both = try await store.append([
                ControlDraft(.quarantine, "a", [:]), ControlDraft(.quarantineEnd, "a", [:]),
            ])
            #expect(both.map(\.number) == [601, 602])
            #expect(both[1].previous == both[0].digest && both[0].node == "gw1")
            store.close()
            let again = try SQLiteStore(path: path)
            defer { again.close() }
            #expect(try await verified(again) == 602)
            #expect(try await again.entries(after: 600, most: 1).map(\.number) == [601])
            #expect(try await again.acceptedLock() == ["n": 600])
        }
    }

    @Test func `ten thousand entries verify in pages`() async throws {
        try await withStore { store, _ in
            for first in stride(from: 0, to: 10_000, by: 1000) {
                try await store.append(
                    (first..<first + 1000).map {
                        ControlDraft(
                            .person, "p\($0)",
                            ["keys": .array([.string(String(repeating: "k", count: 400))])])
                    })
            }
            let clock = ContinuousClock()
            let begin = clock.now
            #expect(try await verified(store) == 10_000)
            print("10,000 entries of the control log verified in \(clock.now - begin)")
        }
    }

    @Test func `two openers of one store make one chain`() async throws {
        try await withStore { store, path in
            let other = try SQLiteStore(path: path)
            defer { other.close() }
            for number in 0..<20 {
                try await (number % 2 == 0 ? store : other).append([
                    ControlDraft(.quarantine, "s\(number)", [:])
                ])
            }
            await withTaskGroup { group in
                for number in 0..<40 {
                    group.addTask {
                        _ = try? await (number % 2 == 0 ? store : other).append([
                            ControlDraft(.quarantine, "t\(number)", [:])
                        ])
                    }
                }
            }
            #expect(try await verified(store) == 60)
        }
    }

    @Test func `an order has one entry, however often it is appended`() async throws {
        try await withStore { store, _ in
            let halt = ControlDraft(.halt, "01", ["n": 1])
            let first = try await store.append([halt])
            let more = try await store.append([
                halt, ControlDraft(.halt, "02", ["n": 2]), ControlDraft(.release, "01", ["n": 3]),
                ControlDraft(.halt, "01", ["n": 9]),
            ])
            #expect(more.map(\.number) == [1, 2, 3, 1])
            #expect(more[0] == first[0])
            #expect(try await kinds(store) == ["halt 01", "halt 02", "release 01"])
        }
    }

    @Test func `a row and its entry are one transaction`() async throws {
        try await withStore { store, _ in
            let id = ElevationID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
            #expect(
                try await store.put(
                    elevation: id, state: "requested", revision: 1, replacing: nil, body: [:]))
            let grant = ControlDraft(.elevation, id.text, ["n": 1])
            // Another writer was first: neither the row nor the entry.
            #expect(
                try await !store.put(
                    elevation: id, state: "granted", revision: 3, replacing: 2, body: [:],
                    appending: grant))
            #expect(try await kinds(store).isEmpty)
            #expect(
                try await store.put(
                    elevation: id, state: "granted", revision: 2, replacing: 1, body: ["n": 2],
                    appending: grant))
            try await store.keep(
                people: [PeopleRow(.passkey, "a", ["n": 1])],
                appending: [ControlDraft(.person, "li", ["roles": []])])
            #expect(try await kinds(store) == ["elevation \(id.text)", "person li"])
            // An entry that cannot be written takes its row with it, and a row its entry.
            try await store.perform { database throws(DatabaseError) in
                try database.run(
                    """
                    CREATE TRIGGER full BEFORE INSERT ON control
                    BEGIN SELECT raise(ABORT, 'disk full'); END
                    """)
            }
            await #expect(throws: StoreFailure.self) {
                try await store.put(
                    elevation: id, state: "ended", revision: 3, replacing: 2, body: [:],
                    appending: ControlDraft(.elevationEnd, id.text, [:]))
            }
            await #expect(throws: StoreFailure.self) {
                try await store.keep(
                    people: [PeopleRow(.passkey, "b", ["n": 1])],
                    appending: [ControlDraft(.person, "sam", [:])])
            }
            #expect(try await store.openElevations() == [["n": 2]])
            #expect(try await store.peopleRows().map(\.id) == ["a"])
            #expect(try await verified(store) == 2)
        }
    }

    @Test func `the rows of a store before the control log move into it, once`() async throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let id = ElevationID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        do {
            let old = try Database(path)
            for step in Migrations.steps.prefix(8) {
                for statement in step { try old.run(statement) }
            }
            try old.run("PRAGMA user_version = 8")
            try old.run("INSERT INTO sign_off VALUES (1, '{\"digest\":\"r\"}')")
            try old.run("INSERT INTO accepted_lock VALUES (1, '{\"digest\":\"l\"}')")
            try old.run("INSERT INTO quarantine VALUES ('desk', '{\"reason\":\"so\"}')")
            try old.run("INSERT INTO quarantine VALUES ('wiki', 'not readable')")
            for (name, state) in [(id.text, "granted"), ("x", "requested"), ("y", "ended")] {
                try old.run(
                    "INSERT INTO elevation VALUES (?, ?, 1, '{\"n\":1}')", .text(name),
                    .text(state))
            }
        }
        for _ in 0..<2 {
            let store = try SQLiteStore(path: path)
            defer { store.close() }
            #expect(try await store.acceptedRevision() == ["digest": "r"])
            #expect(try await store.acceptedLock() == ["digest": "l"])
            let quarantines = try await store.quarantines()
            #expect(quarantines.map(\.server.text) == ["desk", "wiki"])
            #expect(quarantines.map(\.body) == [["reason": "so"], [:]])
            #expect(try await store.openElevations().count == 2)
            #expect(
                try await kinds(store) == [
                    "revision policy", "lock lock", "quarantine desk", "quarantine wiki",
                    "elevation \(id.text)",
                ])
            #expect(try await verified(store) == 5)
            try await ControlLogVerification.check(granted: [id], in: store)
        }
        let tables = try Database(path).run(
            "SELECT name FROM sqlite_master WHERE name IN ('sign_off', 'accepted_lock', 'quarantine')"
        )
        #expect(tables.isEmpty)
    }

    @Test func `an old store whose sign-off cannot be read does not open, and keeps it`() throws {
        let folder = try makeFolder()
        defer { removeFolder(folder) }
        let path = folder + "/interlock.db"
        let old = try Database(path)
        for step in Migrations.steps.prefix(8) {
            for statement in step { try old.run(statement) }
        }
        try old.run("PRAGMA user_version = 8")
        try old.run("INSERT INTO sign_off VALUES (1, 'gone')")
        #expect(throws: StoreFailure.self) { try SQLiteStore(path: path) }
        #expect(try old.run("SELECT body FROM sign_off") == [[.text("gone")]])
        #expect(try old.run("PRAGMA user_version") == [[.integer(8)]])
    }

    @Test(arguments: [
        "UPDATE control SET body = '{\"n\":9}' WHERE n = 2",
        "UPDATE control SET subject = 'wiki' WHERE n = 2", "DELETE FROM control WHERE n = 2",
        "DELETE FROM control WHERE n = 1", "UPDATE control SET kind = 'use' WHERE n = 3",
        "UPDATE control SET digest = x'00' WHERE n = 3",
        "UPDATE control SET previous = zeroblob(32) WHERE n = 3",
        "UPDATE control SET at = at + 1 WHERE n = 1",
    ])
    func `an edit of the table is found`(edit: String) async throws {
        try await withStore { store, _ in
            for server in ["a", "b", "c"] {
                try await store.append([ControlDraft(.quarantine, server, ["n": 1])])
            }
            try await store.perform { database throws(DatabaseError) in try database.run(edit) }
            await #expect(throws: ControlLogFailure.self) { try await verified(store) }
        }
    }

    @Test func `an entry that was edited while the node runs is not read as what holds`()
        async throws
    {
        try await withStore { store, _ in
            try await store.accept(revision: ["digest": "a"])
            try await store.perform { database throws(DatabaseError) in
                try database.run("UPDATE control SET body = '{\"digest\":\"b\"}'")
            }
            await #expect(throws: StoreFailure.self) { try await store.acceptedRevision() }
        }
    }

    @Test func `an elevation that the control log ended or never granted is found`() async throws {
        try await withStore { store, _ in
            let id = ElevationID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
            await #expect(throws: ControlLogFailure.self) {
                try await ControlLogVerification.check(granted: [id], in: store)
            }
            try await store.append([ControlDraft(.elevation, id.text, [:])])
            try await ControlLogVerification.check(granted: [id], in: store)
            try await store.append([ControlDraft(.elevationEnd, id.text, [:])])
            await #expect(throws: ControlLogFailure.self) {
                try await ControlLogVerification.check(granted: [id], in: store)
            }
        }
    }

    @Test func `a reader that follows receives the newest number`() async throws {
        try await withStore { store, _ in
            var heads = store.heads().makeAsyncIterator()
            try await store.accept(lock: ["n": 1])
            #expect(await heads.next() == 1)
            try await store.accept(lock: ["n": 2])
            try await store.accept(lock: ["n": 3])
            #expect(await heads.next() == 3)
        }
    }
}
