import InterlockSafety
import InterlockTesting
import Testing

/// The part of a text that goes for a finding (docs/specs/output-safety.md, section 4).
@Suite(.requirement("R082")) struct `Extent of a secret` {
    private static let begin = "-----BEGIN " + "RSA PRIVATE KEY-----"
    private static let end = "-----END " + "RSA PRIVATE KEY-----"

    private func part(
        _ text: String, _ secretClass: SecretClass, at offset: Int, length: Int
    ) throws -> String? {
        let bytes = Array(text.utf8)
        let finding = SecretFinding(
            rule: try #require(RuleID("r")), secretClass: secretClass, strength: .block,
            offset: Int64(offset), length: length, line: 1)
        guard case .part(let range) = SecretExtent(of: finding, in: bytes.span) else { return nil }
        return String(decoding: bytes[range], as: UTF8.self)
    }

    @Test func `a key ends behind the end marker of its own label`() throws {
        let key = "\(Self.begin)\nMIIB\n\(Self.end)"
        #expect(
            try part("a\n\(key)\nb", .privateKey, at: 2, length: Self.begin.utf8.count + 1) == key)
        // Escaped, and with another label between.
        let other = "\(Self.begin)\\nMIIB\\n-----END CERTIFICATE-----\\n\(Self.end)"
        #expect(
            try part(other + " tail", .privateKey, at: 0, length: Self.begin.utf8.count) == other)
    }

    @Test func `a key of a form of the web ends behind its end marker`() throws {
        let key = "\(Self.begin)\nMII+\n\(Self.end)".split(separator: " ").joined(separator: "+")
        #expect(try part("k=\(key)&b", .privateKey, at: 2, length: 34) == key)
        let mixed = "\(Self.begin.split(separator: " ").joined(separator: "+"))\nMII\n\(Self.end)"
        #expect(try part(mixed + " b", .privateKey, at: 0, length: 34) == mixed)
    }

    @Test func `a word goes on over what becomes one of its characters`() {
        let text = Array("ab%2E\u{200b}\\u0063&#100;e%20f".utf8)
        let end = SecretExtent.endOfWord(in: text.span, from: 1)
        #expect(String(decoding: text[end...], as: UTF8.self) == "%20f")
        #expect(SecretExtent.endOfWord(in: text.span, from: text.count) == text.count)
    }

    @Test func `a key whose end is not seen leaves nothing`() throws {
        for text in [
            "\(Self.begin)\nMIIB", "\(Self.begin)\nMIIB\n-----END PRIVATE KEY-----",
            // Lines in reverse.
            "\(Self.end)\nMIIB\n\(Self.begin)\n",
        ] {
            let offset = text.hasPrefix(Self.begin) ? 0 : Self.end.utf8.count + 6
            #expect(
                try part(text, .privateKey, at: offset, length: Self.begin.utf8.count) == nil)
        }
        #expect(try part("-----BEGIN", .privateKey, at: 0, length: 10) == nil)
    }

    @Test func `an account ends where those of its country do, and an address goes whole`() throws {
        let account = "DE44 5001 0517 5407 3249 31"
        #expect(try part("\(account) ABCD EF", .iban, at: 0, length: 32) == account)
        #expect(try part("\(account)", .iban, at: 0, length: 27) == account)
        let text = "to ada.l@mail.example.org, now"
        #expect(try part(text, .personal, at: 7, length: 9) == "ada.l@mail.example.org")
        #expect(try part("ssn\n219-09-9999", .nationalID, at: 0, length: 15) == "219-09-9999")
        let dotted = "de44-5001-0517-5407-3249-31"
        #expect(try part("iban: \(dotted) x", .iban, at: 0, length: 33) == dotted)
        #expect(
            try part("nino: AB-12-34-56-C", .nationalID, at: 0, length: 19) == "AB-12-34-56-C")
    }

    /// A finding may have the word alone, and the number is a later member.
    @Test func `the number of a card goes, and no member beside it`() throws {
        let card = "4539 7884 " + "0388 5421"
        let text = "card\nholder\nAda\nnumber\n\(card)\ncvc\n123\n"
        #expect(try part(text, .card, at: 0, length: 5) == card)
        #expect(try part("number\n\(card)\ncvc\n", .card, at: 0, length: 26) == card)
        #expect(try part("card\nnumber\n\(card)", .card, at: 0, length: 31) == card)
    }

    /// A pattern of bounded length ends before a long token does.
    @Test func `a token goes to the end of its word`() throws {
        #expect(
            try part("key=abcd_ef-g.h/i+j== rest", .token, at: 4, length: 3) == "abcd_ef-g.h/i+j==")
        #expect(try part("abcd", .token, at: 1, length: 3) == "bcd")
        #expect(try part("a", .token, at: 5, length: 9) == "")
    }

    @Test func `a value of the broker goes with its word, and a long one with everything`() throws {
        #expect(try part("x abcdefgh12 y", .brokered, at: 4, length: 4) == "abcdefgh12")
        let most = BrokeredValues.lengths.upperBound
        let long = String(repeating: "a", count: most + 40)
        #expect(try part(long, .brokered, at: 0, length: most) == nil)
    }
}
