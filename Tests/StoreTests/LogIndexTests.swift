import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import Synchronization
import Testing

@testable import InterlockStore

@Suite struct LogIndexTests {
    @Test(arguments: [IndexParts.smallest, 5, 1])
    func `an index finds what was recorded, by every field that it has, in any part of it`(
        partRows: UInt64
    ) async throws {
        var log = try await IndexedLog()
        log.partRows = partRows
        let index = try log.build()
        let all = try log.entries()
        #expect(index.isWhole && index.size == UInt64(all.count))
        var prover = try log.log.reader.prover(
            .atLeast(index.size), keys: [log.log.key], verifier: OpenSSLVerifier())
        #expect(try index.root == prover.root(at: index.size))

        let closed = try #require(all.first { $0.record?.type == "call.outcome" })
        let intent = try #require(closed.record?.digest("intent"))
        let opened = try #require(all.first { $0.leaf.hash == intent })
        let call = try #require(opened.record?.text("call"))
        #expect(try index.find(.hash(intent), limit: 9).map(\.index) == [opened.index])
        #expect(try index.find(.call(call), limit: 9).map(\.index).contains(opened.index))
        #expect(try index.find(.id(call), limit: 9).map(\.index).contains(opened.index))
        #expect(try index.find(.index(closed.index), limit: 9).map(\.hash) == [closed.leaf.hash])
        #expect(try index.following(intent: intent).map(\.index) == [closed.index])

        let filters: [(inout RecordFilter) -> Void] = [
            { _ in }, { $0.type = "call.intent" }, { $0.agents = ["agent-1", "agent-2"] },
            { $0.tool = "tickets__close_ticket" }, { $0.decision = "deny" },
            { $0.rule = "scope.tickets" }, { $0.run = opened.record?.text("run") },
            { $0.type = "never.seen" }, { $0.agents = [] },
            {
                $0.since = Timestamp(microseconds: opened.record?["ts"]?.integer ?? 0)
                $0.until = Timestamp(microseconds: closed.record?["ts"]?.integer ?? 0)
            },
        ]
        for change in filters {
            var filter = RecordFilter()
            change(&filter)
            let expected = all.filter { $0.record.map(filter.matches) ?? false }.map(\.index)
            #expect(try index.search(filter, limit: 1000).map(\.index).reversed() == expected)
            #expect(
                try index.search(filter, limit: 2).map(\.index).reversed() == expected.suffix(2))
        }
        log.partRows = IndexParts.smallest
        #expect(try index.differences(from: log.fresh()) == [])
        #expect(try index.firstDay() == log.fresh().firstDay())
    }

    @Test(arguments: [IndexParts.smallest, 5, 1])
    func `the records of a run are found by their numbers in it, in any part`(
        partRows: UInt64
    ) async throws {
        var log = try await IndexedLog()
        try await log.add(4)
        log.partRows = partRows
        let index = try log.build()
        let runs = Dictionary(grouping: try log.entries()) { $0.record?.text("run") }
        for case (let name?, let records) in runs {
            let run = try #require(RunID(name))
            let numbers = try records.map { try #require($0.record?["rs"]?.integer) }
            let span = try #require(numbers.first)..<(try #require(numbers.last)) + 1
            #expect(try index.span(of: run) == span)
            #expect(try index.records(of: run, in: span).map(\.index) == records.map(\.index))
            let inner = span.dropFirst().dropLast()
            #expect(
                try index.records(of: run, in: inner).map(\.index)
                    == records.dropFirst().dropLast().map(\.index))
        }
        #expect(runs.values.contains { $0.count > 4 }, "some have more than two calls")
        let other = try #require(RunID("7zzzzzzzzzzzzzzzzzzzzzzzzz"))
        #expect(try index.span(of: other) == nil)
        #expect(try index.records(of: other, in: 0..<9).isEmpty)
    }

    @Test func `full parts have their indices; what follows stands in a new one`() async throws {
        var log = try await IndexedLog()
        log.partRows = 4
        let size = try log.build().size
        try await log.add(3)
        let index = try log.build()
        #expect(index.size > size)
        let tables = try index.database.run(
            "SELECT tbl_name, count(*) FROM sqlite_schema WHERE tbl_name GLOB 'entry_*' GROUP BY 1")
        let counts = tables.map { $0[1].integer }
        #expect(tables.count == Int((index.size + 3) / 4))
        #expect(counts.filter { $0 == 11 }.count == tables.count - 1 && counts.contains(1))
        log.partRows = IndexParts.smallest
        #expect(try index.differences(from: log.fresh()) == [])
    }

    @Test func `a search of full parts takes their indices, and sorts nothing`() async throws {
        var log = try await IndexedLog()
        log.partRows = 4
        let index = try log.build()
        let plan = try index.database.run(
            """
            EXPLAIN QUERY PLAN
            SELECT idx, hash FROM entry WHERE run = x'00' ORDER BY idx DESC LIMIT 9
            """)
        let steps = plan.compactMap { $0.last?.text }
        let search = "SEARCH entry_0 USING INDEX entry_0_run"
        #expect(steps.contains { $0.hasPrefix(search) }, "\(steps)")
        #expect(!steps.contains { $0.contains("MATERIALIZE") }, "\(steps)")
    }

    @Test func `an index goes on where it ended, and says so`() async throws {
        let log = try await IndexedLog()
        let size = try log.build().size
        try await log.add(3)
        let index = try log.build()
        #expect(index.size > size)
        #expect(try UInt64(log.entries().count) == index.size)
        #expect(try index.differences(from: log.fresh()) == [])
    }

    @Test func `rows that are added after an index was opened do not count`() async throws {
        let log = try await IndexedLog()
        let index = try log.build()
        try await log.add(3)
        _ = try log.build()
        let new = try #require(try log.entries().first { $0.index == index.size })
        #expect(try index.find(.index(new.index), limit: 9).isEmpty)
        #expect(try index.find(.hash(new.leaf.hash), limit: 9).isEmpty)
        let found = try index.search(RecordFilter(), limit: 1000)
        #expect(found.first?.index == index.size - 1)
    }

    @Test func `an index of another log, another form or another end is built anew`() async throws {
        let log = try await IndexedLog()
        _ = try log.build()
        for edit in [
            "UPDATE indexed_to SET origin = 'elsewhere'", "PRAGMA user_version = 7",
            "UPDATE indexed_to SET size = size - 1", "UPDATE indexed_to SET root = zeroblob(32)",
            "DELETE FROM indexed_to", "PRAGMA user_version = 0",
        ] {
            try log.edit(edit, "DELETE FROM entry_0 WHERE idx = 1")
            #expect(try log.build().differences(from: log.fresh()) == [], "\(edit)")
        }
    }

    @Test func `a file that is no database gives way`() async throws {
        let log = try await IndexedLog()
        _ = try log.build()
        LogIndex.remove(log.path)
        try Folder.replace(log.path, with: Array("not a database".utf8))
        #expect(throws: IndexFailure.self) {
            try LogIndex(reading: log.path, hashing: TestLog.hashing)
        }
        #expect(try log.build().differences(from: log.fresh()) == [])
    }

    @Test(
        arguments: [
            ("UPDATE entry_0 SET ts = ts + 1 WHERE idx = 3", UInt64(3)),
            ("UPDATE entry_0 SET hash = zeroblob(32) WHERE idx = 4", 4),
            ("DELETE FROM entry_0 WHERE idx = 2", 2),
            ("UPDATE word SET text = 'agent-9' WHERE text = 'agent-1'", nil),
        ] as [(String, UInt64?)])
    func `what somebody edited is a difference`(edit: String, index: UInt64?) async throws {
        let log = try await IndexedLog()
        _ = try log.build()
        try log.edit(edit)
        let found = try LogIndex(reading: log.path, hashing: TestLog.hashing)
            .differences(from: log.fresh())
        #expect(!found.isEmpty)
        if let index { #expect(found.map(\.index) == [index]) }
    }

    @Test func `an index with rows beyond its end is not read`() async throws {
        let log = try await IndexedLog()
        _ = try log.build()
        try log.edit("INSERT INTO entry_0 (idx, hash, ts, type) VALUES (99999, zeroblob(32), 1, 1)")
        #expect(throws: IndexFailure.self) {
            try LogIndex(reading: log.path, hashing: TestLog.hashing)
        }
        #expect(try log.build().differences(from: log.fresh()) == [])
    }

    @Test func `an index that was never whole is not read, and is built anew`() async throws {
        let log = try await IndexedLog()
        let half = try LogIndex(
            writing: log.path, origin: TestLog.origin, hashing: TestLog.hashing)
        let entries = try log.entries().prefix(3)
        try half.append { add in _ = entries.allSatisfy(add) }
        #expect(throws: IndexFailure.self) {
            try LogIndex(reading: log.path, hashing: TestLog.hashing)
        }
        let index = try log.build()
        #expect(try index.differences(from: log.fresh()) == [])
    }

    @Test func `what was read before a fault of the log is kept, and nothing twice`() async throws {
        let log = try await IndexedLog()
        let index = try LogIndex(
            writing: log.path, origin: TestLog.origin, hashing: TestLog.hashing)
        let entries = try log.entries()
        #expect(throws: LedgerFailure.self) {
            try index.append { add throws(LedgerFailure) in
                _ = entries.prefix(2).allSatisfy(add)
                throw LedgerFailure(.missing, "the disk is gone")
            }
        }
        #expect(index.size == 2)
        try index.append { add in _ = entries.dropFirst(2).allSatisfy(add) }
        try index.complete()
        #expect(try index.differences(from: log.fresh()) == [])
    }

    @Test func `a day's digest counts records and hashes them, whoever indexed them`() async throws
    {
        let log = try await IndexedLog()
        let index = try log.build()
        let all = try log.entries()
        let day = CivilDate(
            daysSince1970: (all[0].record?["ts"]?.integer ?? 0) / 86_400_000_000)
        let digest = try #require(try index.digest(of: day, size: index.size))
        let today = all.filter {
            ($0.record?["ts"]?.integer ?? 0) / 86_400_000_000 == day.daysSince1970
        }
        #expect(digest.counts.map(\.count).reduce(0, +) == Int64(today.count))
        let sorted = today.map(\.leaf.hash.bytes).sorted { $0.lexicographicallyPrecedes($1) }
        #expect(digest.hashes == TestLog.hashing.sha256(sorted.flatMap(\.self)))
        #expect(try log.fresh().digest(of: day, size: index.size) == digest)
        #expect(try index.digest(of: CivilDate(daysSince1970: 1), size: index.size) == nil)

        try log.edit("DELETE FROM entry_0 WHERE idx = 1")
        let edited = try LogIndex(reading: log.path, hashing: TestLog.hashing)
        #expect(try edited.digest(of: day, size: index.size) != digest)
    }
}

/// A log with calls of several runs, and the path of its index.
struct IndexedLog {
    let log: TestLog
    var partRows = IndexParts.smallest
    var path: String { log.folder + "/index.db" }

    init() async throws {
        log = try TestLog()
        try log.create()
        try await add(6)
    }

    func add(_ calls: Int) async throws {
        let open = try log.open()
        defer { open.close() }
        for run in 0..<calls {
            let receipt = try await open.append(Draft.intent(run))
            _ = try await open.append(Draft.outcome(of: receipt, run))
            open.note(try Draft.denied(run))
        }
    }

    func entries() throws -> [LedgerEntry] {
        var all: [LedgerEntry] = []
        try log.reader.scan {
            all.append($0)
            return true
        }
        return all
    }

    func build() throws -> LogIndex { try build(path) }

    func fresh() throws -> LogIndex { try build(path + "-fresh-\(UInt32.random(in: 0 ... .max))") }

    private func build(_ path: String) throws -> LogIndex {
        var build = try IndexBuild(
            path, origin: TestLog.origin, hashing: TestLog.hashing, partRows: partRows)
        try build.fill(from: log.reader, to: UInt64(entries().count)) { _ in true }
        return build.index
    }

    /// Edits the index as a person with access to the file could.
    func edit(_ statements: String...) throws {
        let database = try Database(path, .cache)
        for statement in statements { try database.run(statement) }
    }
}
