import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockStore

/// A log and the folder of its keys, as the rotation command sees them.
private struct RotatedLog {
    let test: TestLog
    let clock = MovedClock()
    let first: PublicKey

    init() throws {
        test = try TestLog()
        first = try NodeKeys.create(in: test.folder + "/keys", entropy: SystemEntropy())
            .log.publicKey
        try WriteAheadLog.create(test.configuration, try tools())
    }

    var keys: String { test.folder + "/keys" }

    /// The tools with the keys that the folder has now.
    func tools() throws -> LedgerTools {
        let keys = try LogKeys.load(from: keys)
        var former: FormerSigner?
        if let key = keys.former, let end = keys.overlapEnd {
            former = FormerSigner(signer(key), until: end)
        }
        return LedgerTools(
            hashing: TestLog.hashing, signer: signer(keys.current), verifier: OpenSSLVerifier(),
            clock: clock, former: former, earlier: LogPublicKeys(keys).earlier)
    }

    func open() throws -> WriteAheadLog {
        try WriteAheadLog.open(test.configuration, try tools())
    }

    func signer(_ key: Ed25519PrivateKey) -> LogKey {
        LogKey(name: TestLog.origin, publicKey: key.publicKey) { key.sign($0) }
    }

    func vkey(_ key: PublicKey) throws -> VerifierKey {
        try #require(
            VerifierKey(name: TestLog.origin, publicKey: key.bytes, hashing: TestLog.hashing))
    }

    /// Makes the record of a rotation, signed only by the old key.
    func record() async throws -> LogKeyRotation {
        let old = try LogKeys.load(from: keys).current.publicKey
        var new = old
        let at = try await KeyRotation(test.configuration, try tools()).record(cause: "planned") {
            let key = try LogKeys.prepare(in: keys, entropy: SystemEntropy())
            new = key.publicKey
            return signer(key)
        }
        return LogKeyRotation(from: old, to: new, at: at, .planned)
    }

    /// - Returns: the new key.
    func rotate() async throws -> PublicKey {
        let rotation = try await record()
        try LogKeys.commit(rotation, in: keys)
        try open().close()
        return rotation.new
    }

    func verify(_ known: PublicKey...) throws -> VerifyReport {
        try test.reader.verify(
            VerifyRequest(keys: try known.map(vkey), verifier: OpenSSLVerifier()))
    }

    /// The identifiers of the keys under the published checkpoint.
    func signers() throws -> [UInt32] {
        let note = try #require(
            try Folder.contents(test.configuration.checkpointFile, limit: 1 << 20))
        return try SignedNote(parsing: note).signatures.map(\.id)
    }
}

@Suite struct RotationTests {
    @Test func `both keys sign for thirty days, then the new one alone`() async throws {
        let log = try RotatedLog()
        let new = try await log.rotate()
        let ids = try [log.vkey(new).id, log.vkey(log.first).id]
        #expect(try log.signers() == ids)
        // A reader who knows one of the two keys can follow.
        #expect(try log.verify(log.first).isGood)
        #expect(try log.verify(new).isGood)
        log.clock.set(days: 29)
        try log.open().close()
        #expect(try log.signers() == ids)

        log.clock.set(days: 31)
        try log.open().close()
        #expect(try log.signers() == [ids[0]])
        #expect(try !log.verify(log.first).isGood)
        #expect(try log.verify(new).isGood)
        try LogKeys.finishOverlap(in: log.keys)
        try log.open().close()
        let report = try log.verify(log.first, new)
        #expect(report.isGood)
        #expect(report.warnings.contains { $0.contains("rotated (planned)") })
        #expect(try log.test.types().count { $0 == "key.rotate" } == 1)
    }

    @Test func `a log that was not started during the overlap is started after it`() async throws {
        let log = try RotatedLog()
        let rotation = try await log.record()
        try LogKeys.commit(rotation, in: log.keys)
        #expect(try log.signers() == [log.vkey(log.first).id])
        log.clock.set(days: 400)
        try log.open().close()
        #expect(try log.signers() == [log.vkey(rotation.new).id])
    }

    @Test func `a rotation that was broken off anywhere is finished, with one record`() async throws
    {
        struct Crash: Error {}
        let log = try RotatedLog()
        // The rotation breaks off before the key exists, and before the record exists.
        for makesKey in [false, true] {
            let rotation = KeyRotation(log.test.configuration, try log.tools())
            await #expect(throws: Crash.self) {
                try await rotation.record(cause: "planned") {
                    if makesKey {
                        _ = try LogKeys.prepare(in: log.keys, entropy: SystemEntropy())
                    }
                    throw Crash()
                }
            }
            #expect(try log.test.types().contains("key.rotate") == false)
            #expect(try LogKeys.load(from: log.keys).current.publicKey == log.first)
        }
        let pending = try #require(try LogKeys.load(from: log.keys).pending?.publicKey)
        // The rotation breaks off before it is committed.
        let rotation = try await log.record()
        #expect(rotation.new == pending)
        log.clock.set(days: 2)
        let again = try await log.record()
        #expect(abs((again.at - rotation.at) / .seconds(1)) < 60, "the time of the record")
        // The rotation breaks off before the log is published under the new key.
        try LogKeys.commit(again, in: log.keys)
        try log.open().close()
        #expect(try log.signers().count == 2)
        #expect(try log.test.types().count { $0 == "key.rotate" } == 1)
        #expect(try log.verify(log.first, rotation.new).isGood)
    }

    @Test func `without the new key nothing goes on`() async throws {
        let log = try RotatedLog()
        let rotation = try await log.record()
        // The key's file is lost before the rotation is committed: another key cannot take its place.
        try Folder.remove(log.keys + "/log.next.key")
        await #expect(throws: LedgerFailure(.configuration, "")) { try await log.record() }
        #expect(try LogKeys.load(from: log.keys).pending?.publicKey != rotation.new)

        // A folder of keys from before the rotation.
        let other = try RotatedLog()
        let earlier = try other.tools()
        _ = try await other.rotate()
        #expect(throws: LedgerFailure(.damaged, "")) {
            try WriteAheadLog.open(other.test.configuration, earlier)
        }
    }

    @Test func `nothing is made while another program writes the log`() async throws {
        let log = try RotatedLog()
        let running = try log.open()
        await #expect(throws: LedgerFailure(.locked, "")) { try await log.record() }
        #expect(try LogKeys.load(from: log.keys).pending == nil)
        running.close()
    }

    @Test func `a second rotation follows from the first`() async throws {
        let log = try RotatedLog()
        let second = try await log.rotate()
        log.clock.set(days: 31)
        try log.open().close()
        try LogKeys.finishOverlap(in: log.keys)
        let third = try await log.rotate()
        let report = try log.verify(log.first, second, third)
        #expect(report.isGood)
        #expect(report.warnings.count { $0.contains("was rotated") } == 2)
    }

    @Test(arguments: ["sig", "vkey", "origin", "again"])
    func `a rotation that the new key did not sign is a fault`(_ part: String) async throws {
        let log = try RotatedLog()
        let old = try log.vkey(log.first)
        let secret = try #require(Ed25519PrivateKey(seed: Array(1..<33)))
        var new = try log.vkey(secret.publicKey)
        let origin = part == "origin" ? "test.example/gw1/2027" : TestLog.origin
        var signature = secret.sign(KeySuccession.statement(origin: origin, old: old))
        if part == "sig" { signature[0] ^= 1 }
        if part == "vkey" { new = try log.vkey(try #require(PublicKey(bytes: Array(2..<34)))) }
        let running = try log.open()
        for _ in 0..<(part == "again" ? 2 : 1) {
            _ = try await running.append(
                RecordDraft(
                    .keyRotate, run: nil,
                    fields: [
                        "vkey": .string(new.description), "why": "planned",
                        "sig": .string(Base64.encode(signature)),
                    ]))
        }
        running.close()
        let faults = try log.verify(log.first).faults
        #expect(faults.count == 1 && faults.first?.contains("did not sign") == true, "\(faults)")
    }

    @Test func `two signatures fit the room that a frame keeps for its checkpoint`() throws {
        let origin = String(repeating: "o", count: NoteName.maximumBytes)
        let secret = try #require(Ed25519PrivateKey(seed: Array(0..<32)))
        let key = LogKey(name: origin, publicKey: secret.publicKey) { secret.sign($0) }
        let clock = SystemClock()
        let tools = LedgerTools(
            hashing: TestLog.hashing, signer: key, verifier: OpenSSLVerifier(), clock: clock,
            former: FormerSigner(key, until: clock.now.wall + .seconds(60)))
        let head = Checkpoint(origin: origin, size: .max, root: Digest(words: (1, 2, 3, 4)))
        let note = try #require(HeadSigner(tools, origin: origin)).sign(head)
        #expect(try SignedNote(parsing: note).signatures.count == 2)
        #expect(note.count <= SegmentSpace.checkpointBytes)
    }
}
