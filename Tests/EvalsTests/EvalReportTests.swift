import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The outputs of a run for continuous integration: text of agents and tools stays inside its field
/// (docs/specs/evals.md, sections 8 and 12).
@Suite(.requirement("R122")) struct `Reports of evals` {
    private static let hostile = [
        "line\r\n::error file=x::y", "]]><failure/>", "a\u{0}b\u{1b}[31m\u{fffe}",
        "[link](https://x) ![i](y) @team <img src=x>", "`` ` code ` ``", "\" onload='x' & <",
        "a,b:c%0A", "\u{202e}reversed",
    ]

    /// True for what XML 1.0 permits in an attribute as it is.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value == 0x3c || value == 0x3e || value == 0xfffe || value == 0xffff { return false }
        return value >= 0x20
    }

    private func report(_ reason: String, isFlaky: Bool = false) throws -> EvalReport {
        let outcome = try #require(
            CaseOutcome(
                id: CaseID("over-cap").unwrapped, kind: .policy, caseClass: .refuse,
                gate: .safety, trials: 1, passes: 0, reason: reason))
        let place = PolicyLocation(file: "suites/refunds/cases/a,b:c\n.yaml", line: 7, column: 1)
        return EvalReport(
            agent: ResultFixture.agent, verdict: .fail, reasons: [reason], isPartial: false,
            rows: [EvalReport.Row(outcome, at: place, isFlaky: isFlaky)], flags: [reason], seed: 1)
    }

    @Test(arguments: hostile) func `an annotation is one line with two properties`(
        _ text: String
    ) throws {
        let lines = try report(text).annotations
        let line = try #require(lines.first)
        #expect(lines.count == 1 && !line.contains { $0.isNewline })
        #expect(
            line.hasPrefix(
                "::error file=suites/refunds/cases/a%2Cb%3Ac%0A.yaml,line=7::over-cap: "))
        #expect(line.unicodeScalars.allSatisfy(\.isSeen))
        let flaky = try report(text, isFlaky: true).annotations
        #expect(flaky.first?.hasPrefix("::warning ") == true)
    }

    @Test(arguments: hostile) func `JUnit has the reason in one attribute`(_ text: String) throws {
        let xml = try [report(text)].junit
        let start = try #require(xml.firstRange(of: "<failure message=\""))
        let rest = xml[start.upperBound...]
        let end = try #require(rest.firstIndex(of: "\""))
        #expect(rest[end...].hasPrefix("\"/>\n    </testcase>\n  </testsuite>\n</testsuites>\n"))
        #expect(
            rest[..<end].unicodeScalars.allSatisfy(Self.isPlain))
        #expect(xml.contains(#"tests="1" failures="1" skipped="0""#))
    }

    @Test func `JUnit writes what XML 1.0 forbids by its code, and skips flaky cases`() throws {
        #expect(XMLText.attribute("a\u{0}\u{b}\u{fffe}\t\n") == #"a\u0000\u000B\uFFFE&#9;&#10;"#)
        let xml = try [report("x", isFlaky: true)].junit
        #expect(xml.contains("<skipped message=\"flaky, failed: x\"/>"))
        #expect(xml.contains(#"failures="0" skipped="1""#) && !xml.contains("<failure"))
    }

    @Test(arguments: hostile) func `Markdown has the text in a code span that it cannot end`(
        _ text: String
    ) throws {
        let span = MarkdownText.code(text)
        let fence = span.prefix { $0 == "`" }
        let inside = span.dropFirst(fence.count + 1).dropLast(fence.count + 1)
        #expect(inside == text.withMarks)
        #expect(span.hasPrefix("\(fence) ") && span.hasSuffix(" \(fence)"))
        #expect(inside.firstRange(of: String(fence)) == nil)
        let lines = try [report(text)].markdown.split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.contains { $0.hasPrefix("- over-cap at ` ") && $0.hasSuffix(span) })
        #expect(lines.filter { $0.hasPrefix("|") }.allSatisfy { !$0.contains("`") })
    }
}
