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
        try TreeFile.create(in: folder.path, tree, note: Values.note(tree.head))
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

    @Test func `a torn write of one slot leaves the tree before`() throws {
        try prepare()
        do {
            let holder = try open()
            _ = try response(holder, .growth(Values.growth(3, 5)))
            _ = try response(holder, .growth(Values.growth(5, 6)))
        }
        // One slot has 5 records, the other 6. A byte of the note's first line is damaged and put back.
        let good = Array(Values.origin.utf8)[8]
        var sizes: [UInt64] = []
        for place in [0, SignedTree.slotBytes] {
            folder.overwrite("signed.tree", [good ^ 1], at: place + 10)
            sizes.append(try open().size)
            folder.overwrite("signed.tree", [good], at: place + 10)
        }
        #expect(sizes.sorted() == [5, 6])
        #expect(try open().size == 6)
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
