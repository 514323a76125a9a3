import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockStore

/// Counts the entries that a verification reports.
private final class EntryCounter: Sendable {
    let count = Atomic<UInt64>(0)
}

/// A log that is only read: the good and bad forms of an auditor's copy.
@Suite struct LogFolderTests {
    @Test(arguments: [1, 255, 256, 257, 1_000, 65_536])
    func `a log of any size is accepted, and every record in it is found and proved`(size: Int)
        throws
    {
        let log = try TestTiles()
        try log.write((0..<size).lazy.map(TestTiles.entry), publishing: [size])
        var request = log.request()
        let counter = EntryCounter()
        request.onEntry = { counter.count.add(1, ordering: .relaxed) }
        let report = try log.reader.verify(request)
        #expect(report.faults == [])
        #expect(report.size == UInt64(size))
        #expect(counter.count.load(ordering: .relaxed) == report.size)
        #expect(
            report.warnings == [
                "no quorum in the trust file: cosignatures were not required",
                "no outside memory: rewriting history cannot be detected",
            ])
        let reader = log.reader
        #expect(try reader.size() == UInt64(size))
        var seen: UInt64 = 0
        try reader.scan(from: UInt64(size - 1) / 2) { entry in
            seen += 1
            return entry.leaf.bytes.elementsEqual(TestTiles.entry(Int(entry.index)))
        }
        #expect(seen == UInt64(size) - UInt64(size - 1) / 2)
        #expect(try reader.entry(at: UInt64(size)) == nil)
        for index in Set([0, size / 2, size - 1]) {
            let proved = try #require(
                try reader.proved(
                    at: UInt64(index), keys: [log.key], verifier: OpenSSLVerifier()))
            #expect(proved.entry.leaf.bytes.elementsEqual(TestTiles.entry(index)))
            let head = try proved.proof.check(
                leafHash: proved.entry.leaf.hash, key: log.key, verifier: OpenSSLVerifier(),
                TestTiles.tree)
            #expect(head.size == UInt64(size))
        }
    }

    @Test func `the empty log is a log`() throws {
        let log = try TestTiles()
        try log.put("checkpoint", log.signed(size: 0, root: TestTiles.tree.emptyRoot))
        #expect(try log.reader.verify(log.request()).faults == [])
        try log.put("checkpoint", log.signed(size: 0, root: TestTiles.tree.leaf([])))
        #expect(try !log.reader.verify(log.request()).isGood)
    }

    @Test func `a folder without a checkpoint is no log`() throws {
        let log = try TestTiles()
        #expect(throws: LedgerFailure(.missing, "")) { try log.reader.verify(log.request()) }
        #expect(throws: LedgerFailure(.missing, "")) { try log.reader.scan { _ in true } }
    }

    /// Every edit, truncation, extension or removal of a file is detected, even of the partial tiles of size 300.
    @Test(arguments: [
        "tile/entries/001", "tile/entries/002.p/188", "tile/0/001", "tile/0/002.p/188",
        "tile/1/000.p/2", "tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1",
        "checkpoint",
    ])
    func `every file is compared with what the entries make`(name: String) throws {
        let log = try TestTiles()
        try log.write((0..<700).lazy.map(TestTiles.entry), publishing: [300, 700])
        #expect(try log.reader.verify(log.request()).faults == [])
        let good = try log.bytes(name)
        for edited in [
            good.dropLast() + [good[good.count - 1] ^ 0x04], [good[0] ^ 0x80] + good.dropFirst(),
            good.dropLast(), good + [0], [],
        ] {
            try log.put(name, Array(edited))
            #expect(try !log.reader.verify(log.request()).isGood, "\(edited.count) bytes")
        }
        try log.remove(name)
        if name == "checkpoint" {
            #expect(throws: LedgerFailure.self) { try log.reader.verify(log.request()) }
        } else {
            // Files of an earlier size may be missing; those that the checkpoint needs may not.
            let isOfEarlier = name.hasSuffix(".p/44") || name.hasSuffix("000.p/1")
            #expect(try log.reader.verify(log.request()).isGood == isOfEarlier)
        }
        try log.put(name, good)
        #expect(try log.reader.verify(log.request()).faults == [])
    }

    @Test func `one bit of a higher tile is enough`() throws {
        let log = try TestTiles()
        try log.write((0..<66_000).lazy.map(TestTiles.entry), publishing: [66_000])
        for name in ["tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"] {
            let good = try log.bytes(name)
            try log.put(name, [good[0] ^ 1] + good.dropFirst())
            #expect(
                try log.reader.verify(log.request()).faults
                    == ["`\(name)` does not fit the rest of the tree: it was changed"])
            try log.put(name, good)
        }
    }

    @Test(.requirement("R097")) func `swapped bundles and swapped entries are found`() throws {
        let log = try TestTiles()
        try log.write((0..<600).lazy.map(TestTiles.entry), publishing: [600])
        let (zero, one) = (try log.bytes("tile/entries/000"), try log.bytes("tile/entries/001"))
        try log.put("tile/entries/000", one)
        try log.put("tile/entries/001", zero)
        #expect(try !log.reader.verify(log.request()).isGood)
        var entries = (0..<256).map(TestTiles.entry)
        entries.swapAt(3, 4)
        try log.put("tile/entries/000", EntryBundle.encode(entries))
        try log.put("tile/entries/001", one)
        #expect(try !log.reader.verify(log.request()).isGood)
    }

    @Test(.requirement("R097"))
    func `a clean truncation or a fork is found by what was kept elsewhere, and only by that`()
        throws
    {
        let log = try TestTiles()
        let checkpoints = try log.write(
            (0..<900).lazy.map(TestTiles.entry), publishing: [300, 900])
        let newest = try #require(checkpoints.last)
        // The checkpoint of size 300 is restored, so that files extend beyond it.
        try log.put("checkpoint", checkpoints[0])
        let report = try log.reader.verify(log.request())
        #expect(report.isGood && report.warnings.contains { $0.contains("beyond the checkpoint") })
        var request = log.request()
        request.minimumSize = 301
        #expect(try !log.reader.verify(request).isGood)
        request = log.request()
        request.oldCheckpoints = [("monday", newest)]
        #expect(
            try log.reader.verify(request).faults
                == ["the log ends at 300, but monday has size 900"])
        // A fork signed with the true key.
        let fork = try TestTiles()
        try fork.write(
            (0..<900).lazy.map { TestTiles.entry($0 == 250 ? 0 : $0) }, publishing: [900])
        #expect(try fork.reader.verify(fork.request()).isGood)
        request = fork.request()
        request.oldCheckpoints = [("monday", checkpoints[0])]
        #expect(
            try fork.reader.verify(request).faults
                == ["the log does not extend monday (size 300)"])
        try log.put("checkpoint", newest)
        request = log.request()
        request.oldCheckpoints = [("monday", checkpoints[0]), ("today", newest)]
        let extended = try log.reader.verify(request)
        #expect(extended.isGood && extended.extended.map(\.size) == [300, 900])
        #expect(!extended.isAnchored)
    }

    @Test func `files that are none of a log are a warning`() throws {
        let log = try TestTiles()
        try log.write((0..<300).lazy.map(TestTiles.entry), publishing: [300])
        try log.put("tile/entries/001.p/45", [1])
        try log.put("tile/0/notes.txt", [1])
        let report = try log.reader.verify(log.request())
        #expect(report.isGood)
        #expect(
            report.warnings.prefix(2) == [
                "1 files lie beyond the checkpoint, such as `tile/entries/001.p/45`: "
                    + "a crash came before it, or an older one was put back",
                "1 files are none of a log, such as `tile/0/notes.txt`",
            ])
    }

    @Test func `a pruned log is accepted from the index that it was pruned to`() throws {
        let log = try TestTiles()
        try log.write((0..<1_000).lazy.map(TestTiles.entry), publishing: [1_000])
        try log.remove("tile/entries/000")
        try log.remove("tile/entries/001")
        #expect(try !log.reader.verify(log.request()).isGood)
        var request = log.request()
        request.minimumIndex = 511
        #expect(try !log.reader.verify(request).isGood)
        request.minimumIndex = 512
        let report = try log.reader.verify(request)
        #expect(report.faults == [] && report.prunedEntries == 512)
        #expect(throws: LedgerFailure(.missing, "")) { try log.reader.entry(at: 5) }
        #expect(try log.reader.entry(at: 512)?.index == 512)
        // The hashes of the pruned entries still count.
        var tile = try log.bytes("tile/0/000")
        tile[7] ^= 1
        try log.put("tile/0/000", tile)
        #expect(try !log.reader.verify(request).isGood)
        try log.remove("tile/0/000")
        #expect(try log.reader.verify(request).faults == ["`tile/0/000` is missing"])
    }

    @Test func `an entry that is no record is a fault unless the tree alone is asked for`() throws {
        let log = try TestTiles()
        try log.write((0..<3).lazy.map(TestTiles.entry), publishing: [3])
        let report = try log.reader.verify(log.request(treeOnly: false))
        #expect(report.faults.first == "record 0: the record is not in canonical form")
        #expect(report.faults.count == 3)
    }

    @Test func `a checkpoint of another key, or of another log, is a fault`() throws {
        let log = try TestTiles()
        let checkpoints = try log.write((0..<9).lazy.map(TestTiles.entry), publishing: [9])
        let other = try #require(Ed25519PrivateKey(seed: Array(1..<33)))
        let stranger = try #require(
            VerifierKey(
                name: TestLog.origin, publicKey: other.publicKey.bytes, hashing: TestLog.hashing))
        var request = VerifyRequest(keys: [stranger], verifier: OpenSSLVerifier())
        request.treeOnly = true
        #expect(try log.reader.verify(request).faults.count == 1)
        // During a key rotation both keys sign; a signature by a known key must be valid.
        request.keys.append(log.key)
        #expect(try log.reader.verify(request).isGood)
        #expect(throws: LedgerFailure(.damaged, "")) {
            try log.reader.prover(keys: [stranger], verifier: OpenSSLVerifier())
        }
        request.oldCheckpoints = [("a note", Array("x\n\ny\n".utf8)), ("good", checkpoints[0])]
        #expect(
            try log.reader.verify(request).faults == ["a note is not signed by the log's key"])
    }
}
