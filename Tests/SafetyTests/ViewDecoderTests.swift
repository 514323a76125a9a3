import InterlockTesting
import Testing

@testable import InterlockSafety

/// The decoders of texts (docs/specs/output-safety.md, section 4).
@Suite(.requirement("R082")) struct ViewDecoderTests {
    /// Unpacks nothing.
    private final class NoInflater: Inflater {
        func inflate(
            _ packed: Span<UInt8>, _ form: PackedForm, most: Int, to output: inout [UInt8]
        ) -> InflateEnd { .broken }
    }

    /// Returns the first layer with `|` between its parts.
    private func decoded(_ text: String, _ limits: ViewLimits = .full) -> String {
        var decoder = ViewDecoder(limits)
        let bytes = Array(text.utf8)
        let (layer, end) = decoder.layer(
            of: bytes.span, startingIn: 0..<bytes.count, by: NoInflater())
        #expect(end == bytes.count)
        return String(decoding: layer.bytes, as: UTF8.self)
            .split(separator: "\n").joined(separator: "|")
    }

    @Test(arguments: [
        ("%41%c3%A9%4", "Aé%4"), ("%u0041%U00e9%u12", "Aé%u12"),
        (#"\u0041\x42\u{43}\u{1F600}\ud83d\ude00"#, "ABC😀😀"), (#"a\/b\"c\\d\'e"#, #"a/b"c\d'e"#),
        ("&#65;&#x42;&#X43&lt;&lowbar;&nope;&#;", "ABC<_&nope;&#;"),
        (#"\ud800 \u12 \q %zz & % \"#, ""), ("plain", ""), ("", ""),
        ("n\u{200b}p", "np"), ("ｎｐ", "np"), ("𝐧𝓹₁①ⅷ", "np11ⅷ"), ("c\u{430}t", "cat"),
        ("кот и пёс", ""), ("你好，世界", ""), ("👩\u{200d}👧", ""),
    ])
    func `escapes and look-alikes are decoded, and other texts are left`(
        _ text: String, _ expected: String
    ) {
        #expect(decoded(text) == expected)
    }

    @Test func `a run has at least 16 characters, at each alignment`() {
        // Sixteen characters of base64 are twelve letters.
        #expect(decoded("aGVsbG8gd29ybGQh") == "hello world!")
        #expect(decoded("aGVsbG8gd29ybGQ").isEmpty)
        #expect(decoded("(aGVsbG8gd29ybGQh)") == "hello world!")
        for glued in ["A", "AB", "ABC", "ABCD"] {
            #expect(decoded(glued + "aGVsbG8gd29ybGQh").contains("hello world!"), "\(glued)")
        }
        #expect(decoded("68656c6c6f212121").contains("hello!!!"))
        #expect(decoded("0x68656C6C6F212121").contains("hello!!!"))
        #expect(decoded("68656c6c6f2121").isEmpty)
    }

    @Test func `each byte of a layer has the bytes of the text of which it was made`() {
        let text = Array("ab %63d aGVsbG8gd29ybGQh= n\u{200b}p".utf8)
        var decoder = ViewDecoder(.full)
        let (layer, _) = decoder.layer(of: text.span, startingIn: 0..<text.count, by: NoInflater())
        func source(_ part: String) -> String? {
            let wanted = Array(part.utf8)
            let starts = layer.bytes.indices.filter { layer.bytes[$0...].starts(with: wanted) }
            guard let start = starts.first else { return nil }
            let range = layer.source(of: start..<start + wanted.count)
            return String(decoding: text[range], as: UTF8.self)
        }
        #expect(source("c") == "%63" && source("bc") == nil)
        #expect(source(" cd") == " %63d" && source("ab c") == "ab %63")
        #expect(source("world") == "aGVsbG8gd29ybGQh=")
        #expect(source("np") == "n\u{200b}p")
    }

    @Test func `a text of many edits stops at a limit`() {
        let text = Array(String(repeating: "a%62", count: DecodedLayer.mostSegments).utf8)
        var decoder = ViewDecoder(.full)
        _ = decoder.layer(of: text.span, startingIn: 0..<text.count, by: NoInflater())
        #expect(decoder.isOverBytes && decoder.isUndecodable)
    }

    @Test func `more bytes than the limits allow stop the decoding`() {
        let limits = ViewLimits(partBytes: 64, allBytes: 100)
        let bytes = Array(String(repeating: "aGVsbG8gd29ybGQh", count: 8).utf8)
        var decoder = ViewDecoder(limits)
        let (layer, _) = decoder.layer(
            of: bytes.span, startingIn: 0..<bytes.count, by: NoInflater())
        #expect(decoder.isOverBytes && layer.bytes.count < 100)
    }

    /// The table has what the standard library has no function for; a sample of the Unicode Character Database.
    @Test func `characters that NFKC makes ASCII are in the table`() {
        let samples: [(Unicode.Scalar, Unicode.Scalar)] = [
            ("\u{a0}", " "), ("\u{aa}", "a"), ("\u{b2}", "2"), ("\u{17f}", "s"), ("\u{2071}", "i"),
            ("\u{212a}", "K"), ("\u{2165}", "\u{2165}"), ("\u{2169}", "X"), ("\u{24b6}", "A"),
            ("\u{24e9}", "z"), ("\u{3000}", " "), ("\u{ff01}", "!"), ("\u{ff5e}", "~"),
            ("\u{1d400}", "A"), ("\u{1d6a3}", "z"), ("\u{1d7ff}", "9"), ("\u{1fbf9}", "9"),
            ("\u{e9}", "\u{e9}"), ("\u{430}", "\u{430}"), ("\u{10ffff}", "\u{10ffff}"),
        ]
        for (scalar, expected) in samples {
            let ascii = CompatibilityLetters.ascii(scalar.value)
            #expect((ascii.map { UInt32($0) } ?? scalar.value) == expected.value, "\(scalar)")
        }
    }
}
