import InterlockJSON
import InterlockTesting
import Testing

/// Compares the search by words with one by bytes.
@Suite struct `Search for escapes` {
    @Test func `every byte is judged as by itself, at every offset of a word and a block`() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<48 {
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: 48)
                text[place] = byte
                check(text, from: 0)
            }
        }
    }

    @Test func `the neighbours of an escape decide nothing`() {
        let values: [UInt8] = [
            0, 1, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7e, 0x7f, 0x80, 0xa2, 0xff,
        ]
        for first in values {
            for second in values {
                for third in values {
                    check([UInt8(ascii: "a"), first, second, third], from: 1)
                    check([first, second, third, 0x61, 0x61, 0x61, 0x61, 0x61], from: 0)
                }
            }
        }
    }

    @Test func `any bytes, of any length and from any start`() {
        var random = SeededGenerator.announced()
        // Bytes that differ by one bit or by one from those that are escaped.
        let close: [UInt8] = [0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7e, 0x80, 0x9f, 0xa2, 0xdc, 0xff]
        let escaped: [UInt8] = [0, 1, 0x1f, 0x22, 0x5c, 0x7f]
        for count in 0...200 {
            for rarity in [1, 4, 40, 400] {
                let text = (0..<count).map { _ in
                    switch Int.random(in: 0..<2 * rarity, using: &random) {
                    case 0: escaped[Int.random(in: 0..<escaped.count, using: &random)]
                    case 1: UInt8.random(in: 0...255, using: &random)
                    default: close[Int.random(in: 0..<close.count, using: &random)]
                    }
                }
                check(text, from: 0)
                check(text, from: count)
                check(text, from: Int.random(in: 0...count, using: &random))
            }
        }
    }

    @Test func `text of many escapes is read as it was written`() throws {
        var random = SeededGenerator.announced()
        let parts = [
            "\"", "\\", "\n", "\u{1f}", "\u{7f}", "é", "日本", "😀", "a",
            "lamp on a desk, and a desk below it",
        ]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                parts[Int.random(in: 0..<parts.count, using: &random)]
            }.joined()
            let bytes = JSONValue.string(text).serialized()
            let again = try JSONValue(parsing: bytes, limits: .upstream)
            #expect(again == .string(text))
        }
    }

    private func check(_ text: [UInt8], from start: Int) {
        let found = text.span.firstEscape(from: start)
        let expected = text[start...].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5c }
        #expect(found == expected ?? text.count, "from \(start) in \(text)")
        let isPlain = text.span.isPlainText
        let mayBePlain = text.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c && $0 != 0x7f }
        #expect(isPlain == mayBePlain, "\(text)")
    }
}
