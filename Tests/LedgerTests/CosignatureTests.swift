import InterlockCredentials
import InterlockLedger
import InterlockModel
import Testing

@Suite struct CosignatureTests {
    private let witness = TestWitness(seed: 7, name: "witness.example/w7")
    private let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

    @Test func `what is signed names protocol, time and the whole note text`() {
        var message: [UInt8] = []
        _ = Cosignature(of: text, at: 1_679_315_147, by: witness.key) { bytes in
            message = bytes
            return [UInt8](repeating: 0, count: 64)
        }
        #expect(message == Array("cosignature/v1\ntime 1679315147\n\(text)".utf8))
    }

    @Test func `the worked example of the auditing page is made to the byte, and is enough`() throws
    {
        let trust = """
            log audit.acme.example/gw1/2026+7ca325f0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4
            witness auditor auditor.example+58294613+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X
            quorum auditor

            """
        let text =
            "audit.acme.example/gw1/2026\n3\nyI5qmf/HRp0U5zPFGUPb+EsGvdx8xsJrfUpgcyDlIU8=\n"
        let line =
            "\u{2014} auditor.example WClGEwAAAABrAB3hakVaPCFqdV4wtm5jQNF22kbFUPc8CxYnoPmNphTzbjzqez1Z"
            + "YA4KfSHpEVGuL7oE3/FcEa2da0SDMbn9fVoUCQ==\n"
        let policy = try TrustPolicy(parsing: Array(trust.utf8), hashing: hashing)
        let key = try #require(policy.witnesses.first).key
        let secret = try #require(Ed25519PrivateKey(seed: Array(32..<64)))
        #expect(secret.publicKey.bytes == key.publicKey)
        let made = Cosignature(of: text, at: 1_795_169_761, by: key, sign: secret.sign)
        #expect(made.line == line)
        let note = try SignedNote(parsing: Array((text + "\n" + line).utf8))
        #expect(try policy.isSatisfied(by: note, OpenSSLVerifier()))
    }

    @Test func `a cosignature under a note is read back, and counts for its witness only`() throws {
        let note = try witness.cosigned(text, at: 1_679_315_147)
        let line = try #require(note.signatures.last)
        #expect(line.bytes.count == 72)
        let read = try Cosignature(line, under: note.text, by: witness.key, OpenSSLVerifier())
        #expect(read?.time == 1_679_315_147)
        let other = TestWitness(seed: 8, name: "witness.example/w7")
        #expect(try Cosignature(line, under: note.text, by: other.key, OpenSSLVerifier()) == nil)
    }

    @Test func `a line that names a witness and is not its rejects the note`() throws {
        let note = try witness.cosigned(text, at: 5)
        let policy = try witness.policy(quorum: true)
        #expect(try policy.isSatisfied(by: note, OpenSSLVerifier()))
        let moved = try SignedNote(
            parsing: Array(note.bytes(under: text.replacing("20852163", with: "20852164"))))
        #expect(throws: NoteError.badSignature("witness.example/w7")) {
            try policy.isSatisfied(by: moved, OpenSSLVerifier())
        }
        let stranger = try TestWitness(seed: 9, name: "w9").cosigned(text, at: 5)
        #expect(try !policy.isSatisfied(by: stranger, OpenSSLVerifier()))
    }

    @Test func `a witness's key and a log's of the same bytes are not each other's`() throws {
        let log = try #require(
            VerifierKey(
                name: witness.key.name, publicKey: witness.key.publicKey, hashing: hashing))
        #expect(log.id != witness.key.id)
        #expect(CosignerKey(log.description, hashing: hashing) == nil)
        #expect(VerifierKey(witness.key.description, hashing: hashing) == nil)
        #expect(CosignerKey(witness.key.description, hashing: hashing) == witness.key)
    }
}

/// A witness whose key is derived from one repeated byte.
struct TestWitness {
    let key: CosignerKey
    private let secret: Ed25519PrivateKey

    init(seed: UInt8, name: String) {
        guard
            let secret = Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32)),
            let key = CosignerKey(
                name: name, publicKey: secret.publicKey.bytes, hashing: hashing)
        else { preconditionFailure("a seed of 32 bytes is a key") }
        self.secret = secret
        self.key = key
    }

    func sign(_ message: [UInt8]) -> [UInt8] { secret.sign(message) }

    func cosigned(_ text: String, at time: UInt64) throws -> SignedNote {
        let line = Cosignature(of: text, at: time, by: key, sign: secret.sign).line
        return try SignedNote(parsing: Array((text + "\n" + line).utf8))
    }

    func policy(quorum: Bool) throws -> TrustPolicy {
        let text = "witness w \(key)\nquorum \(quorum ? "w" : "none")\n"
        return try TrustPolicy(parsing: Array(text.utf8), hashing: hashing)
    }
}

extension SignedNote {
    /// The same signatures under another text.
    func bytes(under text: String) -> [UInt8] {
        let lines = signatures.map { signature in
            let id = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: signature.id >> UInt32($0)) }
            return "\u{2014} \(signature.name) \(Base64.encode(id + signature.bytes))\n"
        }
        return Array((text + "\n" + lines.joined()).utf8)
    }
}
