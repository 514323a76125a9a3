import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// Policies are compiled by kinds of tools; no decision may reveal it.
@Suite struct ToolKindTests {
    /// Five tools of one kind, of which the policy names four for the agent, each in a different way.
    static let policy = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested weekly
        approvals: {leads: {members: [ada@acme.example, sam@acme.example]}}
        servers:
          desk:
            tools: {plain: {class: read}, slim: {class: read}, few: {class: read}, asked: {class: read}, both: {class: read}}
          shed:
            tools: {plain: {class: read}, only: {class: read}}
        agents:
          clerk:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-03-01"
            approvers: leads
            approval_required: [desk.asked]
            data: {desk.slim: {drop: [secret]}}
            limits: {desk.few: 5/d}
            mcp_scopes:
              desk: [{class: read, when: "args.n < 5"}, both]
              shed: [only]
        """

    @Test func `What an agent says about one tool holds for that tool alone`() throws {
        let policy = try snapshot(Self.policy)
        func decided(_ tool: String, _ number: JSONValue = 1) throws -> Decision {
            var facts = DecisionFacts(effectiveStage: .trusted)
            facts.counters = [:]
            let agent = try #require(AgentName("clerk"))
            let request = DecisionRequest(
                agent: agent, address: try address(tool), arguments: ["n": number])
            return policy.decide(request, facts: facts, now: exampleTime)
        }
        for tool in ["desk.plain", "desk.slim", "desk.few", "desk.asked", "desk.both"] {
            let decision = try decided(tool)
            #expect(decision.verdict == (tool == "desk.asked" ? .approve(1) : .allow), "\(tool)")
            #expect((decision.data != nil) == (tool == "desk.slim"), "\(tool)")
            let limits = tool == "desk.few" ? ["calls", tool] : ["calls"]
            #expect(decision.reserve.map(\.use.name) == limits, "\(tool)")
            #expect((try decided(tool, 9).verdict == .allow) == (tool == "desk.both"), "\(tool)")
        }
        #expect(try decided("shed.only").verdict == .allow)
        #expect(try decided("shed.plain").reason == .noGrant)
    }

    @Test func `Every granted tool is listed once`() throws {
        let policy = try snapshot(Self.policy)
        let agent = try #require(AgentName("clerk"))
        let visible = policy.visibleTools(for: agent, stage: .trusted, at: exampleTime)
        #expect(
            visible.map(\.description)
                == ["desk.asked", "desk.both", "desk.few", "desk.plain", "desk.slim", "shed.only"])
        for server in policy.servers.values {
            for tool in server.tools.keys {
                let one = ToolAddress(server: server.name, tool: tool)
                #expect(
                    policy.isVisible(one, to: agent, stage: .trusted, at: exampleTime)
                        == visible.contains(one), "\(one)")
            }
        }
    }

    @Test func `Tools are of one kind only if no rule tells them apart`() throws {
        let table = try snapshot(
            """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested weekly
            forbid: [{id: never, tools: [desk.forbidden]}]
            effects: [{id: spends, tools: [desk.spending], add: spends_money, when: "args.n > 1"}]
            servers:
              desk:
                tools:
                  a: {class: read}
                  b: {class: read}
                  forbidden: {class: read}
                  sensitive: {class: read, effects: [sensitive_data]}
                  slim: {class: read, data: {drop: [secret]}}
                  spending: {class: read}
                  write: {class: write, effects: [reversible]}
              shed: {tools: {a: {class: read}}}
            """
        ).table
        let kinds = table.kinds.map { $0.tools.map { table.rows[$0].address.description } }
        #expect(
            kinds == [
                ["desk.a", "desk.b"], ["desk.forbidden"], ["desk.sensitive"], ["desk.slim"],
                ["desk.spending"], ["desk.write"], ["shed.a"],
            ])
        for kind in table.kinds {
            #expect(table.kinds[kind.number] === kind)
            for tool in kind.tools { #expect(table.kind(of: tool) === kind) }
        }
    }

    /// Sign-offs and recorded decisions name a policy by its digest, so another version must compute the same one. The
    /// value was made by an implementation that built the form as a tree.
    @Test func `The digest of the example stays what it was`() throws {
        let document = try #require(PolicyReader.read([try example("acme.yaml")]).document)
        #expect(
            document.digest(OpenSSLHashing())?.prefixed
                == "sha256:af04fd749b2bd15aa312e3b6c80e4e33c61268454a07e615a9eacc4bf9936995")
    }
}
