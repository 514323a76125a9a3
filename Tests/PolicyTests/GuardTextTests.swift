import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockPolicy

/// Guards are distinguished by their bytes, like the strings that they compare.
@Suite struct GuardTextTests {
    @Test func `Two forbids that look alike both forbid`() throws {
        let composed = "args.name == 'caf\u{e9}'"
        let decomposed = "args.name == 'cafe\u{301}'"
        let policy = try snapshot(
            """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            servers: {desk: {tools: {look: {class: read}}}}
            forbid:
              - {id: one, tools: [desk.look], when: "\(composed)"}
              - {id: two, tools: [desk.look], when: "\(decomposed)"}
            agents:
              a:
                owner: li@acme.example
                purpose: Looks
                tier: low
                stage: trusted
                review_by: "2027-02-01"
                mcp_scopes: {desk: [look]}
            """)
        for (name, rule) in [("caf\u{e9}", "one"), ("cafe\u{301}", "two")] {
            let decision = policy.decide(
                DecisionRequest(
                    agent: try #require(AgentName("a")), address: try address("desk.look"),
                    arguments: ["name": .string(name)]),
                facts: DecisionFacts(effectiveStage: .trusted), now: exampleTime)
            #expect(decision.verdict == .deny)
            #expect(decision.rule == rule)
        }
    }
}
