import InterlockApprovals
import InterlockTesting
import Testing

/// The text of a batch, which a person reads before signing it.
@Suite(.requirement("R062")) struct BatchFormatterTests {
    private let first = ["request one", "arguments", "  to: \"a\"", "  cc: \"b\"", "  cap: 5"]

    private func rest(_ other: [String]) -> [String] {
        let lines = BatchFormatter.lines(of: [first, other])
        #expect(lines.prefix(first.count) == first[...] && lines[first.count].isEmpty)
        return Array(lines.dropFirst(first.count + 1))
    }

    @Test func `of another request only the lines that differ are shown`() {
        #expect(rest(["request two"] + first.dropFirst()) == ["request two"])
        #expect(rest(Array(first.dropLast()) + ["  cap: 6"]) == ["  cap: 6"])
        #expect(BatchFormatter.lines(of: [first]) == first)
        #expect(BatchFormatter.lines(of: []).isEmpty)
    }

    @Test func `a line that the first request has at another place is shown`() {
        let other = ["request one", "arguments", "  cc: \"b\"", "  to: \"a\"", "  cap: 5"]
        #expect(rest(other) == ["  cc: \"b\"", "  to: \"a\""])
    }

    @Test func `a request that lacks a line, or has one more, is shown whole`() {
        #expect(rest(Array(first.dropLast())) == Array(first.dropLast()))
        #expect(rest(first + ["  cap: 5"]) == first + ["  cap: 5"])
    }

    @Test func `two spellings of one letter are two lines`() {
        // Swift compares strings by canonical equivalence.
        let composed = ["  to: \"\u{e9}\""]
        let lines = BatchFormatter.lines(of: [composed, ["  to: \"e\u{301}\""]])
        #expect(lines.count == 3)
    }
}
