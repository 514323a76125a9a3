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

@Suite struct EpochTests {
    private static let next = "test.example/gw1/2027"

    private func change(_ test: TestLog) throws -> EpochChange {
        var configuration = test.configuration
        configuration.origin = Self.next
        let signer = test.tools.signer
        let tools = LedgerTools(
            hashing: TestLog.hashing,
            signer: LogKey(
                name: Self.next,
                publicKey: try #require(PublicKey(bytes: signer.publicKey)),
                sign: { signer.sign($0) }), verifier: test.tools.verifier, clock: test.tools.clock)
        return EpochChange(
            from: (test.configuration, test.tools), to: (configuration, tools),
            epochs: test.folder + "/epochs")
    }

    @Test func `a new epoch names the end of the old one, which takes nothing more`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        _ = try await log.append(try Draft.intent())
        log.close()
        let last = try await change(test).make()
        let old = test.folder + "/epochs/2026"
        let archived = LedgerReader(
            directory: old, payloads: test.configuration.payloads, hashing: TestLog.hashing)
        let closing = try #require(try archived.tail(1).first)
        #expect(closing.index + 1 == last.size)
        #expect(closing.record?.type == "log.closed")
        #expect(closing.record?["next"]?["o"]?.string == Self.next)
        let genesis = try #require(try test.reader.entry(at: 0)?.record)
        #expect(genesis["from"]?["o"]?.string == TestLog.origin)
        #expect(genesis["from"]?["size"]?.integer == Int64(last.size))
        #expect(genesis["from"]?["root"]?.string == last.root.base64)
        let all = try EpochFolder.list(
            test.folder + "/epochs", current: test.configuration.directory)
        #expect(all.map(\.head.origin) == [TestLog.origin, Self.next])
        // The old log can be read but not written.
        var configuration = test.configuration
        configuration.directory = old
        configuration.guardFile = old + "/log/checkpoint"
        let closed = configuration
        #expect(throws: LedgerFailure(.closed, "")) { try WriteAheadLog.open(closed, test.tools) }
    }

    @Test func `a change that was broken off is made again from where it stood`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        _ = try await log.append(
            RecordDraft(.logClosed, run: nil, fields: ["next": ["o": "x", "vkey": "y"]]))
        await #expect(throws: LedgerRefusal(code: "audit.unavailable", detail: "")) {
            try await log.append(try Draft.intent())
        }
        log.close()
        let size = try test.published().size
        #expect(try await change(test).make().size == size)
        // The change is repeated as if the new log had not been made.
        removeFolder(test.configuration.directory)
        #expect(try await change(test).make().size == size)
        #expect(try test.reader.size() == 1)
    }

    @Test func `after a rollback the new epoch begins at what others have seen`() async throws {
        let test = try TestLog()
        try test.create()
        let yesterday = try test.copy()
        let log = try test.open()
        _ = try await log.append(try Draft.intent())
        log.close()
        let seen = try #require(try Folder.contents(test.configuration.guardFile, limit: 9999))
        try Folder.replace(yesterday.configuration.guardFile, with: seen)
        #expect(throws: LedgerFailure(.rolledBack, "")) { try yesterday.open() }
        let change = try change(yesterday)
        #expect(throws: LedgerFailure(.damaged, "")) { try change.make(after: [1, 2]) }
        let last = try change.make(after: seen)
        #expect(last == (try test.published()))
        let genesis = try #require(try yesterday.reader.entry(at: 0)?.record)
        #expect(genesis["from"]?["size"]?.integer == Int64(last.size))
        #expect(Folder.exists(yesterday.folder + "/epochs/2026/wal"))
    }
}

@Suite struct PruningTests {
    @Test func `old bundles go once the log says so, and everything else stays`() async throws {
        let test = try TestLog()
        let clock = MovedClock()
        let tools = LedgerTools(
            hashing: TestLog.hashing, signer: test.tools.signer, verifier: test.tools.verifier,
            clock: clock)
        clock.set(days: -300)
        try WriteAheadLog.create(test.configuration, tools)
        var log = try WriteAheadLog.open(test.configuration, tools)
        // The run begins in the part that is pruned and continues after it.
        let intent = try await log.append(try Draft.intent(1))
        try await test.fill(log, to: 600)
        log.close()
        clock.set(days: 0)
        log = try WriteAheadLog.open(test.configuration, tools)
        var late = try Draft.outcome(of: intent, 1)
        late.fields["late"] = true
        _ = try await log.append(late)
        log.close()
        let pruning = Pruning(test.configuration, tools)
        let today = clock.now.wall.seconds / 86_400
        await #expect(throws: LedgerFailure(.configuration, "")) {
            try await pruning.prune(before: CivilDate(daysSince1970: today - 100))
        }
        let report = try await pruning.prune(before: CivilDate(daysSince1970: today - 200))
        #expect(report == Pruning.Report(minimum: 512, deletedBundles: 2))
        #expect(!Folder.exists(test.configuration.log + "/tile/entries/000"))
        #expect(Folder.exists(test.configuration.log + "/tile/0/000"))
        #expect(try test.reader.entry(at: 512) != nil)
        // The log continues with and without its heads file.
        try WriteAheadLog.open(test.configuration, tools).close()
        try Folder.remove(test.configuration.headsFile)
        try WriteAheadLog.open(test.configuration, tools).close()
        let again = try await pruning.prune(before: CivilDate(daysSince1970: today - 200))
        #expect(again == Pruning.Report(minimum: 512, deletedBundles: 0))
    }
}
