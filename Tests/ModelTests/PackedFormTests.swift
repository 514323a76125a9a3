import InterlockModel
import InterlockTesting
import Testing

/// Values read from bytes equal those read from the same text.
@Suite struct PackedFormTests {
    @Test func `an id's bits are taken from its characters, and from nothing else`() throws {
        var generator = SeededGenerator.announced()
        let symbols = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        for _ in 0..<2000 {
            var text = (0..<26).map { _ in symbols[Int.random(in: 0..<32, using: &generator)] }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                text[Int.random(in: 0..<26, using: &generator)] = .random(
                    in: 0...127, using: &generator)
            case 1: text.removeLast()
            default: text[0] = symbols[Int.random(in: 0..<8, using: &generator)]
            }
            var packed: [UInt8] = [9]
            let isID = RunID.pack(text.span, to: &packed)
            let id = RunID(String(decoding: text, as: UTF8.self))
            #expect(isID == (id != nil))
            #expect(id.map { Array($0.text.utf8) == text } ?? true)
            #expect(packed == [9] + (id.map { Array($0.packed) } ?? []))
        }
        let known = try #require(RunID("0000000000000000000000001z"))
        #expect(known.packed == [UInt8](repeating: 0, count: 15) + [63])
    }

    @Test func `an id says when it was made, and two are the same when their texts are`() throws {
        let random = [UInt8](0..<10)
        for milliseconds: Int64 in [0, 1, 1 << 32, (1 << 48) - 1] {
            let id = RunID(milliseconds: milliseconds, random: random)
            #expect(id.milliseconds == milliseconds)
            #expect(RunID(id.text) == id)
            #expect(id != RunID(milliseconds: milliseconds, random: random.reversed()))
        }
        #expect(
            RunID(milliseconds: 1, random: [UInt8](repeating: 0, count: 10)).text
                == "00000000010000000000000000")
    }

    @Test func `base64 is decoded from bytes as strictly as from text`() {
        var generator = SeededGenerator.announced()
        var texts = [
            "", "=", "==", "====", "A===", "AA==", "AB==", "AAA=", "AAB=", "AAAA", "AAAAA",
        ]
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<50, using: &generator)
            var text = Array(
                Base64.encode((0..<count).map { _ in .random(in: 0...255, using: &generator) }).utf8
            )
            if !text.isEmpty, Bool.random(using: &generator) {
                let place = Int.random(in: 0..<text.count, using: &generator)
                text[place] = .random(in: 0...127, using: &generator)
            }
            texts.append(String(decoding: text, as: UTF8.self))
        }
        for text in texts {
            var bytes: [UInt8] = [9]
            let isDecoded = Base64.decode(text.utf8.span, to: &bytes)
            let decoded = Base64.decode(text)
            #expect(isDecoded == (decoded != nil), "\(text)")
            #expect(bytes == [9] + (decoded ?? []), "\(text)")
        }
    }
}
