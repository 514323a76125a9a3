import InterlockCommandLine
import Testing

@testable import interlock

@Suite struct TerminalEscapingTests {
    @Test(arguments: [
        ("plain text, ä and 漢字", "plain text, ä and 漢字"),
        ("\u{1b}[2J", "⟦U+001B⟧[2J"),
        ("a\u{202e}b", "a⟦U+202E⟧b"),
        ("zero\u{200b}width", "zero⟦U+200B⟧width"),
        ("soft\u{ad}hyphen", "soft⟦U+00AD⟧hyphen"),
        ("tag\u{e0041}", "tag⟦U+E0041⟧"),
        ("line\nbreak", "line⟦U+000A⟧break"),
        ("no\u{a0}break", "no⟦U+00A0⟧break"),
    ])
    func `what cannot be seen is shown as its code point`(_ text: String, _ shown: String) {
        #expect(TerminalEscaping.shown(text) == shown)
    }
}
