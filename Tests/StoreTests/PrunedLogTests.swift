import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockStore

@Suite struct PrunedLogTests {
    @Test func `a pruned log is read from the first record that is left`() async throws {
        let log = try await PrunedLog()
        #expect(try log.reader.first() == PrunedLog.first)
        let kept = try log.entries()
        #expect(kept.map(\.index) == Array(PrunedLog.first..<log.size))
        #expect(try log.reader.tail(10_000).map(\.index) == kept.map(\.index))
        #expect(try log.reader.tail(2).map(\.index) == [log.size - 2, log.size - 1])
        let hash = try #require(kept.last?.leaf.hash)
        #expect(try log.reader.show(hash.hex).map(\.index) == [log.size - 1])
        #expect(throws: LedgerFailure(.missing, "")) {
            try log.reader.scan(from: 0) { _ in true }
        }
    }

    @Test func `its index is built from there on, with the root of the whole log`() async throws {
        let log = try await PrunedLog()
        let index = try log.build("/index.db", to: log.size)
        #expect(index.isWhole && index.size == log.size)
        var prover = try log.reader.prover(keys: [log.log.key], verifier: OpenSSLVerifier())
        #expect(try index.root == prover.root(at: log.size))
        // The index as another process, or the next start, finds it.
        let found = try LogIndex(reading: log.path("/index.db"), hashing: TestLog.hashing)
        #expect(found.size == log.size && found.root == index.root)
        let all = try found.search(RecordFilter(), limit: 10_000).reversed()
        #expect(try all.map(\.hash) == log.entries().map(\.leaf.hash))
        let fresh = try log.build("/fresh.db", to: log.size)
        #expect(try found.differences(from: fresh) == [])
        try log.edit("/index.db", "UPDATE entry_0 SET ts = ts + 1 WHERE idx = 520")
        #expect(try found.differences(from: fresh).map(\.index) == [520])
    }

    @Test func `an index from before the pruning stays as good as one from after it`() async throws
    {
        let log = try await PrunedLog { try $0.build("/index.db", to: 600) }
        let index = try log.build("/index.db", to: log.size)
        #expect(try index.search(RecordFilter(), limit: 10_000).last?.index == 0)
        let fresh = try log.build("/fresh.db", to: log.size)
        #expect(try index.root == fresh.root && index.differences(from: fresh) == [])
    }

    @Test func `an index that ends in what was pruned is no index any more`() async throws {
        let log = try await PrunedLog { try $0.build("/index.db", to: 100) }
        #expect(throws: IndexFailure.self) { try log.build("/index.db", to: log.size) }
        LogIndex.remove(log.path("/index.db"))
        #expect(try log.build("/index.db", to: log.size).size == log.size)
    }

    @Test func `a day of which records may be gone is held against no digest`() async throws {
        let log = try await PrunedLog()
        let index = try log.build("/index.db", to: log.size)
        let day = try #require(try index.firstDay())
        let first = try #require(try log.entries().first?.record?["ts"]?.integer)
        #expect(day == Timestamp(microseconds: first).day)
        #expect(try index.isCutShort(day))
        #expect(try !index.isCutShort(CivilDate(daysSince1970: day.daysSince1970 + 1)))
        let whole = try await IndexedLog().build()
        #expect(try !whole.isCutShort(try #require(try whole.firstDay())))
    }
}

/// A log whose first two bundles were pruned and whose frames are gone.
private struct PrunedLog {
    let log: TestLog
    /// A reader that has only the published files.
    let reader: LedgerReader
    let size: UInt64

    static let first: UInt64 = 512

    /// - Parameter before: runs once the older records exist.
    init(before: (PrunedLog) throws -> Void = { _ in }) async throws {
        let log = try TestLog()
        func tools(_ days: Int64) -> LedgerTools {
            LedgerTools(
                hashing: TestLog.hashing, signer: log.tools.signer, verifier: log.tools.verifier,
                clock: MovedClock(days: days))
        }
        let (old, new) = (tools(-300), tools(0))
        try WriteAheadLog.create(log.configuration, old)
        let open = try WriteAheadLog.open(log.configuration, old)
        try await log.fill(open, to: 600)
        open.close()
        try before(PrunedLog(log))
        let limit = MovedClock(days: -200).now.wall.day
        let report = try await Pruning(log.configuration, new).prune(before: limit)
        #expect(report.minimum == Self.first)
        self = try PrunedLog(log)
    }

    private init(_ log: TestLog) throws {
        self.log = log
        reader = LedgerReader(
            directory: log.configuration.log, payloads: log.configuration.payloads,
            hashing: TestLog.hashing)
        size = try reader.size()
    }

    func entries() throws -> [LedgerEntry] {
        var all: [LedgerEntry] = []
        try reader.scan {
            all.append($0)
            return true
        }
        return all
    }

    func path(_ name: String) -> String { log.folder + name }

    @discardableResult
    func build(_ name: String, to size: UInt64) throws -> LogIndex {
        var build = try IndexBuild(
            path(name), origin: TestLog.origin, hashing: TestLog.hashing)
        try build.fill(from: reader, to: size) { _ in true }
        return build.index
    }

    /// Edits the index as a person with access to the file could.
    func edit(_ name: String, _ statement: String) throws {
        try Database(path(name), .cache).run(statement)
    }
}
