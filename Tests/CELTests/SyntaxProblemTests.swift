import InterlockPolicy
import InterlockPolicyCEL
import Testing

@Suite struct SyntaxProblemTests {
    @Test(arguments: [
        ("", 0, "expected a value, found the end"),
        ("a +  // nothing", 3, "expected a value, found the end"),
        ("a b", 2, "expected an operator or the end, found `b`"),
        ("(a", 2, "expected `)`, found the end"),
        ("[1 2]", 3, "expected `,` or `]`, found a number"),
        ("{1: 2", 5, "expected `,` or `}`, found the end"),
        ("{1}", 2, "expected `:`, found `}`"),
        ("f(1,)", 4, "expected a value, found `)`"),
        ("a ? b", 5, "expected `:`, found the end"),
        ("a.1", 1, "expected an operator or the end, found a number"),
        ("a.in", 2, "expected a field name, found `in`"),
        ("a.true", 2, "expected a field name, found `true`"),
        ("if", 0, "`if` is a reserved word and names no variable"),
        ("!-a", 1, "expected a value, found `-`"),
        ("a = b", 2, "`=` is no operator"),
        ("a & b", 2, "`&` is no operator"),
        ("a # b", 2, "`#` cannot stand here"),
        ("é", 0, "a character that cannot stand outside strings"),
        ("'é' é", 4, "a character that cannot stand outside strings"),
        ("has(a)", 4, "`has` takes the field of a value"),
        ("has(a.?b)", 4, "`has` takes the field of a value"),
        ("has(a.b, c)", 7, "expected `)`, found `,`"),
        ("l.all(1, x)", 6, "expected the name of a variable, found a number"),
        ("l.all(x.y, x)", 7, "expected `,`, found `.`"),
        ("l.all(x)", 7, "expected `,`, found `)`"),
        ("l.all(x, y, z, w)", 13, "expected `)`, found `,`"),
        ("l.exists(x, x, true)", 12, "the macro names `x` twice"),
        ("l.filter(x, y, z)", 13, "expected `)`, found `,`"),
        ("l.transformList(x, 1)", 19, "expected the name of a variable, found a number"),
        ("cel.bind(x, 1)", 13, "expected `,`, found `)`"),
        ("o.optMap(x)", 10, "expected `,`, found `)`"),
        ("l.map(if, 1)", 6, "expected the name of a variable, found `if`"),
    ])
    func `says what was expected, and where`(text: String, offset: Int, message: String) {
        #expect(problem(text)?.kind == .syntax)
        #expect(problem(text)?.offset == offset)
        #expect(problem(text)?.message == message)
    }

    @Test func `the offset is never outside of the text, and the message is one line`() {
        let texts = ["a +\n", "'\n", "\u{0}", "a.\n\nb c", "\u{2028}", "'\u{1f600}' +"]
        for text in texts {
            let found = problem(text)
            #expect((0...text.unicodeScalars.count).contains(found?.offset ?? -1))
            #expect(found?.message.contains("\n") == false)
        }
    }

    // The work for a rejected text is bounded by the length read: no token is read twice.
    @Test func `texts over the limits are refused as soon as the limit is passed`() {
        let parentheses = String(repeating: "(", count: 3000)
        #expect(problem(parentheses)?.kind == .tooLarge)
        #expect(problem(parentheses)?.offset == CELLimits.engine.nesting)

        let huge = String(repeating: "a", count: 10 << 20)
        #expect(problem(huge)?.kind == .tooLarge)
        #expect(problem(huge)?.offset == 0)
        #expect(problem(huge, limits: .guardText)?.offset == 0)

        let macros = String(repeating: "[1].map(x, ", count: 60) + "x"
        let third = problem(macros, limits: .guardText)
        #expect(third?.kind == .tooLarge)
        #expect(third?.offset == 22)
    }

    @Test func `each limit of a guard holds, and what is just within it parses`() {
        func kind(_ text: String) -> CELProblem.Kind? { problem(text, limits: .guardText)?.kind }
        func repeated(_ text: String, _ count: Int) -> String {
            String(repeating: text, count: count)
        }
        #expect(kind("'" + repeated("a", 1022) + "'") == nil)
        #expect(kind("'" + repeated("a", 1023) + "'") == .tooLarge)
        #expect(kind("[" + repeated("1,", 255) + "]") == nil)
        #expect(kind("[" + repeated("1,", 256) + "]") == .tooLarge)
        #expect(kind(repeated("!", 31) + "a") == nil)
        #expect(kind(repeated("!", 32) + "a") == .tooLarge)
        #expect(kind("a" + repeated(".b", 31)) == nil)
        #expect(kind("a" + repeated(".b", 32)) == .tooLarge)
        #expect(kind(repeated("(", 63) + "a" + repeated(")", 63)) == nil)
        #expect(kind(repeated("(", 64) + "a" + repeated(")", 64)) == .tooLarge)
        #expect(kind("a.all(x, x.all(y, y))") == nil)
        #expect(kind("a.all(x, x.all(y, y.all(z, z)))") == .tooLarge)
        #expect(kind("a.map(x, x).filter(x, x).all(x, x)") == nil)
        #expect(kind("a.all(x, true) && b.all(x, x.all(y, y)) && c.all(x, true)") == nil)
    }
}
