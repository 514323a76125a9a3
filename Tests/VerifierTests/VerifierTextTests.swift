import InterlockJSON
import InterlockTesting
import Testing

@testable import interlock_verify

/// The small verifier's reading of text, compared with the other reader of this package: the two share no code and must
/// agree on every byte.
struct VerifierTextTests {
    static let samples = [
        #"{"agent":"refunds","args":{"b":"x","c":"y","n":13},"cnt":1,"rs":1,"t":"call.denied","v":1}"#,
        #"{"a":[true,false,-9007199254740991,0,{"b":[]}],"z":"\"\\\b\f\n\r\t\u0001\u001f é 😀 "}"#,
        "{\"\u{e9}\":1,\"\u{d7ff}\":2,\"\u{1f600}\":3,\"\u{e000}\":4,\"\u{ffff}\":5}",
        "{}", #"{"a\nb":1,"a\\b":2}"#, #" {"a" : [ 1.5e3 , null ] , "b":"\u0041\/\ud83d\ude00"} "#,
        #"{"a":9007199254740992}"#, #"{"a":1,"a":1}"#, #"{"b":1,"a":1}"#, "[1,2]",
        #"{"a":"\ud800"}"#,
    ]

    @Test func `both readers accept the same records, also after random edits`() {
        var chance = SeededGenerator.announced()
        var accepted = 0
        for sample in Self.samples {
            check(Array(sample.utf8), &accepted)
            for _ in 0..<rounds(3_000) {
                var bytes = Array(sample.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &chance) {
                    edit(&bytes, &chance)
                }
                check(bytes, &accepted)
            }
        }
        #expect(accepted > rounds(1_000), "almost all edits were refused: nothing was compared")
    }

    private func check(_ bytes: [UInt8], _ accepted: inout Int) {
        let range = 0..<bytes.count
        let text = String(decoding: bytes, as: UTF8.self)
        let isRecord = (try? JSONScanner.members(of: bytes, in: range, .record)) != nil
        #expect(isRecord == Self.isRecord(bytes), "\(text)")
        let isDocument = (try? JSONScanner.members(of: bytes, in: range, .document)) != nil
        let parsed = try? JSONValue(parsing: bytes, limits: JSONLimits(depth: 16, bytes: 1 << 16))
        // The other reader also rejects numbers that it cannot represent exactly.
        let hasLongNumber = text.split { !$0.isNumber }.contains { $0.count > 15 }
        if !hasLongNumber, !text.contains("e"), !text.contains("E") {
            #expect(isDocument == (parsed?.object != nil), "\(text)")
        }
        if isRecord { accepted += 1 }
    }

    /// The rule itself: canonical, without fractions and null.
    private static func isRecord(_ bytes: [UInt8]) -> Bool {
        guard
            let value = try? JSONValue(
                parsing: bytes, limits: JSONLimits(depth: 16, bytes: 1 << 16)),
            value.object != nil, isPlain(value)
        else { return false }
        return (try? value.canonical()) == bytes
    }

    private static func isPlain(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .number: false
        case .bool, .integer, .string: true
        case .array(let elements): elements.allSatisfy(isPlain)
        case .object(let object): object.members.allSatisfy { isPlain($0.value) }
        }
    }

    private func edit(_ bytes: inout [UInt8], _ chance: inout SeededGenerator) {
        let pieces = Array(#"{}[]",:\u0019aA-.e tfn "#.utf8) + [0x00, 0x7f, 0xc3, 0xee, 0xf0, 0xff]
        let place = Int.random(in: 0...bytes.count, using: &chance)
        let piece = pieces.randomElement(using: &chance) ?? 0
        switch Int.random(in: 0..<3, using: &chance) {
        case 0: bytes.insert(piece, at: place)
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2 where place < bytes.count: bytes[place] = piece
        default: break
        }
    }

    /// Returns true if the number's text, the bytes between the brackets, is canonical.
    private static func isCanonical(_ text: String) -> Bool {
        (try? JSONScanner.elements(
            of: Array("[\(text)]".utf8), in: 0..<text.utf8.count + 2, .canonical))
            != nil
    }

    @Test func `a payload has each number in the one form of ECMAScript`() {
        for text in [
            "0", "-1", "1.5", "1e+21", "100000000000000000000", "0.000001", "1e-7", "null",
            "123456789012345680", "5e-324", "1.7976931348623157e+308", "-1.25e-9", "0.1", "42000.5",
        ] { #expect(Self.isCanonical(text), "\(text)") }
        for text in [
            "-0", "1.0", "1E5", "1e21", "1e400", "01", "9007199254740993", "NaN", "0.10", "1e+5",
            "0.0000001", " 1", "1 ",
        ] { #expect(!Self.isCanonical(text), "\(text)") }
        var chance = SeededGenerator.announced()
        for _ in 0..<rounds(2_000) {
            let value = Double(bitPattern: UInt64.random(in: 0...(.max), using: &chance))
            guard let number = InterlockJSON.JSONNumber(value) else { continue }
            #expect(Self.isCanonical(number.text), "\(number.text)")
            let plain = "\(value)"
            #expect(Self.isCanonical(plain) == (plain == number.text), "\(plain)")
        }
    }

    @Test func `base64 is read in its one form alone`() {
        var chance = SeededGenerator.announced()
        for count in 0..<70 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) }
            let text = Array(Base64.encode(bytes).utf8)
            #expect(Base64.decode(text[...]) == bytes)
            #expect(Hex.decode(Hex.encode(bytes).utf8) == bytes)
        }
        for text in [
            "A", "AA", "AAA", "AA=A", "====", "AB==", "AAB=", "AAAA=", "AA==AAAA", "A A=", "AA-_",
        ] {
            #expect(Base64.decode(Array(text.utf8)[...]) == nil, "\(text)")
        }
    }

    @Test func `bytes that no writer made stop no reader`() {
        var chance = SeededGenerator.announced()
        let note = Array(
            "o\n1\n\(Base64.encode([UInt8](repeating: 1, count: 32)))\n\n\u{2014} o AAAAAAAA\n".utf8
        )
        let proof = Array("c2sp.org/tlog-proof@v1\nindex 0\n\n".utf8) + note
        let policy = Array("log x\nwitness w y\ngroup g any w\nquorum g\n".utf8)
        let bundle: [UInt8] = [0, 2, 65, 66, 0, 1, 67]
        #expect(SignedNote(note) != nil && ProofFile(proof) != nil)
        #expect(EntryBundle.entries(bundle)?.count == 2)
        for _ in 0..<rounds(5_000) {
            for sample in [note, proof, policy, bundle] {
                var bytes = sample
                for _ in 0..<Int.random(in: 1...4, using: &chance) { edit(&bytes, &chance) }
                _ = SignedNote(bytes)
                _ = ProofFile(bytes)
                _ = try? TrustPolicy(bytes)
                _ = EntryBundle.entries(bytes)
                _ = VerifierKey(bytes)
                _ = TarFile.fields(bytes + [UInt8](repeating: 0, count: max(0, 512 - bytes.count)))
                _ = Manifest(bytes)
            }
        }
    }

    @Test(arguments: [
        ("tile/0/000", true), ("tile/entries/x001/x234/067.p/8", true), ("tile/63/999.p/255", true),
        ("tile/64/000", false), ("tile/0/000.p/0", false), ("tile/0/000.p/256", false),
        ("tile/0/0000", false), ("tile/0/x000/001", false), ("tile/00/001", false),
        ("tile/0/001.p/08", false), ("tile/0/x001", false), ("tile/0/001/002", false),
    ])
    func `a tile has one name`(_ path: String, _ isName: Bool) {
        #expect((TilePath.parse(path) != nil) == isName)
    }

    /// A log of 70,000 entries has 273 full tiles and one of 112 hashes, and 273 roots above the full ones.
    @Test(arguments: [
        ("tile/0/272", false), ("tile/0/273.p/112", false), ("tile/0/273.p/113", true),
        ("tile/0/273", true), ("tile/0/274.p/1", true), ("tile/1/000", false),
        ("tile/1/001.p/17", false), ("tile/1/001.p/18", true), ("tile/entries/273.p/112", false),
        ("tile/2/000.p/1", false), ("tile/2/000.p/2", true), ("tile/63/000.p/1", true),
        ("tile/0/x999/x999/x999/x999/x999/999", true),
        ("tile/0/x018/x446/x744/x073/x709/551", true),
    ])
    func `a file beyond the checkpoint is known by its name, however large its number`(
        _ path: String, _ isBeyond: Bool
    ) throws {
        #expect(LogFolder.isBeyond(try #require(TilePath.parse(path)), 70_000) == isBeyond)
    }
}
