import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockLedger

/// Payloads (docs/specs/ledger.md, section 6), with the known answer given there.
@Suite struct PayloadTests {
    private let hashing = OpenSSLHashing()
    private let cipher = OpenSSLPayloadCipher()
    private let runKey = [UInt8](0x40...0x5f)
    private static let plaintext = Array(
        #"{"amount_cents":1250,"currency":"EUR","invoice":"INV-20931"}"#.utf8)

    private func leaf3() throws -> StoredRecord {
        let example = try #require(ExampleLeaves.all.first { $0.index == 3 })
        return try StoredRecord(parsing: Array(example.text.utf8))
    }

    private func sealed(_ plaintext: [UInt8] = plaintext, nonce: UInt8 = 0x03) throws
        -> SealedPayload
    {
        let name = try #require(try leaf3().payloadName("args"))
        return SealedPayload(
            field: "args", plaintext: plaintext, key: payloadKey(of: name, runKey: runKey),
            random: PayloadRandom(
                salt: [UInt8](repeating: 0x83, count: 32),
                nonce: [UInt8](repeating: nonce, count: 12)),
            cipher: cipher, hashing: hashing)
    }

    private func opener(_ answer: PayloadKeyResponse? = nil) -> PayloadOpener {
        PayloadOpener(
            keys: OneRun(runKey: runKey, answer: answer), cipher: cipher, hashing: hashing)
    }

    @Test func `the key of leaf 3's arguments is the published one`() throws {
        let name = try #require(try leaf3().payloadName("args"))
        #expect(name.scope == "01kag0qwz3b5d7f9h1k3m5p7r9")
        #expect(
            Hex.encode(payloadKey(of: name, runKey: runKey).bytes)
                == "b0796b03b4e63424c324bb1276524af83db401be1dbd26c40a06c749c6f3db5c")
    }

    @Test func `the blob and both digests of leaf 3's arguments are the published ones`() throws {
        let payload = try sealed()
        #expect(
            Hex.encode(payload.blob) == """
                010303030303030303030303032a3ff2ffebb5274cf9170940dd96da705c951f5a337729c4aef954fbeb99e7b3\
                1ceba9aac5e166315ef07cbee9e014ffec7e1dd025a023426298a8a16995ccae90bbb2664e3e5f6dba103ac9bd\
                86cde9d3005b0cfe1191e5a1dce568a6ea8a10647eba0ba5ad679d07294662
                """)
        #expect(
            payload.commitment.content.hex
                == "6a058e29895d34250e3c0f656ad28ac66f5b5b9d477836e6c1010b74d6405ba6")
        #expect(
            payload.commitment.stored?.hex
                == "0e6bab47fea65937e1fb03b13822666cf7a3567a520210e9ff3d36c59979461d")
        #expect(try leaf3().commitment("args") == payload.commitment)
    }

    @Test func `what was sealed opens for the leaf that commits to it`() throws {
        let blob = try sealed().blob
        #expect(opener().open("args", of: try leaf3(), blob: blob) == .opened(Self.plaintext))
    }

    @Test func `no changed byte of a blob opens`() throws {
        let blob = try sealed().blob
        for place in blob.indices {
            var changed = blob
            changed[place] ^= 0x10
            let answer = opener().open("args", of: try leaf3(), blob: changed)
            guard case .bad = answer else {
                Issue.record("byte \(place) gave \(answer)")
                continue
            }
        }
        for count in blob.indices {
            let answer = opener().open("args", of: try leaf3(), blob: Array(blob[..<count]))
            #expect(answer == .bad(.stored))
        }
    }

    @Test func `a blob that opens to another plaintext than the commitment's is told apart`() throws
    {
        let record = try leaf3()
        let other = try sealed(Array("another story".utf8), nonce: 0x04)
        var object = record.object
        // The leaf names the other blob, but still commits to the first plaintext.
        object["args"] =
            Commitment(
                stored: other.commitment.stored, content: try sealed().commitment.content,
                length: other.commitment.length
            ).json
        let forged = try StoredRecord(parsing: try JSONValue.object(object).canonical())
        #expect(opener().open("args", of: forged, blob: other.blob) == .bad(.content))
    }

    @Test func `erased and missing are different answers`() throws {
        let record = try leaf3()
        let blob = try sealed().blob
        #expect(opener(.erased).open("args", of: record, blob: blob) == .erased)
        #expect(opener(.erased).open("args", of: record, blob: nil) == .erased)
        #expect(opener(.missing).open("args", of: record, blob: blob) == .missing(.key))
        #expect(opener().open("args", of: record, blob: nil) == .missing(.blob))
        #expect(opener().open("res", of: record, blob: blob) == .missing(.commitment))
    }

    @Test func `a payload in clear of an old log still opens`() throws {
        let salt = [UInt8](repeating: 9, count: 32)
        let blob = [0x00] + salt + Self.plaintext
        var object = try leaf3().object
        object["args"] =
            Commitment(
                stored: hashing.sha256(blob),
                content: PayloadForm.commitment(
                    salt: salt.span, plaintext: Self.plaintext.span, hashing: hashing),
                length: Self.plaintext.count
            ).json
        let record = try StoredRecord(parsing: try JSONValue.object(object).canonical())
        #expect(
            opener(.missing).open("args", of: record, blob: blob) == .opened(Self.plaintext))
    }

    @Test
    func `nothing is permitted on a payload that is not kept, and an outcome without one says so`()
        throws
    {
        let run = RunContext(
            run: try #require(RunID("01kag0q9v4x2m7c8d3e5f6g7h8")),
            agent: try #require(AgentName("refunds")), subject: nil)
        func leaf(_ draft: RecordDraft) throws(LeafError) {
            _ = try Leaf(draft, at: LeafTests.somewhere, hashing: hashing)
        }
        let lost = try sealed().unstored
        let release = RecordDraft(
            .killReleased, run: nil,
            fields: ["req": "01kag0qwz3b5d7f9h1k3m5p7r9", "kep": 2, "by": []],
            payloads: [
                SealedPayload(
                    unstored: "why", plaintext: [1], salt: [UInt8](repeating: 0, count: 32),
                    hashing: hashing)
            ])
        #expect(throws: LeafError.notKept("why")) { try leaf(release) }
        var outcome = RecordDraft(
            .callOutcome, run: run,
            fields: [
                "call": "01kag0qwz3b5d7f9h1k3m5p7r9",
                "intent": "P6LK9rGQ9BBFz3gH6zY8ucp110LLmOQAvwGxYyyQkqs=", "st": "ok", "code": "0",
                "dur": 1,
            ],
            payloads: [
                SealedPayload(
                    unstored: "res", plaintext: [1], salt: [UInt8](repeating: 0, count: 32),
                    hashing: hashing)
            ])
        #expect(throws: LeafError.notKept("res")) { try leaf(outcome) }
        outcome.fields["st"] = "withheld"
        try leaf(outcome)
        #expect(lost.commitment.stored == nil && lost.blob.isEmpty)
    }

    @Test func `the empty payload has a blob and opens`() throws {
        let payload = try sealed([])
        #expect(payload.blob.count == PayloadForm.overhead)
        let name = try #require(try leaf3().payloadName("args"))
        let content = cipher.open(payload.blob.span, key: payloadKey(of: name, runKey: runKey))
        #expect(content?.count == PayloadForm.saltBytes)
    }

    @Test func `payloads of random length round-trip, and only under their own name`() throws {
        var random = SeededGenerator("payloads")
        for _ in 0..<50 {
            let count = Int.random(in: 0...5000, using: &random)
            let plaintext = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let payload = try sealed(plaintext, nonce: UInt8.random(in: 0...255, using: &random))
            let run = try #require(RunID("01kag0q9v4x2m7c8d3e5f6g7h8"))
            let name = PayloadName(
                owner: .run(run), scope: "01kag0qwz3b5d7f9h1k3m5p7r9", field: "args")
            let other = PayloadName(
                owner: .run(run), scope: "01kag0qwz3b5d7f9h1k3m5p7r9", field: "in")
            let content = cipher.open(payload.blob.span, key: payloadKey(of: name, runKey: runKey))
            #expect(content.map { Array($0.dropFirst(PayloadForm.saltBytes)) } == plaintext)
            #expect(
                cipher.open(payload.blob.span, key: payloadKey(of: other, runKey: runKey)) == nil)
        }
    }
}

/// Returns keys derived from one run's key, or `answer` for every name if it is set.
private struct OneRun: PayloadKeySource {
    let runKey: [UInt8]
    let answer: PayloadKeyResponse?

    func key(of name: PayloadName) -> PayloadKeyResponse {
        answer ?? .key(payloadKey(of: name, runKey: runKey))
    }
}
