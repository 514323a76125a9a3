import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockStatusCommands

/// The three questions on one screen, from the answer of the gateway (docs/specs/evidence.md, section 6).
@Suite(.requirement("R154")) struct AgentScreenTests {
    private static func tool(
        _ name: String, _ kind: String, _ verdicts: [String], outcome: JSONValue? = "Known."
    ) -> JSONValue {
        var object: JSONObject = [
            "tool": .string(name), "class": .string(kind), "at": "agents/refunds.yaml:4:3",
            "verdicts": .array(verdicts.map(JSONValue.string)),
        ]
        object["outcome"] = outcome
        return .object(object)
    }

    /// An answer in which everything is known.
    private func whole() -> JSONObject {
        [
            "agent": "refunds", "owner": "ines@acme.example", "purpose": "Prepares refunds",
            "tier": "high", "stage": "supervised", "review_by": "2026-12-15",
            "quota_percent": 50, "limits": [["most": 12, "seconds": 86_400, "limit": "calls"]],
            "enforced_by": [["control": "kill switch", "at": "gateway: execute"]],
            "not_enforced": [],
            "tools": [
                Self.tool("tickets.get", "read", ["allow", "deny"]),
                Self.tool("billing.refund", "write", ["approve 2", "deny"]),
                Self.tool("tickets.close", "write", ["allow", "approve"]),
                Self.tool("billing.void", "destructive", ["deny"]),
            ],
            "did": [
                "since": "2026-10-21T00:00:00Z", "counted": true, "uncounted": 0, "calls": 1_204,
                "denied": 37, "asked": 161, "rejected": 4, "unknown": 0,
                "last_write": [
                    "index": 71, "type": "call.intent", "leaf": "abc=", "tool": "billing__refund",
                    "at": "2026-11-20T09:41:00Z",
                ],
                "reconstruct": ["first": 0, "checkpoint": 402_117, "unproved": []],
            ],
            "readiness": ["ready": true, "checks": []],
        ]
    }

    private func line(_ object: JSONObject, _ title: String) throws -> String {
        try #require(AgentScreen(.object(object)).lines.first { $0.contains(title) })
    }

    @Test func `each tool is where its verdicts place it`() throws {
        let screen = AgentScreen(.object(whole()))
        #expect(screen.unknown.isEmpty)
        #expect(try line(whole(), "sees").hasSuffix("sees  tickets.get"))
        #expect(try line(whole(), "does").hasSuffix("does  billing.refund, tickets.close"))
        #expect(
            try line(whole(), "human").hasSuffix(
                "human two: billing.refund; one: tickets.close"))
        #expect(!screen.lines.joined().contains("billing.void"))
        #expect(
            try line(whole(), "DID").contains(
                "1204 calls, 37 denied, 161 asked people, 4 rejected, 0 unknown outcomes"))
        #expect(try line(whole(), "READY").hasSuffix("yes"))
    }

    @Test func `over drawn verdicts no tool is in a line that its verdicts exclude`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededNumbers(seed)
        let words = ["allow", "approve", "approve 2", "approve 3", "deny"]
        for _ in 0..<500 {
            let tools = (0..<8).map { number in
                Self.tool(
                    "s.t\(number)x", random.next() % 2 == 0 ? "read" : "write",
                    words.filter { _ in random.next() % 2 == 0 })
            }
            var object = whole()
            object["tools"] = .array(tools)
            let (sees, does, human) = (
                try line(object, "sees"), try line(object, "does"), try line(object, "human")
            )
            for tool in tools {
                let name = try #require(tool["tool"]?.string)
                let verdicts = AgentScreen.verdicts(tool)
                let isReachable = verdicts.contains { $0 != "deny" }
                let isRead = tool["class"] == "read"
                #expect(sees.contains(name) == (isReachable && isRead), "seed \(seed)")
                #expect(does.contains(name) == (isReachable && !isRead), "seed \(seed)")
                #expect(
                    human.contains(name) == verdicts.contains { $0.hasPrefix("approve") },
                    "seed \(seed)")
            }
        }
    }

    @Test(arguments: ["owner", "purpose", "tier", "stage", "tools", "readiness"])
    func `what the answer lacks is unknown`(_ key: String) {
        var object = whole()
        object[key] = nil
        let screen = AgentScreen(.object(object))
        #expect(screen.unknown == [key])
        #expect(screen.lines.contains { $0.hasPrefix("UNKNOWN") && $0.hasSuffix(key) })
    }

    private static let gates: [(JSONValue, String?)] = [
        (["gate": "passed", "waits_until": .null, "next": .null], nil),
        (["gate": "missing", "waits_until": "2026-12-30T00:00:00Z", "next": "x"], nil),
        (
            ["gate": "missing", "waits_until": .null, "next": "interlock eval run refunds"],
            "eval-missing (run `interlock eval run refunds`)"
        ), (["gate": "failed", "waits_until": .null, "next": .null], "eval-failed"),
    ]

    @Test(arguments: gates)
    func `the first line of what is allowed says that the change gate refuses every call`(
        _ gate: JSONValue, _ reason: String?
    ) throws {
        var object = whole()
        object["gate"] = gate
        let screen = AgentScreen(.object(object))
        #expect(screen.stops == [reason].compactMap { $0 })
        let first = try line(object, "ALLOWED")
        #expect(first.contains("no call is permitted") == (reason != nil))
        #expect(first.contains("tickets.get") == (reason == nil))
        if let reason { #expect(first.contains(reason)) }
        #expect(try line(object, "sees").hasSuffix("sees  tickets.get"))
        let organisation = OrgScreen([.object(object)], readiness: ["ready": true])
        #expect(organisation.lines.contains { $0.contains("no call now") } == (reason != nil))
    }

    @Test func `a halt and the gate stop an agent, but for one that may do nothing at all`() {
        var object = whole()
        object["gate"] = ["gate": "missing", "waits_until": .null, "next": .null]
        object["halted"] = "01kag0q9m2c4e6g8j0k2n4p6r8"
        #expect(
            AgentScreen(.object(object)).stops
                == ["halted by 01kag0q9m2c4e6g8j0k2n4p6r8", "eval-missing"])
        object["halted"] = JSONValue.null
        object["stage"] = "observe"
        #expect(AgentScreen(.object(object)).stops.isEmpty)
    }

    @Test func `an empty owner, a tool that was not worked out and an uncounted log are unknown`() {
        var object = whole()
        object["owner"] = ""
        #expect(AgentScreen(.object(object)).unknown == ["owner"])
        object = whole()
        object["tools"] = [Self.tool("s.slow", "write", [], outcome: nil)]
        let screen = AgentScreen(.object(object))
        #expect(screen.unknown == ["tools"])
        #expect(screen.lines.contains { $0.hasSuffix("does  s.slow (unknown)") })
        object = whole()
        object["did"] = ["counted": false, "reconstruct": ["unproved": []]]
        #expect(AgentScreen(.object(object)).unknown == ["activity"])
        #expect(AgentScreen(.object(object)).lines.contains { $0.contains("unknown calls") })
        object["did"] = nil
        #expect(AgentScreen(.object(object)).unknown == ["activity", "records"])
    }

    @Test func `a record without a proof and an index that lags are said`() throws {
        var object = whole()
        object["did"] = [
            "counted": true, "uncounted": 30_000,
            "reconstruct": ["first": 5, "checkpoint": 40_000, "unproved": [7]],
        ]
        #expect(AgentScreen(.object(object)).unknown == ["records"])
        #expect(try line(object, "DID").contains("lacks 30000 records"))
        #expect(try line(object, "reconstruct").contains("1 records that the index names"))
    }

    @Test func `sources name the place in the policy and the leaf hashes`() {
        let lines = AgentScreen(.object(whole()), showsSources: true).lines
            .filter { $0.hasPrefix("SOURCE") }
        #expect(lines.count == 5)
        #expect(lines.contains { $0.contains("tickets.get agents/refunds.yaml:4:3") })
        #expect(lines.contains { $0.contains("record 71 call.intent leaf abc=") })
        #expect(!AgentScreen(.object(whole())).lines.contains { $0.hasPrefix("SOURCE") })
    }
}

/// A linear congruential generator, so that a seed that is printed gives the same numbers again.
private struct SeededNumbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
