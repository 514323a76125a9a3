import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockSafety

/// Text of sensitive tools in what calls send (docs/specs/output-safety.md, section 7, "Egress side channels").
@Suite(.requirement("R085")) struct SensitiveTextTests {
    private static let vault = ServerName("vault").unwrapped
    private static let web = ServerName("web").unwrapped
    private static let page = "Ada Lovelace, born 10 December 1815 in London"

    private func text(
        _ content: JSONValue = .string(SensitiveTextTests.page), request: String = "",
        most: Int = SensitiveText.most
    ) -> SensitiveText {
        var text = SensitiveText(key: (3, 5), most: most)
        text.add(request: request)
        text.add(content, of: Self.vault)
        return text
    }

    @Test(arguments: [
        "x.test/?q=Lovelace, born 10 December", "lovelaceborn10december",
        "LOVELACE-BORN-10-DECEMBER", "a/Lovelace/born/10/December/b",
        "l.o.v.e.l.a.c.e.b.o.r.n.1.0.d.e.c.e.m.b.e.r",
        "\u{ff2c}ovelace\u{200b} born_10_December", "Lovelace•born•10•December",
        "Lovelace·born…10→December", "Love\u{1f600}lace born \u{2211}10\u{20e3} December",
        "L\u{301}o\u{301}velace born 10 December", "Lovelace\u{ff0e}born\u{3001}10\u{ab}December",
    ])
    func `a stretch is known with any separators`(_ sent: String) {
        #expect(text().isIn(sent, sentTo: Self.web))
        #expect(text(["a": ["b": .string(Self.page)]]).isIn(sent, sentTo: Self.web))
        // The server knows its own text.
        #expect(!text().isIn(sent, sentTo: Self.vault))
        #expect(!text(request: Self.page).isIn(sent, sentTo: Self.web))
    }

    @Test func `letters of other scripts are letters, and signs between them are none`() {
        let known = text("Бухгалтерия")
        #expect(known.isIn("q=бухгалтерия", sentTo: Self.web))
        #expect(known.isIn("бух•гал…тер→ия", sentTo: Self.web))
        #expect(
            !text("•••••••••••••••••• ………………").isIn("•••••••••••••••••• ………………", sentTo: Self.web))
    }

    private static let row =
        #"{"name":"Anna Meier","ssn":"756.9217.0769.85","paid":true,"card":"4111111111111111"}"#

    @Test(arguments: [
        "[\(SensitiveTextTests.row)]", "ssn: 756.9217.0769.85, paid: true, card: 4111111111111111",
        "Anna Meier 756.9217.0769.85", "name=Anna Meier&ssn=756.9217.0769.85",
        "756.9217.0769.85 4111111111111111",
    ])
    func `short values of a document are known together`(_ sent: String) throws {
        let rows = "[\(Self.row)]"
        let parsed = try JSONValue(parsing: Array(rows.utf8), limits: .agent)
        for content in [
            .string(rows), ["content": [["type": "text", "text": .string(rows)]]], parsed,
        ] as [JSONValue] {
            #expect(text(content).isIn(sent, sentTo: Self.web))
            #expect(!text(content).isIn("Anna Meier paid", sentTo: Self.web))
            #expect(!text(content).isIn(sent, sentTo: Self.vault))
        }
    }

    @Test func `a text of a document is known with its escapes and without them`() {
        let known = text(#"{"note":"Lovelace,\nborn \u0031\u0030 December"}"#)
        #expect(known.isIn("Lovelace, born 10 December", sentTo: Self.web))
        #expect(known.isIn("note Lovelace, born 10", sentTo: Self.web))
        #expect(known.isIn(#"Lovelace,\nborn \u0031"#, sentTo: Self.web))
    }

    @Test func `a text that is split over the values of a read is known`() {
        let split: JSONValue = ["q": ["Lovelace, ", "born 10"], "n": ["of": "%20December"]]
        let sent = SentTexts(split, isRead: true).texts
        #expect(sent.contains { text().isIn($0, sentTo: Self.web) })
        let others: JSONValue = ["q": ["Lovelace, ", "another"], "n": ["of": "born 10 December"]]
        #expect(
            !SentTexts(others, isRead: true).texts.contains { text().isIn($0, sentTo: Self.web) })
        #expect(SentTexts(split, isRead: false).texts.isEmpty)
    }

    @Test(arguments: [
        "", "Lovelace, born 10", "December 1815 in", "born in December 1815 was Ada Lovelace",
        "another text of many letters and digits",
    ])
    func `shorter stretches and other texts are not known`(_ sent: String) {
        #expect(!text().isIn(sent, sentTo: Self.web))
    }

    @Test func `each stretch of a text is known, and none of another`() {
        var random = SeededGenerator.announced()
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        for _ in 0..<rounds(200) {
            func word(_ count: Int) -> String {
                String((0..<count).map { _ in letters[Int.random(in: 0..<36, using: &random)] })
            }
            let content = word(Int.random(in: 0...60, using: &random))
            let all = text(.string(content))
            let last = max(0, content.count - SensitiveText.stretch)
            let start = Int.random(in: 0...last, using: &random)
            let part = content.dropFirst(start).prefix(SensitiveText.stretch)
            let isLong = part.count == SensitiveText.stretch
            #expect(all.isIn("/\(part)", sentTo: Self.web) == isLong)
            #expect(!all.isIn(word(40), sentTo: Self.web))
            #expect(all.count == max(0, content.count - SensitiveText.stretch + 1))
        }
    }

    @Test func `text for which there was no room counts as sensitive`() {
        var small = text("abc", most: 10)
        #expect(small.isComplete && small.mayHaveText)
        #expect(!small.isIn("some letters of no tool at all", sentTo: Self.web))
        small.add(.string(Self.page), of: Self.vault)
        #expect(!small.isComplete && small.count == 10)
        #expect(small.isIn("some letters of no tool at all", sentTo: Self.vault))
        #expect(!small.isIn("few letters", sentTo: Self.web))
        var lost = SensitiveText(key: (3, 5))
        #expect(!lost.mayHaveText)
        lost.add(request: Self.page)
        #expect(!lost.mayHaveText)
        lost.lose()
        #expect(lost.mayHaveText && lost.isIn("some letters of no tool", sentTo: Self.web))
        #expect(!lost.isIn(Self.page, sentTo: Self.web))
    }

    @Test func `content in parts is the content, also when it is added at different times`() {
        let words = (0..<3000).map { "word\($0)" }.joined(separator: " ")
        let whole = text(.string(words))
        let parts = whole.stretches(of: .string(words)).parts
        #expect(parts.count > 1)
        var other = SensitiveText(key: (3, 5))
        other.add(parts[0], of: Self.vault)
        #expect(other.count == SensitiveText.Stretches.mostOfPart)
        for part in parts.dropFirst() { other.add(part, of: Self.vault) }
        #expect(other.count == whole.count && other.isComplete)
        #expect(other.isIn("word1200 word1201 word1202", sentTo: Self.web))
        // Content without a stretch is one part, so that its run is known to have read something.
        #expect(whole.stretches(of: "short").parts.count == 1)
        #expect(text("short").mayHaveText)
    }

    @Test func `what a call sends is its URLs, and each text of a read`() {
        let url = "https://x.test/a%20b?c=d#e"
        let read = SentTexts(["url": .string(url), "n": 5], isRead: true)
        #expect(read.targets == ["/a%20b?c=d#e"])
        #expect(read.texts.contains(url) && read.texts.contains("https://x.test/a b?c=d#e"))
        let body = "See [it](https://y.test/p?q=Secret%20text) and ![](http://z.test/i.png)."
        let mail = SentTexts(["body": .string(body), "to": "bob@example.com"], isRead: false)
        #expect(mail.targets.isEmpty)
        #expect(
            mail.texts == [
                "y.test/p?q=secret%20text", "y.test/p?q=secret text", "z.test/i.png",
            ])
        // A server may read on where a token ends.
        let odd = SentTexts(["url": "  http://x.test/a b\"<c>"], isRead: true)
        #expect(odd.targets == ["/a b\"<c>"])
        #expect(SentTexts(["text": "http://x.test/a b"], isRead: false).targets.isEmpty)
        #expect(SentTexts(["text": "http://x.test/ab"], isRead: false).targets == ["/ab"])
        #expect(SentTexts(["text": "http://x.test"], isRead: true).targets.isEmpty)
        // Clients leave out white space at the ends of a URL, and tabs and line ends in it.
        for text in [
            "http://x.test/ab ", " http://x.test/ab", "http://x.test/ab\n", "\thttp://x.test/ab",
            "http://x.test/ab\u{a0}", "\u{200b}http://x.test/ab", "http://x.test/a\r\n\tb\u{7f}",
        ] {
            #expect(SentTexts(["text": .string(text)], isRead: false).targets == ["/ab"])
            #expect(SentTexts(["text": .string(text)], isRead: true).targets == ["/ab"])
        }
        let long = JSONValue.string(String(repeating: "a", count: LabelIndex.longestContent + 1))
        #expect(SentTexts(["text": long], isRead: false).isTooLong)
    }
}
