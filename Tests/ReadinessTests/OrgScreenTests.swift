import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockStatusCommands

/// The three questions over all agents, the worst first (docs/specs/evidence.md, section 6).
@Suite(.requirement("R154")) struct OrgScreenTests {
    private func agent(
        _ name: String, tier: String = "low", owner: String = "ines@acme.example",
        isReady: Bool = true
    ) -> JSONValue {
        [
            "agent": .string(name), "owner": .string(owner), "purpose": "Prepares refunds",
            "tier": .string(tier), "stage": "supervised",
            "enforced_by": [["control": "kill switch", "at": "gateway: execute"]],
            "tools": [
                [
                    "tool": "tickets.get", "class": "read", "outcome": "Known.",
                    "verdicts": ["allow"],
                ],
                [
                    "tool": "billing.refund", "class": "write", "outcome": "Known.",
                    "verdicts": ["approve 2", "deny"],
                ],
                [
                    "tool": "billing.void", "class": "write", "outcome": "Known.",
                    "verdicts": ["deny"],
                ],
            ],
            "did": [
                "counted": true, "calls": 12, "denied": 3, "unknown": 0,
                "reconstruct": ["first": 0, "checkpoint": 9, "unproved": []],
            ],
            "readiness": ["ready": .bool(isReady), "checks": []],
        ]
    }

    private let ready: JSONValue = ["ready": true, "checks": []]

    @Test func `each agent has one line with the three questions`() throws {
        let screen = OrgScreen([agent("refunds")], readiness: ready)
        #expect(screen.unknown.isEmpty)
        let line = try #require(screen.lines.last)
        for words in [
            "refunds  owner ines@acme.example  tier low", "may 2 tools, 1 with people",
            "enforced by 1 controls", "did 12 calls, 3 denied, 0 unknown outcomes", "ready yes",
        ] { #expect(line.contains(words), "\(words): \(line)") }
    }

    @Test func `the worst are first: unknown, then not ready, then the higher tier`() {
        let screen = OrgScreen(
            [
                agent("a"), agent("b", tier: "high"), agent("c", isReady: false),
                agent("d", owner: ""),
            ], readiness: ready)
        let names = screen.json["agents"]?.array?.compactMap { $0["agent"]?.string }
        #expect(names == ["d", "c", "b", "a"])
        #expect(screen.unknown == ["d"])
        #expect(screen.lines.first?.contains("4 agents, 3 ready, 1 with something unknown") == true)
        #expect(screen.lines.contains { $0.hasPrefix("d  owner unknown") })
    }

    @Test func `an answer that lacks something is unknown, and never ready`() {
        let screen = OrgScreen([["agent": "bare"]], readiness: .null)
        #expect(screen.unknown == ["bare", "readiness"])
        let row = screen.json["agents"]?.array?.first
        #expect(row?["ready"] == false && row?["tools"] == nil && row?["calls"] == nil)
        #expect(screen.lines.contains { $0.contains("may unknown; enforced by unknown controls") })
        #expect(OrgScreen([], readiness: ready).lines.contains("the policy has no agents"))
    }

    @Test func `a stage that people raised without a promotion has a line`() {
        let screen = OrgScreen(
            [agent("a")], readiness: ready,
            exceptions: [
                ["agent": "a", "to": "assisted", "expires": "2026-12-08T09:00:00Z"]
            ])
        #expect(
            screen.lines.contains(
                "EXCEPTION a has assisted until 2026-12-08T09:00:00Z, without a promotion"))
        #expect(screen.json["exceptions"]?.array?.count == 1)
    }

    @Test func `texts of any origin stay on their line`() {
        let screen = OrgScreen([agent("x", owner: "a\u{1b}[31m\nb")], readiness: ready)
        #expect(screen.lines.allSatisfy { !$0.contains("\u{1b}") && !$0.contains("\n") })
    }
}
