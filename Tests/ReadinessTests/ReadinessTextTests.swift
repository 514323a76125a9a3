import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockStatusCommands

@Suite(.requirement("R149")) struct ReadinessTextTests {
    private let answer: JSONValue = [
        "agent": "refunds", "ready": false, "stage": "bounded",
        "checks": [
            ["check": "scopes", "state": "ok", "text": "compiled"],
            [
                "check": "eval", "state": "missing", "text": "eval-stale",
                "remedy": "interlock eval run refunds",
            ],
            ["check": "owner", "state": "unknown", "text": "not known\u{1b}[2J"],
        ],
    ]

    @Test func `each check has a line with its state and the command that mends it`() {
        let lines = ReadinessText(answer).lines
        #expect(lines.count == 4 && lines[0] == "refunds: not ready for bounded")
        #expect(lines[2].hasSuffix("eval-stale; run `interlock eval run refunds`"))
        #expect(!lines[3].contains("\u{1b}"))
    }

    @Test func `the summary names the first check that is not ok, and counts the others`() {
        #expect(
            ReadinessText(answer).summary
                == "no: eval missing: eval-stale; run `interlock eval run refunds`; "
                + "and 1 more: interlock ready")
        #expect(ReadinessText(["ready": true, "checks": []]).summary == "yes")
        #expect(ReadinessText([:]).summary.hasPrefix("unknown"))
        #expect(ReadinessText([:]).lines == ["organisation: not ready"])
    }
}
