import InterlockJSON
import InterlockModel
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// The runs and tools that evals need of the policy besides its own tests (docs/specs/evals.md, sections 2, 3 and 5).
@Suite(.requirement("R115", "R119")) struct `Cases beside the policy` {
    private static let text =
        GuardedDecisionTests.policy + """

            tests:
              - {name: one, agent: worker, call: desk.pay, args: {amount: 5}, expect: allow}
            """

    @Test func `a test runs with other arguments, though the policy does not have it`() throws {
        let policy = try snapshot(Self.text)
        let test = try #require(policy.document.tests.first)
        let runner = PolicyTestRunner(policy, at: exampleTime)
        let results = runner.run([test, test.with(["amount": 5000]), test])
        #expect(results.map { $0?.passed } == [true, false, true])
        #expect(results[1]?.decision.verdict == .deny)
        let whole = runner.run()
        #expect(results[0]?.decision == whole.first?.decision)
    }

    @Test func `a finding in the arguments is a fact of the decision`() throws {
        let policy = try snapshot(Self.text)
        let test = try #require(policy.document.tests.first)
        let runner = PolicyTestRunner(
            policy, at: exampleTime,
            search: { arguments, _, _, _ in
                PolicyTestRunner.ArgumentFacts(
                    finding: arguments["amount"] == 5 ? .secret : nil,
                    classes: arguments["amount"] == 6 ? SecretClassSet(of: [.card]) : [])
            })
        let results = runner.run([test, test.with(["amount": 6]), test.with(["amount": 7])])
        #expect(
            results.map { $0?.decision.reason == .secretInArguments } == [true, false, false])
        #expect(results.map { $0?.decision.reason == .piiInArguments } == [false, true, false])
    }

    @Test func `the tools of an agent's scopes do not depend on its stage, its tier or the time`()
        throws
    {
        func policy(_ stage: String, _ tier: String) throws -> PolicySnapshot {
            try snapshot(
                """
                interlock: 1
                org: acme
                servers:
                  desk: {tools: {look: {class: read}, note: {class: write, effects: [reversible]}, other: {class: read}}}
                agents:
                  a:
                    owner: li@acme.example
                    tier: \(tier)
                    stage: \(stage)
                    review_by: "2020-01-01"
                    mcp_scopes: {desk: [look, note]}
                """)
        }
        let agent = try #require(AgentName("a"))
        for stage in ["observe", "supervised", "trusted"] {
            for tier in ["low", "medium", "high"] {
                let tools = try policy(stage, tier).scopedTools(of: agent)
                #expect(tools.map(\.description) == ["desk.look", "desk.note"])
            }
        }
        let nobody = try #require(AgentName("b"))
        let none = try policy("observe", "low").scopedTools(of: nobody)
        #expect(none == [])
    }
}
