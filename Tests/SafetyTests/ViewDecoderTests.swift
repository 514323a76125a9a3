import InterlockJSON
import InterlockModel
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
        (#"\U00000041\U00110000\U0041"#, #"A\U00110000\U0041"#),
        ("&#00000000000103;&#x000000000000000067;&#x0000000000110000;", "gg&#x0000000000110000;"),
        (#"\u{00000000067}"#, "g"),
        ("&Integral;&lt &lt;", "&Integral;&lt <"),
        ("n\u{200b}p", "np"), ("ｎｐ", "np"), ("𝐧𝓹₁①ⅷ", "np11ⅷ"), ("c\u{430}t", "cat"),
        // Symbols that become others, or nothing, next to ASCII.
        ("A\u{a0}B", "A B"), ("x．y", "x.y"), ("/\u{200b}/", "//"), ("$\u{200b}$", "$$"),
        ("\u{ff04}\u{200b}\u{200b}2", "$2"), (" \u{200b} ", "  "),
        (
            String(repeating: "\u{455}", count: 3) + String(repeating: "\u{200b}", count: 40) + "k",
            "sssk"
        ),
        ("\u{3000}。\u{3000}", ""), ("кот и пёс", ""), ("你好，世界", ""), ("👩\u{200d}👧", ""),
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

    /// Programs break base64 after any number of characters.
    @Test(arguments: ["\n", "\r\n"]) func `a run goes on over short lines`(end: String) {
        let code = Array("aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxkIQ==".utf8)
        for width in 4...40 {
            var lines: [String] = []
            for start in stride(from: 0, to: code.count, by: width) {
                let line = code[start..<min(start + width, code.count)]
                lines.append(String(decoding: line, as: UTF8.self))
            }
            let text = lines.joined(separator: end)
            #expect(decoded(text).contains("hello world! hello world!"), "\(width)")
            #expect(decoded("a: \(text)\(end)b c").contains("hello world!"), "\(width)")
        }
        // The first line alone is short, whatever its length, and may end other words.
        for count in 1...20 {
            let code = code.map { String(decoding: [$0], as: UTF8.self) }
            let text = code[..<count].joined() + end + code[count...].joined()
            let other = String(repeating: "M", count: 20) + end
            for before in ["", "a: ", "words\(end)a: ", "some words\(end)", other] {
                let found = decoded(before + text).contains("hello world! hello world!")
                #expect(found, "\(before) \(count)")
            }
        }
        #expect(decoded(["aGVs", "bG8g", "d29", "ybGQh"].joined(separator: end)).isEmpty)
        #expect(decoded(["aGVs", "bG8g", "d29y", "bGQ"].joined(separator: end)).isEmpty)
    }

    /// Ranges of all sizes end in runs, in ends of lines and in escapes.
    @Test func `what is decoded does not depend on where ranges end`() {
        var chance = SeededGenerator.announced()
        let pieces = [
            "aGVs", "bG8gd29ybGQh", "\n", "\r\n", " ", "%41", "\u{200b}", "\u{455}", "&#065;", "b",
            "\u{ff0e}", "ab", "\\u0063", "é", "=", "aGVsbG8gd29ybGQhIGhlbGxv",
        ]
        for _ in 0..<400 {
            let text = Array(
                (0..<Int.random(in: 1...40, using: &chance))
                    .map { _ in pieces.randomElement(using: &chance) ?? "" }.joined().utf8)
            for width in [1, 2, 5, 17, 40] {
                var decoder = ViewDecoder(.full)
                var (start, decoded) = (0, Set<String>())
                while start < text.count {
                    let range = start..<min(text.count, start + width)
                    let (layer, end) = decoder.layer(
                        of: text.span, startingIn: range, by: NoInflater())
                    #expect(end >= range.upperBound && end <= text.count)
                    for index in layer.bytes.indices {
                        let source = layer.source(of: index..<index + 1)
                        #expect(!source.isEmpty && source.upperBound <= text.count)
                    }
                    decoded.formUnion(
                        String(decoding: layer.bytes, as: UTF8.self).split(separator: "\n")
                            .map(String.init))
                    start = end
                }
                var whole = ViewDecoder(.full)
                let (layer, _) = whole.layer(
                    of: text.span, startingIn: 0..<text.count, by: NoInflater())
                let parts = String(decoding: layer.bytes, as: UTF8.self).split(separator: "\n")
                // All edits are near each other here: one part has them all, wherever the first range ends.
                for part in parts { #expect(decoded.contains(String(part)), "\(width)") }
            }
        }
    }

    @Test func `edits in several ranges are made once`() {
        let piece = String(repeating: "a", count: 3) + "%62 " + String(repeating: ". ", count: 2000)
        let text = Array(String(repeating: piece, count: 128).utf8)
        var decoder = ViewDecoder(.full)
        var (start, made, letters) = (0, 0, 0)
        while start < text.count {
            let range = start..<min(text.count, start + (16 << 10))
            let (layer, end) = decoder.layer(of: text.span, startingIn: range, by: NoInflater())
            made += layer.bytes.count
            letters += layer.bytes.filter { $0 == UInt8(ascii: "b") }.count
            start = end
        }
        #expect(made <= 2 * text.count && letters == 128)
        #expect(!decoder.isUndecodable)
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

    /// Reads all bytes, and answers the same.
    private final class CountingInflater: Inflater {
        private let end: InflateEnd
        private(set) var bytes = 0

        init(_ end: InflateEnd) { self.end = end }

        func inflate(
            _ packed: Span<UInt8>, _ form: PackedForm, most: Int, to output: inout [UInt8]
        ) -> InflateEnd {
            bytes += packed.count
            return end
        }
    }

    /// A header that names a file, and no end of the name.
    @Test(arguments: [InflateEnd.cut, .broken, .full, .whole])
    func `headers without data cost what is read, and no more than the limits`(end: InflateEnd) {
        let escaped = Array(String(repeating: "%1f%8b%08%08", count: 100_000).utf8)
        let header: [UInt8] = [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3, 1, 1]
        let encoded = Array(Base64.encode((0..<100_000).flatMap { _ in header }).utf8)
        for text in [escaped, encoded] {
            for limits in [ViewLimits.full, .small] {
                let inflater = CountingInflater(end)
                var decoder = ViewDecoder(limits)
                let (first, _) = decoder.layer(
                    of: text.span, startingIn: 0..<text.count, by: inflater)
                _ = decoder.layer(of: first, by: inflater)
                #expect(inflater.bytes <= 2 * limits.allBytes)
                #expect(decoder.isUndecodable)
            }
        }
    }

    @Test func `an ampersand costs no comparison of names`() {
        let text = String(repeating: "a && b &c; &d_e; & & &&", count: 1000)
        #expect(Steps.counted { _ = decoded(text) } == 0)
        #expect(Steps.counted { _ = decoded("&lt;") } < 8)
    }

    /// The third layer is said to be there, whatever is glued to it.
    @Test(arguments: ["", "é", "\u{1}", "a", "ab", "abc", "---", "xyz\u{0}"])
    func `a third layer of text in a run is seen between other bytes`(other: String) {
        let value = Array((other + "some words that nobody reads" + other).utf8)
        for code in [Base64.encode(value), Hex.encode(value)] {
            for glued in ["", "a", "ab", "xyz"] {
                let inner = Array((glued + code).utf8)
                let text = Array(Base64.encode(Array(Base64.encode(inner).utf8)).utf8)
                var decoder = ViewDecoder(.full)
                let (first, _) = decoder.layer(
                    of: text.span, startingIn: 0..<text.count, by: NoInflater())
                decoder.end(with: decoder.layer(of: first, by: NoInflater()))
                #expect(decoder.isUndecodable, "\(other) \(glued) \(code)")
            }
        }
    }

    @Test func `digests and numbers are no third layer`() {
        let digests = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 "
        let numbers = String(repeating: "12345678901234567890\n", count: 100)
        let integrity = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        for inner in [digests, numbers, integrity, "/srv/www/some-long-name/of_a_file/index"] {
            let once = Base64.encode(Array(inner.utf8))
            let text = Array(Base64.encode(Array(once.utf8)).utf8)
            var decoder = ViewDecoder(.full)
            let (first, _) = decoder.layer(
                of: text.span, startingIn: 0..<text.count, by: NoInflater())
            decoder.end(with: decoder.layer(of: first, by: NoInflater()))
            #expect(!decoder.isUndecodable, "\(inner)")
        }
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
