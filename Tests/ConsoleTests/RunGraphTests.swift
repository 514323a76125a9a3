import InterlockAdministration
import InterlockConsoleWorld
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

@Suite struct RunGraphTests {
    private func step(
        _ index: UInt64, _ type: RecordType, seconds: Int64, _ fields: JSONObject
    ) throws -> RunStep {
        var fields = fields
        fields["ts"] = .integer((ConsoleOffice.start + .seconds(seconds)).microseconds)
        return try EvidenceShelf.step(index, type, fields)
    }

    private func graph(_ steps: [RunStep]) -> RunGraph {
        RunGraph(
            run: "01kag0q9m2c4e6g8j0k2n4p6r8", agent: "refunds",
            spans: RunSteps(steps: steps, faults: [], next: nil).spans)
    }

    /// A call that waits a minute and takes two seconds, a denial two hours later, a call without an end.
    private func example(tool: String = "pay__send") throws -> RunGraph {
        graph([
            try step(
                1, .callIntent, seconds: 0,
                ["call": "c1", "dec": "approve", "tool": .string(tool)]),
            try step(2, .approvalUsed, seconds: 60, ["use": "c1"]),
            try step(3, .callOutcome, seconds: 90, ["call": "c1", "st": "ok"]),
            try step(
                4, .callDenied, seconds: 7290, ["call": "c2", "code": "policy.no_grant"]),
            try step(
                5, .callIntent, seconds: 7300, ["call": "c3", "dec": "allow", "tool": "crm__get"]),
        ])
    }

    @Test func `each call is a line with its start, bars, length, tool and result`() throws {
        let lines = try example().lines(columns: 100, isASCII: true)
        #expect(lines[0] == "run 01kag0q9m2c4e6g8j0k2n4p6r8, agent refunds")
        #expect(lines[1].hasPrefix("3 calls from 2026-"))
        #expect(lines[2].hasPrefix("START ") && lines[2].hasSuffix("END"))
        let calls = Array(lines[3...5])
        #expect(calls[0].contains("1 min 30 s") && calls[0].hasSuffix("pay__send  ok"))
        #expect(calls[0].contains("---###"))
        #expect(calls[1].contains(":x ") && calls[1].hasSuffix("denied policy.no_grant"))
        #expect(calls[2].contains(".  -  ") && calls[2].hasSuffix("crm__get   not ended"))
        #expect(lines[6].hasPrefix("pause cut: 2 h 0 min from 2026-"))
        #expect(
            lines[7]
                == "# with the server  - waits for people  x denied  . began  : pause cut")
    }

    @Test func `waits are two thirds of a call that waited two thirds of its time`() throws {
        let lines = try example().lines(columns: 100, isASCII: false)
        #expect(lines[3...5].allSatisfy { $0.count { $0 == "┊" } == 1 })
        let line = lines[3]
        let (people, server) = (line.count { $0 == "▄" }, line.count { $0 == "█" })
        #expect(people > server && abs(people - 2 * server) <= 3, "\(line)")
    }

    @Test(arguments: [20, 60, 80, 200])
    func `a line is no wider than the terminal, from 60 columns on`(_ columns: Int) throws {
        let long = String(repeating: "long_name_", count: 6)
        let lines = try example(tool: "pay__\(long)").lines(columns: columns, isASCII: true)
        #expect(lines[2...5].allSatisfy { $0.count <= max(columns, 60) }, "\(lines)")
        #expect(lines[3].contains("--"))
        #expect(lines[3].contains("...") == (columns < 200))
    }

    @Test func `a run over midnight has whole times, one without calls says so`() throws {
        let days = graph([
            try step(1, .callDenied, seconds: 0, ["call": "a", "code": "x"]),
            try step(2, .callDenied, seconds: 86_400, ["call": "b", "code": "x"]),
        ])
        #expect(days.rows.allSatisfy { $0.start.count == 20 && $0.start.hasSuffix("Z") })
        #expect(graph([]).lines(columns: 80, isASCII: true).last == "no call of it is on record")
        #expect(graph([]).svg.contains("no call of it is on record"))
    }

    @Test func `a file for a browser has a bar for each part, and each colour twice`() throws {
        let svg = try example().svg
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(svg.hasSuffix("</svg>\n"))
        for text in [
            "prefers-color-scheme: dark", "<title>waits for people, 1 min 0 s</title>",
            "<title>with the server, 30.0 s</title>", ">denied policy.no_grant</text>",
            ">pay__send</text>", "class=\"cut\"", "class=\"began\"", "pause cut: 2 h 0 min",
        ] { #expect(svg.contains(text), "\(text)") }
        #expect(!svg.contains("<script") && !svg.contains("href"))
        for colour in ["--server", "--people", "--denied", "--ground", "--ink"] {
            #expect(svg.matches(of: try Regex(colour + ": #[0-9a-f]{6}")).count == 2, "\(colour)")
        }
    }

    @Test func `names of others are no markup and no control characters`() throws {
        let hostile = "<script>&\"\u{1b}[31m\u{202e}"
        let drawn = try example(tool: hostile)
        let svg = drawn.svg
        #expect(!svg.contains("<script>") && svg.contains("&lt;script&gt;&amp;&quot;"))
        for text in [svg] + drawn.lines(columns: 200, isASCII: true) {
            #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
        }
    }
}
