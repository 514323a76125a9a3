import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockStore

@Suite struct IndexMaintainerTests {
    @Test func `the keeper follows the log`() async throws {
        let log = try await IndexedLog()
        let kept = KeptIndex(log)
        defer { kept.keeper.stop() }
        let first = try UInt64(log.entries().count)
        try await kept.wait { $0.size == first }
        try await log.add(2)
        let second = try UInt64(log.entries().count)
        #expect(second > first)
        try await kept.wait { $0.size == second }
        try kept.expectGood()
    }

    @Test func `what is not durable yet is not indexed`() async throws {
        let log = try await IndexedLog()
        let kept = KeptIndex(log, durable: 4)
        try await kept.wait { $0.size == 4 }
        kept.keeper.stop()
        #expect(try LogIndex(reading: log.path, hashing: TestLog.hashing).size == 4)
    }

    @Test func `an index that somebody removes is built again`() async throws {
        let log = try await IndexedLog()
        let kept = KeptIndex(log)
        defer { kept.keeper.stop() }
        let size = try UInt64(log.entries().count)
        try await kept.wait { $0.size == size }
        LogIndex.remove(log.path)
        try await kept.wait(for: "a new index") { _ in
            (try? LogIndex(reading: log.path, hashing: TestLog.hashing))?.size == size
        }
        try kept.expectGood()
    }

    @Test func `a log that was set back has its index built anew`() async throws {
        let log = try await IndexedLog()
        let kept = KeptIndex(log)
        let size = try UInt64(log.entries().count)
        try await kept.wait { $0.size == size }
        kept.keeper.stop()
        let back = KeptIndex(log, durable: 5)
        try await back.wait { $0.size == 5 }
        back.keeper.stop()
        #expect(try LogIndex(reading: log.path, hashing: TestLog.hashing).size == 5)
    }

    @Test func `an index that cannot be written is a fault in the status, and nothing else`()
        async throws
    {
        let log = try await IndexedLog()
        try Folder.make(log.path + "/in-the-way")
        let kept = KeptIndex(log)
        try await kept.wait { $0.fault != nil }
        kept.keeper.stop()
        try await log.add(1)
    }

    @Test func `on a full disk the index takes no room`() async throws {
        let log = try await IndexedLog()
        let kept = KeptIndex(log, refusing: "audit.full")
        try await Task.sleep(for: .milliseconds(300))
        kept.keeper.stop()
        #expect(kept.status.size == 0)
    }

    @Test func `a day that is over gets one digest, also after a restart`() async throws {
        let log = try await IndexedLog()
        let tomorrow = MovedClock(days: 2)
        let first = KeptIndex(log, clock: tomorrow)
        try await first.wait(for: "a digest") { _ in !first.noted.isEmpty }
        first.keeper.stop()
        let draft = try #require(first.noted.first)
        #expect(first.noted.count == 1 && draft.type == .indexDigest)
        let open = try log.log.open()
        _ = try await open.append(draft)
        open.close()

        let second = KeptIndex(log, clock: tomorrow)
        let size = try UInt64(log.entries().count)
        try await second.wait { $0.size == size }
        try await Task.sleep(for: .milliseconds(100))
        second.keeper.stop()
        #expect(second.noted.isEmpty)
    }
}

/// An index maintainer for a log of the tests, and its reports.
final class KeptIndex: Sendable {
    let keeper: IndexMaintainer
    private let log: IndexedLog
    private let said: IndexProgress
    private let drafts: Drafts

    private final class Drafts: Sendable {
        let all = Mutex<[RecordDraft]>([])
    }

    init(
        _ log: IndexedLog, durable: UInt64? = nil, refusing: String? = nil,
        clock: any Clock = MovedClock(days: 0)
    ) {
        let (said, drafts) = (IndexProgress(), Drafts())
        (self.log, self.said, self.drafts) = (log, said, drafts)
        keeper = IndexMaintainer(
            IndexMaintainer.Setup(
                path: log.path, keys: [log.log.key], verifier: OpenSSLVerifier(),
                reader: log.log.reader, clock: clock,
                durable: {
                    LedgerStatus(
                        size: durable ?? UInt64((try? log.entries().count) ?? 0),
                        root: TestLog.hashing.sha256([]), openIntents: 0, refusing: refusing)
                },
                note: { draft in drafts.all.withLock { $0.append(draft) } },
                report: { said.status = $0 }))
    }

    var status: IndexStatus { said.status }
    var noted: [RecordDraft] { drafts.all.withLock { $0 } }

    func wait(
        for what: String = "the index", _ condition: (IndexStatus) -> Bool
    ) async throws {
        for _ in 0..<400 {
            if condition(status) { return }
            try await Task.sleep(for: .milliseconds(25))
        }
        Issue.record("\(what) did not come about: \(status)")
    }

    func expectGood() throws {
        let index = try LogIndex(reading: log.path, hashing: TestLog.hashing)
        #expect(try index.differences(from: log.fresh()) == [])
    }
}
