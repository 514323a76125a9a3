import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockSafety

/// Registered values that leave in pieces (docs/specs/output-safety.md, section 4, item 1).
@Suite(.requirement("R082")) struct ValueStretchesTests {
    private static let value = "tok4Qz9LmX2vR7bTn1Kc8WdY5hJp3GsF6uAe0iZo"

    private func values(_ texts: [String], key: (UInt64, UInt64) = (1, 2)) -> BrokeredValues {
        var values = BrokeredValues(key: key)
        for text in texts { _ = values.add(Array(text.utf8)) }
        return values
    }

    private func parts(_ text: String, of values: BrokeredValues) -> [ValuePart]? {
        let bytes = Array(text.utf8)
        return values.stretches.parts(in: bytes.span)
    }

    private func piece(_ range: Range<Int>) -> String {
        String(decoding: Array(Self.value.utf8)[range], as: UTF8.self)
    }

    /// Each piece is eight bytes, of which no two together have a further stretch.
    @Test func `pieces add up to half of a value`() throws {
        let known = values([Self.value])
        var sent: UInt64 = 0
        var halves: [Bool] = []
        for start in stride(from: 0, to: 40, by: 8) {
            let found = try #require(parts("a \(piece(start..<start + 8)) b", of: known))
            let part = try #require(found.first)
            #expect(found.count == 1 && part.planted == nil)
            sent |= part.parts
            halves.append(part.isHalf(with: sent))
        }
        #expect(halves == [false, false, true, true, true])
    }

    @Test func `a piece is known in each encoding, with the same parts`() throws {
        let known = values([Self.value])
        let piece = self.piece(6..<30)
        let plain = try #require(parts(piece, of: known)?.first)
        #expect(plain.parts.nonzeroBitCount == 24)
        var forms = [String(piece.reversed()), piece.lowercased()]
        forms += [Hex.encode(Array(piece.utf8)), Hex.encode(Array(piece.utf8)).uppercased()]
        for before in ["", "x", "xy"] { forms.append(Base64.encode(Array((before + piece).utf8))) }
        for form in forms {
            let found = try #require(parts(form, of: known)?.first, "\(form)")
            #expect(found.value == plain.value)
            #expect(found.parts & ~plain.parts == 0, "\(form)")
            #expect(found.parts.nonzeroBitCount >= 20, "\(form)")
        }
    }

    @Test func `base64url is known, too`() throws {
        let value = "~?~?9aB~>~>7xY?~?~4kQ>~>~2wZ"
        let known = values([value])
        let text = Base64.encode(Array(value.utf8))
        #expect(text.contains("+") || text.contains("/"))
        let url = text.replacing("+", with: "-").replacing("/", with: "_")
        #expect(parts(url, of: known) == parts(text, of: known))
    }

    @Test(arguments: [
        "service-account-support-triage", "Production Database Password", "2026-11-30T01:52:00",
        "31415926535897932384626433832795", "postgres://reader@tickets.example:5432/tickets",
        "kX9#vQ2!mZ7w",
    ])
    func `words, numbers and short values are known whole alone`(value: String) {
        #expect(values([value]).stretches.isEmpty)
    }

    @Test func `of a value with words in it, only what looks random counts`() throws {
        let known = values(["postgres://reader:q7Rt2Xw9Lp4Zc6Vb@tickets.example:5432/tickets"])
        #expect(parts("postgres://reader: at tickets.example:5432/tickets", of: known) == [])
        let part = try #require(parts("it is q7Rt2Xw9Lp4Zc", of: known)?.first)
        #expect(part.isHalf(with: part.parts))
    }

    @Test func `the parts of one value are the same among other values and after a new read`()
        throws
    {
        let alone = try #require(parts(Self.value, of: values([Self.value]))?.first)
        let others = values(["u8Jk3Lp0Zx5Cv7Bn2Mq4Ws6Ed", Self.value])
        #expect(parts(Self.value, of: others) == [alone])
        let foreign = try #require(parts(Self.value, of: values([Self.value], key: (3, 4)))?.first)
        #expect(foreign.value != alone.value)
    }

    @Test func `a canary is known by its name, and also in words`() throws {
        let name = try #require(PlantedValueName("decoy"))
        for value in [Self.value, "abcdefghijklmnopqrstuvwxyz"] {
            var known = BrokeredValues(key: (1, 2))
            let isAdded = known.add(PlantedValue(name: name, bytes: Array(value.utf8)))
            #expect(isAdded)
            let part = try #require(parts(String(value.prefix(20)), of: known)?.first)
            #expect(part.planted == name && part.isHalf(with: part.parts))
        }
    }

    @Test func `a long value has 64 parts, and a third of it is less than half of them`() throws {
        var generator = SeededGenerator(seed: 5)
        let letters = ValueCheck.digits
        let bytes = (0..<960).map { _ in letters[Int(generator.next() % UInt64(letters.count))] }
        let value = String(decoding: bytes, as: UTF8.self)
        let known = values([value])
        let whole = try #require(parts(value, of: known)?.first)
        #expect(whole.parts == whole.known && whole.known.nonzeroBitCount == 64)
        let third = try #require(parts(String(value.prefix(320)), of: known)?.first)
        #expect(!third.isHalf(with: third.parts) && third.parts.nonzeroBitCount >= 20)
    }

    @Test func `a text that repeats stretches is searched up to a limit`() {
        let known = values([Self.value])
        let piece = String(Self.value.prefix(8)) + " "
        let most = ValueStretches.mostFound
        #expect(parts(String(repeating: piece, count: most), of: known)?.count == 1)
        #expect(parts(String(repeating: piece, count: most + 1), of: known) == nil)
    }

    @Test func `a stretch of many values is known of the first ones`() throws {
        let texts = (10..<40).map { "q7Rt2Xw9\($0)Lp4Zc6Vb\($0)Aa1Bb2" }
        let found = try #require(parts("q7Rt2Xw9", of: values(texts)))
        #expect(found.count == ValueStretches.mostShared)
        // Other stretches of the further values are their own.
        let last = try #require(parts(texts[29], of: values(texts)))
        #expect(last.contains { $0.isHalf(with: $0.parts) })
    }

    @Test func `values beyond the limit of stretches are not known in pieces`() {
        var few = ValueStretches(SipHash(key: (1, 2)), most: 16)
        few.add(Array(Self.value.utf8), nil)
        few.add(Array("u8Jk3Lp0Zx5Cv7Bn2Mq4Ws6Ed".utf8), nil)
        let text = Array("u8Jk3Lp0Zx5Cv7Bn2Mq4Ws6Ed".utf8)
        let found = few.parts(in: text.span)
        #expect(!few.isEmpty && found == [])
    }

    /// Other texts have no stretch of a value; a byte that is changed ends one.
    @Test(arguments: [UInt64(11), 12, 13])
    func `random text has no part of a value`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let letters = ValueCheck.digits
        let text = (0..<200_000).map { _ in letters[Int(generator.next() % UInt64(letters.count))] }
        let found = values([Self.value]).stretches.parts(in: text.span)
        #expect(found == [], "seed \(seed)")
    }
}
