import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

/// No text becomes markup in any position.
struct HTMLTests {
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x",
        "&lt;b&gt;",
        "</title><script>", "</textarea><b>", "]]>", "<!--", "-->", "<![CDATA[", "&", "&#60;",
        "\u{0}<",
        "a\u{c}b", "\r\n<", "\u{2028}", "javascript:alert(1)", "`${x}`", "＜script＞", "\u{feff}<a>",
        "+ADw-script+AD4-",
    ]

    /// A page with the text in each kind of position.
    static func page(_ text: String) -> HTML {
        element(.html) {
            element(.head) { element(.title) { text } }
            element(.body) {
                element(.p, .text(.label, text), .style(.muted, .nowrap)) {
                    text
                    SafeText.text(text)
                }
                element(.a, .link(.href, Link("approvals", text, query: [("agent", text)]))) {
                    text
                }
                empty(.input, .word(.type, "hidden"), .text(.value, text))
                element(.textarea, .word(.name, "why")) { text }
                notice(.bad) { text }
            }
        }
    }

    /// The tags of a page except those that wrap parts of a text, which depend on the text.
    static func tags(_ outline: Outline) -> [String] {
        let shown: Set<String> = [
            "span class", "/span", "bdi class dir", "/bdi", "strong class", "/strong",
        ]
        return outline.tags.filter { !shown.contains($0) }
    }

    private func check(_ text: String) {
        let outline = Outline(Self.page(text).document(.utc))
        #expect(outline.faults == [], "\(text.debugDescription)")
        #expect(Self.tags(outline) == Self.tags(Outline(Self.page("plain").document(.utc))))
        let plain = Outline(element(.p) { text }.bytes)
        #expect(plain.tags == ["p", "/p"])
        #expect(plain.text == replaced(text))
        let value = Outline(empty(.input, .text(.value, text)).bytes)
        #expect(value.values == [replaced(text)])
    }

    /// The text with U+FFFD for each character that a document must not contain.
    private func replaced(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let stays =
                scalar.value >= 0x20 && scalar.value != 0x7f
                || "\t\n".unicodeScalars.contains(scalar)
            scalars.append(stays ? scalar : "\u{fffd}")
        }
        return String(scalars)
    }

    @Test(arguments: hostile) func `a hostile text is text`(_ text: String) { check(text) }

    @Test func `no text yields an element or an attribute`() {
        var chance = SeededGenerator.announced()
        let pieces =
            Self.hostile + ["<", ">", "\"", "'", "&", "=", "/", " ", "a", "\u{0}", "\u{202e}", "é"]
        for _ in 0..<rounds(1500) {
            let count = Int.random(in: 1...8, using: &chance)
            check((0..<count).map { _ in pieces.randomElement(using: &chance) ?? "" }.joined())
        }
    }

    @Test(arguments: [
        ("a b", "/approvals/a%20b"), ("..", "/approvals/-"), (".", "/approvals/-"),
        ("", "/approvals/-"),
        ("/evil.example", "/approvals/%2Fevil.example"), ("?x#y", "/approvals/%3Fx%23y"),
        ("\\", "/approvals/%5C"), ("%2e%2e", "/approvals/%252e%252e"),
        ("javascript:x", "/approvals/javascript%3Ax"),
        ("\u{202e}", "/approvals/%E2%80%AE"),
    ])
    func `an address stays on this origin`(_ segment: String, _ path: String) {
        #expect(Link("approvals", segment).text == path)
    }

    @Test func `a query has what has a value`() {
        let link = Link("approvals", query: [("agent", "a&b"), ("tool", nil), ("page", "2")])
        #expect(link.text == "/approvals?agent=a%26b&page=2")
    }

    @Test func `a script has no inside`() {
        let outline = Outline(element(.script) { "alert(1)" }.bytes)
        #expect(outline.tags == ["script", "/script"])
        #expect(outline.text == "")
    }

    /// The check itself must be able to fail.
    @Test func `an outline sees markup that came in`() {
        let outline = Outline(Array("<p><b title=x>&</p>".utf8))
        #expect(outline.tags == ["p", "b title", "/p"])
        #expect(outline.faults.count == 3)
    }
}
