import InterlockPolicy
import InterlockPolicyCEL
import InterlockTesting
import Testing

@Suite struct FunctionsStringTests {
    @Test(
        arguments: [
            // An e with an accent in two code points, which a reader sees as one character.
            ("'e\\u0301x'.charAt(1)", "\"\u{301}\""), ("'\\u00e9'.indexOf('e\\u0301')", "-1"),
            ("'e\\u0301'.reverse().charAt(1)", "\"e\""),
            ("'e\\u0301'.replace('e', 'a').size()", "2"),
            ("'👩‍👩‍👧'.substring(1, 2) == '\\u200d'", "true"),
            ("'abc'.substring(3)", "\"\""), ("'abc'.substring(4)", "!index"),
            ("'abc'.substring(9223372036854775807)", "!index"), ("''.charAt(0)", "\"\""),
            ("'abc'.indexOf('', 4)", "!index"), ("'abc'.lastIndexOf('', -1)", "!index"),
            ("'aaa'.indexOf('aaaa')", "-1"), ("'abab'.lastIndexOf('ab', 1)", "0"),
            ("'abab'.lastIndexOf('ab', 2)", "2"),
        ])
    func `positions count code points`(text: String, expected: String) {
        #expect(outcome(text) == expected)
    }

    @Test(
        arguments: [
            ("'aXbXc'.replace('X', '-', 1)", "\"a-bXc\""),
            ("'aXb'.replace('X', '-', 0)", "\"aXb\""),
            ("'aXbX'.replace('X', '', -5)", "\"ab\""), ("'aaa'.replace('aa', 'b')", "\"ba\""),
            ("'äb'.replace('', '-')", "\"-ä-b-\""), ("''.replace('', '-')", "\"-\""),
            ("'äb'.replace('', '-', 2)", "\"-ä-b\""),
            ("'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]"), ("''.split(',')", "[\"\"]"),
            ("','.split(',')", "[\"\", \"\"]"), ("'äb'.split('')", "[\"ä\", \"b\"]"),
            ("''.split('')", "[]"), ("'abc'.split('', 2)", "[\"a\", \"bc\"]"),
            ("'abc'.split('b', 0)", "[]"), ("['a', dyn(1)].join()", "!no_such_overload"),
            ("dyn([1]).join(',')", "!no_such_overload"), ("[1].join()", "refused"),
            ("x.join('-')", "!no_such_overload"),
        ])
    func `texts are taken apart and put together`(text: String, expected: String) {
        #expect(outcome(text, x: .int(1)) == expected)
    }

    @Test func `a search finds what trying every place finds`() {
        var generator = SeededGenerator.announced()
        for _ in 0..<300 {
            let text = word(below: 14, &generator)
            let wanted = word(below: 4, &generator)
            let start = Int.random(in: 0...text.count, using: &generator)
            let places = (0...text.count).filter { text[$0...].starts(with: wanted) }
            let call = "('\(string(wanted))', \(start))"
            let first = places.first { $0 >= start } ?? -1
            #expect(outcome("'\(string(text))'.indexOf\(call)") == "\(first)")
            let last = places.last { $0 <= start } ?? -1
            #expect(outcome("'\(string(text))'.lastIndexOf\(call)") == "\(last)")
        }
    }

    @Test func `a quoted text is a literal of itself`() throws {
        var generator = SeededGenerator.announced()
        for _ in 0..<300 {
            var text = ""
            for _ in 0..<Int.random(in: 0..<12, using: &generator) {
                let number = UInt32.random(in: 0..<0x300, using: &generator)
                if let scalar = Unicode.Scalar(number) { text.unicodeScalars.append(scalar) }
            }
            let quoted = try #require(value("strings.quote(x)", x: .string(text)))
            #expect(outcome(quoted + " == x", x: .string(text)) == "true", "\(quoted)")
        }
    }

    @Test func `what is built is paid for before it is there`() {
        let long = CELValue.string(String(repeating: "a", count: 10_000))
        #expect(outcome("x.replace('', x)", x: long) == "!budget")
        #expect(outcome("x.replace('a', x).size()", x: long, steps: 6_000) == "!budget")
        #expect(outcome("x.split('').size()", x: long, steps: 6_000) == "!budget")
        #expect(outcome("x.split('').size()", x: long) == "10000")
        #expect(outcome("[x, x, x].join(x).size()", x: long, steps: 2_000) == "!budget")
        #expect(outcome("x.trim().lowerAscii().reverse() == x", x: long) == "true")
    }

    /// A word of three letters, one of which takes two bytes, so that parts match often.
    private func word(below count: Int, _ generator: inout SeededGenerator) -> [Unicode.Scalar] {
        (0..<Int.random(in: 0..<count, using: &generator)).map { _ in
            ["a", "b", "ä"][Int.random(in: 0..<3, using: &generator)]
        }
    }

    private func string(_ scalars: [Unicode.Scalar]) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}
