import InterlockModel
import InterlockPatterns
import Testing

@Suite struct `Patterns on RE2` {
    @Test(
        arguments: [
            ("^[a-z]+$", "abc", true), ("^[a-z]+$", "abc1", false), ("b", "abc", true),
            ("", "", true), ("", "x", true), ("^$", "x", false), ("^.$", "é", true),
            ("^.$", "😀", true),
            (#"\d{3}-\d{4}"#, "call 555-1234 now", true), ("(?i)ORDER", "my order", true),
            (#"^\p{Greek}+$"#, "λόγος", true), ("a.c", "a\nc", false), ("a\0b", "xa\0b", true),
            ("^a$", "a\n", false),
        ] as [(String, String, Bool)])
    func `a pattern matches anywhere in UTF-8 text`(
        pattern: String, text: String, expected: Bool
    ) throws {
        #expect(try RE2Compiler().compile(pattern).matches(text) == expected)
    }

    @Test(arguments: ["(", "[a", "a**", #"(a)\1"#, "(?=a)", "a{1001}", #"\y"#])
    func `what RE2 does not know is refused with its words`(pattern: String) {
        let error = #expect(throws: PatternError.self) { try RE2Compiler().compile(pattern) }
        #expect(error?.message.isEmpty == false)
        #expect(error?.message == error?.message.lowercased())
    }

    /// The larger pattern compiles with twice the memory.
    @Test func `a pattern above the memory cap is refused, and one below it is not`() throws {
        #expect(try RE2Compiler().compile(#"\p{L}{20}"#).instructions > 20_000)
        let error = #expect(throws: PatternError.self) { try RE2Compiler().compile(#"\p{L}{100}"#) }
        #expect(error?.message.contains("too large") == true, "\(error?.message ?? "")")
    }

    @Test func `nested repetitions are refused before they take memory`() {
        #expect(throws: PatternError.self) {
            try RE2Compiler().compile(#"((\p{L}{100}){100}){10}"#)
        }
    }

    @Test func `a pattern that is exponential elsewhere answers at once`() throws {
        let pattern = try RE2Compiler().compile("^(a+)+$")
        let text = String(repeating: "a", count: 100_000)
        let clock = ContinuousClock()
        let spent = clock.measure {
            #expect(!pattern.matches(text + "b"))
            #expect(pattern.matches(text))
        }
        #expect(spent < .seconds(1))
    }

    @Test(arguments: [("", 1...10), ("^abc$", 3...20), ("(a|b)*a(a|b){900}", 900...3000)])
    func `the instructions of its program are known`(
        pattern: String, range: ClosedRange<Int>
    ) throws {
        #expect(range.contains(try RE2Compiler().compile(pattern).instructions))
    }

    @Test func `one pattern serves many tasks`() async throws {
        let pattern = try RE2Compiler().compile("^k[0-9]*7$")
        let hits = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask { (0..<500).count { pattern.matches("k\($0 * 8 + task)") } }
            }
            return await group.reduce(0, +)
        }
        #expect(hits == 400)
    }
}
