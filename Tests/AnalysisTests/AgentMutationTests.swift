import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// The changes of a policy that the suite of one agent is tried against (docs/specs/evals.md, section 9, T15).
@Suite(.requirement("R121")) struct `Mutants of one agent` {
    private static let text = """
        interlock: 1
        org: acme
        tiers: {low: {classes: [read, write]}}
        controls: {reversible: {supervised: allow, trusted: allow}}
        servers:
          pay: {tools: {send: {class: write, effects: [reversible]}, get: {class: read}}}
          mail: {tools: {post: {class: write, effects: [reversible]}}}
        forbid:
          - {id: cap, tools: [pay.send], when: "args.n > 100"}
          - {id: posts, tools: [mail.post], when: "args.n > 5"}
        agents:
          one:
            owner: a@b.example
            purpose: Pays
            tier: low
            stage: supervised
            review_by: "2027-01-20"
            mcp_scopes: {pay: [{tool: send, when: "args.n >= 0"}, get]}
          two:
            owner: a@b.example
            purpose: Pays
            tier: low
            stage: supervised
            review_by: "2027-01-20"
            mcp_scopes: {mail: [{tool: post, when: "args.n > 1"}]}

        """

    private func mutation() throws -> AgentMutation {
        let agent = try #require(AgentName("one"))
        return AgentMutation(
            of: agent, in: try compiled(Self.text), at: exampleTime, hashing: FoldingHash())
    }

    private func fates(
        _ isNoticed: (PolicySnapshot) -> Bool
    ) throws -> [String: AgentMutation.Fate] {
        let mutation = try mutation()
        var fates: [String: AgentMutation.Fate] = [:]
        for mutant in mutation.mutants {
            fates[mutant.change] = mutation.judge(mutant, isNoticed: isNoticed)
        }
        return fates
    }

    @Test func `rules of other agents and of servers out of its scope are not changed`() throws {
        let mutation = try mutation()
        let changes = mutation.mutants.map(\.change)
        #expect(changes.contains("guard of agents.one.mcp_scopes.pay[0] dropped"))
        #expect(changes.contains("servers.pay.tools.send.class: read in place of write"))
        #expect(!changes.contains { $0.contains("agents.two") || $0.contains("servers.mail") })
        #expect(!changes.contains { $0.contains("stage") })
        #expect(mutation.policy.agents.count == 1, "compiled without the others")
        let forbids = mutation.mutants.filter(\.isOfForbid).map(\.change)
        #expect(forbids.contains("forbid cap dropped"))
        #expect(!forbids.contains("guard of agents.one.mcp_scopes.pay[0] dropped"))
    }

    @Test func `a change that a case notices is killed, and one that decides alike does not count`()
        throws
    {
        let all = try fates { _ in true }
        #expect(all["forbid cap dropped"] == .killed)
        #expect(all.values.allSatisfy { $0 == .killed || $0 == .unloaded })
        let none = try fates { _ in false }
        #expect(none["forbid cap dropped"] == .survived)
        #expect(none["guard of agents.one.mcp_scopes.pay[0] dropped"] == .survived)
        #expect(none["forbid posts dropped"] == .equal, "the agent has no tool of it")
        #expect(!none.values.contains(.killed))
    }
}
