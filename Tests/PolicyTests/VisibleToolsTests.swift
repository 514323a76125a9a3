import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// The tools that an agent sees in a list, under the policy of `DecisionTests`.
@Suite struct VisibleToolsTests {
    @Test func `Only what could be called is visible, in order`() throws {
        let policy = try snapshot(DecisionTests.policy)
        func visible(_ agent: String) throws -> [String] {
            let name = try #require(AgentName(agent))
            return policy.visibleTools(for: name, stage: .trusted, at: exampleTime).map(
                \.description)
        }
        #expect(try visible("reader") == ["desk.look", "desk.peek"])
        #expect(
            try visible("worker") == [
                "desk.deploy", "desk.draft", "desk.look", "desk.mail", "desk.post", "desk.purge",
                "desk.refund",
            ])
        #expect(
            try visible("clerk") == [
                "desk.draft", "desk.look", "desk.mail", "desk.peek", "desk.purge", "desk.refund",
            ])
        #expect(try visible("guarded") == ["desk.look", "desk.peek", "desk.post"])
        #expect(try visible("nobody") == [])
        for agent in policy.agents.keys {
            for stage in TrustStage.allCases {
                let list = policy.visibleTools(for: agent, stage: stage, at: exampleTime)
                for row in policy.table.rows {
                    let isListed = list.contains(row.address)
                    #expect(
                        policy.isVisible(
                            row.address, to: agent, stage: stage, at: exampleTime) == isListed)
                }
            }
        }
    }

    @Test func `A control that denies hides the tool`() throws {
        let text = DecisionTests.policy.replacing(
            "servers:\n",
            with: "controls:\n  reversible: {supervised: deny, trusted: allow}\nservers:\n",
            maxReplacements: 1)
        let policy = try snapshot(text)
        let clerk = try #require(AgentName("clerk"))
        let draft = try address("desk.draft")
        #expect(policy.visibleTools(for: clerk, stage: .trusted, at: exampleTime).contains(draft))
        #expect(
            !policy.visibleTools(for: clerk, stage: .supervised, at: exampleTime).contains(draft))
        let denied = try policy.decision("clerk", "desk.draft", stage: .supervised)
        #expect(DecisionTests().shown(denied) == "deny controls controls.reversible 8:3")
    }
}
