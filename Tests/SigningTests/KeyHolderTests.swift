import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockSignerCommands
import InterlockTesting
import Testing

@testable import InterlockSigning

private typealias Values = SigningValues

@Suite(.requirement("R097")) struct KeyHolderTests {
    private let folder = SignerFolder()

    private struct FixedClock: Clock {
        var now: ClockReading { ClockReading(wall: Values.now, boot: BootTime(microseconds: 0)) }
    }

    private func prepare(_ size: Int = 3) throws {
        folder.write("log.key", Array(0..<32))
        let tree = Values.signed(size)
        try TreeFile.create(
            in: folder.path, tree, note: Values.note(tree.head), keys: [Values.key.publicKey])
    }

    private func open() throws -> KeyHolder {
        try KeyHolder(folder: folder.path, clock: FixedClock())
    }

    private func response(
        _ holder: KeyHolder, _ request: SignerRequest
    ) throws -> SignerResponse {
        try #require(SignerResponse(parsing: try holder.respond(to: request.bytes)))
    }

    private func code(_ body: () throws -> Void) -> KeyFailure.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? KeyFailure)?.code }
    }

    private func refused(_ response: SignerResponse) -> SignerRefusal.Code? {
        if case .refused(let refusal) = response { refusal.code } else { nil }
    }

    @Test func `a growth is signed, and a restart remembers it`() throws {
        try prepare()
        let growth = Values.growth(3, 9)
        do {
            let holder = try open()
            guard case .note(let note) = try response(holder, .growth(growth)) else {
                Issue.record("no note")
                return
            }
            let key = try #require(
                VerifierKey(
                    name: Values.origin, publicKey: Values.key.publicKey.bytes,
                    hashing: Values.hashing))
            let head = try Checkpoint(signed: note, key: key, verifier: OpenSSLVerifier())
            #expect(head == growth.head)
        }
        let holder = try open()
        #expect(holder.size == 9)
        #expect(
            try response(holder, .status) == .status(growth.head, Values.key.publicKey))
        let fork = TreeGrowth(
            origin: Values.origin, from: 3, leafHashes: [Values.leaf(50)], root: Values.leaf(51))
        #expect(try refused(response(holder, .growth(fork))) == .fork)
        #expect(try refused(response(holder, .growth(Values.growth(3, 8)))) == .fork)
        // The gateway asks again for what it did not hear of.
        guard case .note = try response(holder, .growth(growth)) else {
            Issue.record("a repetition is refused")
            return
        }
    }

    @Test func `bytes that are no request are refused, and nothing changes`() throws {
        try prepare()
        let holder = try open()
        for bytes in [[], [9], Array("sign this".utf8), [UInt8](repeating: 0, count: 200_000)] {
            let answer = try #require(SignerResponse(parsing: try holder.respond(to: bytes)))
            #expect(refused(answer) != nil)
        }
        #expect(holder.size == 3)
    }

    /// Two trees of 5 and 6 records, the newer one in the slot at the second offset.
    private func grow() throws -> (older: Int, newer: Int) {
        try prepare()
        let holder = try open()
        _ = try response(holder, .growth(Values.growth(3, 5)))
        _ = try response(holder, .growth(Values.growth(5, 6)))
        // A new file has its second slot written last, so the third and fourth write are to the first and the second.
        return (0, TreeSlot.byteCount)
    }

    @Test(arguments: [1, 4, 7])
    func `a write that a crash tore leaves the tree before, with a warning`(_ sectors: Int) throws {
        let before = try grow().older
        let old = folder.read("signed.tree", TreeSlot.byteCount, at: before)
        _ = try response(try open(), .growth(Values.growth(6, 9)))
        // The last sectors of the write did not reach the disk.
        let kept = TreeSlot.byteCount - 512 * sectors
        folder.overwrite("signed.tree", Array(old[kept...]), at: before + kept)
        do {
            let holder = try open()
            #expect(holder.size == 6)
            #expect(holder.wasTreeDamaged)
            #expect(
                try response(holder, .status)
                    == .status(
                        Values.signed(6).head, Values.key.publicKey, wasTreeDamaged: true))
        }
        // It was written again, and is signed on.
        let holder = try open()
        #expect(!holder.wasTreeDamaged)
        _ = try response(holder, .growth(Values.growth(6, 8)))
        #expect(holder.size == 8)
    }

    @Test func `damage to the tree that was signed last refuses every start`() throws {
        let newer = try grow().newer
        let good = folder.read("signed.tree", TreeSlot.byteCount, at: newer)
        for sector in [0, 3, 7] {
            folder.overwrite(
                "signed.tree", [good[512 * sector + 20] ^ 1], at: newer + 512 * sector + 20)
            #expect(code { _ = try open() } == .malformed, "sector \(sector)")
            folder.overwrite("signed.tree", good, at: newer)
        }
        folder.overwrite(
            "signed.tree", [UInt8](repeating: 0, count: TreeSlot.byteCount), at: newer)
        #expect(code { _ = try open() } == .malformed)
        folder.overwrite("signed.tree", good, at: newer)
        #expect(try open().size == 6)
    }

    @Test func `damage to an older tree is a warning`() throws {
        let older = try grow().older
        folder.overwrite("signed.tree", [0xff, 0xff, 0xff], at: older + 30)
        let holder = try open()
        #expect(holder.size == 6)
        #expect(holder.wasTreeDamaged)
    }

    @Test func `a tree is not replaced by a smaller one or by another`() throws {
        try prepare(8)
        func create(_ tree: SignedTree) throws {
            try TreeFile.create(
                in: folder.path, tree, note: Values.note(tree.head), keys: [Values.key.publicKey])
        }
        #expect(code { try create(Values.signed(7)) } == .exists)
        var range = Values.range(7)
        range.append(Values.leaf(99), Values.tree)
        let other = SignedTree(origin: Values.origin, range: range, Values.tree)
        #expect(code { try create(other) } == .exists)
        #expect(try open().size == 8)
        try create(Values.signed(8))
        try create(Values.signed(12))
        #expect(try open().size == 12)
    }

    @Test func `a folder without its tree signs nothing`() throws {
        folder.write("log.key", Array(0..<32))
        #expect(code { _ = try open() } == .missing)
        try prepare()
        folder.overwrite("signed.tree", [UInt8](repeating: 0, count: 8192), at: 0)
        #expect(code { _ = try open() } == .malformed)
    }

    @Test func `a tree that another key signed is none`() throws {
        try prepare()
        folder.write("log.key", Array(32..<64))
        #expect(code { _ = try open() } == .malformed)
    }

    @Test func `one process uses a folder`() throws {
        try prepare()
        let holder = try open()
        #expect(code { _ = try open() } == .exists)
        #expect(holder.size == 3)
    }
}
