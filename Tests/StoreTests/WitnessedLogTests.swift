import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockStore

/// The log's services to its witnesses, and its reactions to them.
@Suite struct `A witnessed log` {
    private let change = RecordDraft(
        .configChanged, run: nil,
        fields: ["sec": "ledger.trust", "h": .string(Digest(words: (1, 2, 3, 4)).base64)])
    private let listed = RecordDraft(
        .keyListed, run: nil, fields: ["use": "witness", "vkey": "w"])

    @Test func `a fork stops every permit but the change of whom to believe`() async throws {
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        defer { log.close() }
        log.setForked(true)
        #expect(log.status.refusing == "audit.fork")
        await #expect(throws: LedgerRefusal(code: "audit.fork", detail: "")) {
            _ = try await log.append(listed)
        }
        _ = try await log.append(change)
        log.setForked(false)
        _ = try await log.append(listed)
        #expect(log.status.refusing == nil)
    }

    @Test func `a start that is refused has written no record`() async throws {
        let shown = Mutex<[UInt8]>([])
        let test = try TestLog()
        try test.create()
        let log = try test.open()
        _ = try await log.append(change)
        log.close()
        let size = log.status.size
        var configuration = test.configuration
        configuration.examine = { (note) throws(LedgerFailure) in
            shown.withLock { $0 = note }
            throw LedgerFailure(.rolledBack, "a witness remembers more")
        }
        #expect(throws: LedgerFailure(.rolledBack, "")) {
            try WriteAheadLog.open(configuration, test.tools)
        }
        #expect(shown.withLock { $0 } == log.checkpoint)
        #expect(try test.types().count == Int(size))
    }

    @Test func `a follower hears of every record, with the checkpoint that covers it`() async throws
    {
        let follower = Follower()
        let test = try TestLog { $0.follower = follower }
        try test.create()
        let log = try test.open()
        for _ in 0..<5 {
            _ = try await log.append(change)
            #expect(follower.checkpoint == log.checkpoint)
        }
        log.close()
        let tree = TreeHash(TestLog.hashing)
        #expect(follower.range.root(tree) == log.status.root)
        #expect(follower.range.size == log.status.size)
    }

    @Test func `old sizes are proven from the published files`() async throws {
        let test = try TestLog(segmentBytes: 4 << 20)
        try test.create()
        let log = try test.open()
        for _ in 0..<300 { log.note(change) }
        let old = log.status
        _ = try await log.append(change)
        log.close()
        let head = try Checkpoint(text: SignedNote(parsing: log.checkpoint).text)
        let tiles = PublishedTiles(
            folder: test.configuration.directory + "/log", hashing: TestLog.hashing)
        let proof = try #require(tiles.consistencyProof(oldSize: old.size, of: head))
        try TreeHash(TestLog.hashing).checkConsistency(
            oldSize: old.size, newSize: head.size, proof: proof.map(\.bytes),
            oldRoot: old.root.bytes, newRoot: head.root.bytes)
        let forged = Checkpoint(origin: head.origin, size: head.size, root: old.root)
        #expect(tiles.consistencyProof(oldSize: old.size, of: forged) == nil)
    }
}

private final class Follower: DurableFollower {
    private let state = Mutex<(range: CompactRange, checkpoint: [UInt8])>((CompactRange(), []))
    var range: CompactRange { state.withLock { $0.range } }
    var checkpoint: [UInt8] { state.withLock { $0.checkpoint } }

    func begin(at range: CompactRange) { state.withLock { $0.range = range } }

    func extend(by leafHashes: [Digest], checkpoint: [UInt8]) {
        let tree = TreeHash(TestLog.hashing)
        state.withLock { state in
            for hash in leafHashes { state.range.append(hash, tree) }
            state.checkpoint = checkpoint
        }
    }
}
