import InterlockCredentials
import InterlockLedger
import InterlockModel
import Testing

/// The table of responses (docs/specs/ledger.md, section 11), each row against a log that can produce anything.
@Suite struct WitnessRulesTests {
    private let log = TestLog(leaves: 20)

    private func check(
        _ body: [UInt8], remembered: Checkpoint? = nil, is expected: WitnessRefusal?,
        _ place: SourceLocation = #_sourceLocation
    ) throws {
        let rules = WitnessRules(
            policy: TrustPolicy(logs: [log.key]), hashing: hashing, verifier: OpenSSLVerifier())
        var refusal: WitnessRefusal?
        do {
            let request: AddCheckpoint
            do { request = try AddCheckpoint(parsing: body) } catch {
                throw WitnessRefusal.malformed(error)
            }
            #expect(request.bytes == body, sourceLocation: place)
            try rules.admit(request)
            try rules.extend(remembered, by: request)
        } catch { refusal = error as? WitnessRefusal }
        #expect(refusal == expected, sourceLocation: place)
    }

    @Test func `a first checkpoint and each that follows from it are cosigned`() throws {
        try check(log.body(old: 0, new: 0), is: nil)
        try check(log.body(old: 0, new: 5), is: nil)
        try check(log.body(old: 0, new: 5), remembered: log.head(0), is: nil)
        for old in 1...20 {
            for new in old...20 {
                try check(log.body(old: old, new: new), remembered: log.head(old), is: nil)
            }
        }
    }

    @Test func `what is malformed is refused before anything is looked up`() throws {
        let good = String(decoding: log.body(old: 3, new: 7), as: UTF8.self)
        for (text, error) in [
            ("", AddCheckpointError.badOldSize), ("new" + good.dropFirst(3), .badOldSize),
            (good.replacing("old 3", with: "old 03"), .badOldSize),
            (good.replacing("old 3", with: "old -3"), .badOldSize),
            (good.replacing("old 3", with: "old 18446744073709551616"), .badOldSize),
            (good.replacing("old 3\n", with: "old 3\nAAAA\n"), .badProof),
            (good.replacing("old 3", with: "old 8"), .oldSizeAboveCheckpoint),
            (good + "x", .badCheckpoint(.noSignatures)),
            (good.replacing("\n7\n", with: "\n07\n"), .badCheckpoint(.badCheckpoint)),
        ] {
            try check(Array(text.utf8), remembered: log.head(3), is: .malformed(error))
        }
    }

    @Test func `63 proof lines are read, 64 are too many; 512 KiB are read, no byte more`() throws {
        let hash = Digest(words: (1, 2, 3, 4))
        let note = log.note(7)
        func body(_ count: Int) -> [UInt8] {
            AddCheckpoint.body(
                oldSize: 3, proof: Array(repeating: hash, count: count), note: note)
        }
        try check(body(63), remembered: log.head(3), is: .inconsistent)
        try check(body(64), remembered: log.head(3), is: .malformed(.proofTooLong))
        let room = AddCheckpoint.maximumBytes - body(0).count
        let filled = body(0) + [UInt8](repeating: 0x41, count: room)
        try check(filled, is: .malformed(.badCheckpoint(.noSignatures)))
        try check(filled + [0x41], is: .malformed(.tooLarge))
    }

    @Test func `an unknown origin comes before a bad signature, that before a wrong size`() throws {
        let stranger = TestLog(leaves: 7, origin: "stranger.example/gw9/2026", seed: 3)
        try check(stranger.body(old: 0, new: 7), is: .unknownOrigin)
        let thief = TestLog(leaves: 7, seed: 4)
        try check(thief.body(old: 1, new: 7), remembered: log.head(3), is: .untrusted)
        let edited = String(decoding: log.body(old: 0, new: 7), as: UTF8.self)
            .replacing("\n7\n", with: "\n8\n")
        try check(Array(edited.utf8), is: .untrusted)
    }

    @Test func `a wrong old size is told the remembered one, whatever the proof`() throws {
        try check(
            log.body(old: 3, new: 7), remembered: log.head(5),
            is: .conflict(size: 5, isEvidence: false))
        try check(log.body(old: 3, new: 7), is: .conflict(size: 0, isEvidence: false))
        let rollback = WitnessRefusal.conflict(size: 12, isEvidence: true)
        try check(log.body(old: 3, new: 7), remembered: log.head(12), is: rollback)
        #expect(rollback.answer == (409, "text/x.tlog.size", "12\n"))
    }

    @Test func `a fork, a false root and a proof where none belongs are inconsistent`() throws {
        let fork = TestLog(leaves: 20, salt: 1)
        try check(fork.body(old: 5, new: 9), remembered: log.head(5), is: .inconsistent)
        try check(log.body(old: 0, new: 5, proofFrom: 3), is: .inconsistent)
        try check(
            log.body(old: 5, new: 5, proofFrom: 3), remembered: log.head(5), is: .inconsistent)
        try check(
            log.body(old: 5, new: 9, proofFrom: 4), remembered: log.head(5), is: .inconsistent)
        let empty = log.body(
            old: 0, head: Checkpoint(origin: log.key.name, size: 0, root: log.head(1).root))
        try check(empty, is: .inconsistent)
        #expect(WitnessRefusal.inconsistent.isEvidence)
    }

    @Test func `the remembered size under another root is a conflict, and evidence`() throws {
        let fork = TestLog(leaves: 20, salt: 1)
        let other = WitnessRefusal.conflict(size: 5, isEvidence: true)
        try check(fork.body(old: 5, new: 5), remembered: log.head(5), is: other)
        #expect(other.answer == (409, "text/x.tlog.size", "5\n"))
        #expect(other.isEvidence)
        // A proof between equal sizes does not verify, whatever the root.
        for body in [
            fork.body(old: 5, new: 5, proofFrom: 3), log.body(old: 5, new: 5, proofFrom: 3),
        ] {
            try check(body, remembered: log.head(5), is: .inconsistent)
        }
    }

    @Test func `what is kept is the log's note under the witness's own word`() throws {
        let witness = TestWitness(seed: 7, name: "w7.example")
        let request = try AddCheckpoint(parsing: log.body(old: 0, new: 5))
        let memory = WitnessMemory(
            accepting: request, keys: [log.key], at: 99, by: witness.key, sign: witness.sign)
        #expect(
            try WitnessMemory(
                stored: memory.note, key: witness.key, verifier: OpenSSLVerifier()) == memory)
        let note = try SignedNote(parsing: memory.note)
        try note.verify([log.key], OpenSSLVerifier())
        #expect(try witness.policy(quorum: true).isSatisfied(by: note, OpenSSLVerifier()))
        #expect(throws: NoteError.noKnownSignature) {
            try WitnessMemory(
                stored: log.note(5), key: witness.key, verifier: OpenSSLVerifier())
        }
    }

    @Test func `four tries come at once, then one a second`() {
        var pace = WitnessRateLimiter()
        func asks(_ milliseconds: Int64) -> Bool {
            pace.admits("a", at: BootTime(microseconds: milliseconds * 1000))
        }
        #expect((0..<4).allSatisfy { _ in asks(0) })
        #expect(!asks(0))
        #expect(!asks(900))
        #expect(asks(1000))
        #expect(!asks(1100))
        let other = pace.admits("b", at: BootTime(microseconds: 0))
        #expect(other)
        #expect((0..<4).allSatisfy { _ in asks(60_000) })
    }
}

/// A log with its key, which signs whatever a test asks for.
struct TestLog {
    let key: VerifierKey
    private let signer: LogKey
    private var merkle = MerkleTree(tree)

    init(
        leaves: Int, origin: String = "audit.acme.example/gw1/2026", seed: UInt8 = 1,
        salt: UInt8 = 0
    ) {
        guard
            let secret = Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32)),
            let key = VerifierKey(
                name: origin, publicKey: secret.publicKey.bytes, hashing: hashing)
        else { preconditionFailure("a seed of 32 bytes is a key") }
        self.key = key
        signer = LogKey(name: origin, publicKey: secret.publicKey) { secret.sign($0) }
        for leaf in 0..<leaves { merkle.append(tree.leaf([UInt8(leaf), salt])) }
    }

    func head(_ size: Int) -> Checkpoint {
        Checkpoint(
            origin: key.name, size: UInt64(size),
            root: merkle.root(at: UInt64(size)) ?? tree.emptyRoot)
    }

    func note(_ size: Int) -> [UInt8] { head(size).signed(id: key.id, by: signer) }

    func body(old: Int, new: Int, proofFrom: Int? = nil) -> [UInt8] {
        let proof = merkle.consistencyProof(
            oldSize: UInt64(proofFrom ?? old), newSize: UInt64(new))
        return AddCheckpoint.body(oldSize: UInt64(old), proof: proof ?? [], note: note(new))
    }

    func body(old: Int, head: Checkpoint) -> [UInt8] {
        AddCheckpoint.body(
            oldSize: UInt64(old), proof: [], note: head.signed(id: key.id, by: signer))
    }
}
