import InterlockApprovals
import InterlockTesting
import Testing

/// The rendering of hostile text (docs/specs/approvals.md, section 7).
struct RevealedTextTests {
    /// Every character that docs/specs/approvals.md, section 7, names, and further invisible ones.
    static let unseen: [UInt32] =
        Array(0x00...0x08) + Array(0x0b...0x1f) + Array(0x7f...0xa0) + [0xad, 0x34f, 0x61c]
        + [0x115f, 0x1680, 0x180e] + Array(0x2000...0x200f) + Array(0x2028...0x202f)
        + Array(0x205f...0x206f) + [0x2800, 0x3000, 0x3164] + Array(0xfe00...0xfe0f)
        + [0xfeff, 0xffa0, 0xe000, 0xf8ff, 0xffff, 0x378] + Array(0xe0000...0xe01ef) + [0x10fffd]

    @Test func `no character that cannot be seen passes unseen`() throws {
        for value in Self.unseen {
            let scalar = try #require(Unicode.Scalar(value))
            let shown = RevealedText("a" + String(scalar) + "b")
            #expect(shown.spans == [.plain("a"), .hidden(scalar), .plain("b")], "U+\(value)")
            #expect(shown.warnings.contains(.hidden))
        }
    }

    @Test(arguments: [
        ("plain words, 12 €, naïve, Größe", "plain words, 12 €, naïve, Größe"),
        ("a\u{202e}b", "a⟦U+202E⟧b"), ("a\u{0}b", "a⟦U+0000⟧b"), ("\u{e0041}", "⟦U+E0041⟧"),
        ("one\ntwo\tthree", "one⏎two⇥three"), ("\r\n", "⟦U+000D⟧⏎"),
        ("  a b  ", "··a b··"), ("   ", "···"), ("", ""), ("a\u{a0}b", "a⟦U+00A0⟧b"),
        ("\u{1b}[31mred", "⟦U+001B⟧[31mred"), ("日本語 テキスト", "日本語 テキスト"), ("🙂", "🙂"),
    ])
    func `a text is shown in full on one line`(_ text: String, _ line: String) {
        #expect(RevealedText(text).line == line)
    }

    @Test func `thousands are separated in texts of the gateway alone`() {
        let amount = "1\u{202f}234.56 EUR"
        #expect(RevealedText(amount, isOwn: true).spans == [.plain(amount)])
        #expect(RevealedText(amount, isOwn: true).warnings == [])
        #expect(RevealedText(amount).line == "1⟦U+202F⟧234.56 EUR")
        for other in ["a\u{202f}1", "1\u{202f}a", "1\u{202f}", "\u{202f}1", "1\u{202e}2"] {
            #expect(RevealedText(other, isOwn: true).warnings == [.hidden], "\(other)")
        }
    }

    @Test(
        arguments: [
            ("paypal", []), ("p\u{430}ypal", [.mixedScripts]), ("Москва and Paris", []),
            ("Пара2x", [.mixedScripts]), ("ｐaypal", [.mixedScripts]), ("𝐩aypal", [.mixedScripts]),
            ("日本語テキスト", []), ("한국어漢字", []), ("p\u{200b}\u{430}y", [.hidden, .mixedScripts]),
            ("e\u{301}\u{302}", []), ("e\u{301}\u{302}\u{303}", [.stackedMarks]),
            ("https://xn--pypal-4ve.com", [.punycode]), ("XN--A", [.punycode]), ("axn--a", []),
            ("xn-", []), ("xn--", []),
        ] as [(String, [RevealedText.Warning])])
    func `what looks like something else is named`(
        _ text: String, _ warnings: [RevealedText.Warning]
    ) {
        #expect(RevealedText(text).warnings == warnings)
    }

    /// A letter that is not of ASCII at the end takes the short way from the whole text.
    @Test func `plain text is shown alike whether its scalars are looked up or not`() {
        var chance = SeededGenerator.announced()
        let alphabet = Array("xXnN-.ab1 \t\u{7f}~".unicodeScalars)
        for _ in 0..<rounds(2_000) {
            var view = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...12, using: &chance) {
                view.append(alphabet.randomElement(using: &chance) ?? "a")
            }
            let text = "a" + String(view) + "."
            let (short, long) = (RevealedText(text), RevealedText(text + "é"))
            #expect(short.line + "é" == long.line)
            #expect(short.warnings == long.warnings, "\(text)")
        }
    }

    @Test func `the spans are the whole text`() {
        var chance = SeededGenerator.announced()
        for _ in 0..<2000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...40, using: &chance) {
                let pool: [ClosedRange<UInt32>] = [
                    0...0x7f, 0x20...0x20, 0x2000...0x20ff, 0...0x10ffff,
                ]
                let range = pool.randomElement(using: &chance) ?? 0...0x7f
                if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &chance)) {
                    text.append(scalar)
                }
            }
            var again = String.UnicodeScalarView()
            for span in RevealedText(String(text)).spans {
                switch span {
                case .plain(let plain): again += Array(plain.unicodeScalars)
                case .hidden(let scalar): again.append(scalar)
                case .sign(let sign): again.append(sign.rawValue)
                }
            }
            #expect(Array(again) == Array(text))
        }
    }

    @Test(arguments: [
        ("aGVsbG8gd29ybGQ=", "base64", "hello world"), ("aGVsbG8gd29ybGQ", "base64", "hello world"),
        ("a%20b", "percent-encoding", "a b"), ("%E2%80%AE", "percent-encoding", "\u{202e}"),
    ])
    func `a code is undone one level deep`(_ value: String, _ code: String, _ text: String) {
        let decoded = DecodedText(value)
        #expect(decoded?.code.rawValue == code)
        #expect(decoded?.text == text)
    }

    @Test(arguments: ["hello", "order A-1009", "100%", "%zz", "%ff", "password", ""])
    func `what is no code has no second view`(_ value: String) {
        #expect(DecodedText(value) == nil)
    }

    @Test func `packed data is named though it is not unpacked`() {
        let decoded = DecodedText("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==")
        #expect(decoded?.code == .gzip)
        #expect(decoded?.text == nil)
        #expect(decoded?.count == 25)
    }
}
