import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The reserved server `host` (docs/specs/coding-agents.md, section 3).
@Suite struct HostServerTests {
    private static func policy(_ scopes: String, more: String = "") -> String {
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals: {leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}}
        \(more)
        agents:
          fixer:
            owner: li@acme.example
            purpose: Fixes bugs
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: \(scopes)
        """
    }

    private static func findings(_ text: String) -> [FindingCode] {
        PolicyReader.read(policyFiles(text)).report(with: testEngines, at: exampleTime)
            .map(\.code)
    }

    @Test(.requirement("R038"))
    func `the tools of hosts exist where a policy names them, and there alone`() throws {
        let named = try snapshot(Self.policy("{host: [read, {tool: shell}]}"))
        #expect(named.table.number(of: "host.shell") != nil)
        #expect(named.servers.isEmpty)
        let read = try named.decision("fixer", "host.read").verdict
        let edit = try named.decision("fixer", "host.edit")
        #expect(read == .allow && edit.verdict == .deny && edit.reason == .noGrant)
        let other = try snapshot(
            Self.policy("{desk: [look]}", more: "servers: {desk: {tools: {look: {class: read}}}}"))
        #expect(other.table.number(of: "host.shell") == nil)
    }

    @Test(arguments: [
        ("{host: [read]}", "", true), ("{desk: [look]}", "", false),
        ("{desk: [look]}", "    hooks: {wait: 5s}\n", true),
        ("{desk: [look]}", "    approval_required: [host.shell]\n", true),
        ("{desk: [look]}", "    approval_required: [hosting.look]\n", false),
    ])
    func `an agent is asked by hooks if its policy decides tools of hosts`(
        _ scopes: String, _ more: String, _ isAsked: Bool
    ) throws {
        let rest = """
            servers: {desk: {tools: {look: {class: read}}}, hosting: {tools: {look: {class: read}}}}
            forbid: [{id: no-other, tools: [host.other]}]
            """
        let made = try snapshot(Self.policy(scopes, more: rest) + "\n" + more)
        let agent = try #require(made.agents[AgentName("fixer")!])
        #expect(agent.isAskedByHooks == isAsked)
    }

    @Test func `a policy that names them has no findings but that a shell can do anything`() {
        #expect(Self.findings(Self.policy("{host: [read, {tool: write}]}")) == [])
        #expect(
            Self.findings(Self.policy("{host: [read, {tool: shell}]}"))
                == [.tierBelowComputed, .standingProduction])
    }

    @Test func `a server of a policy cannot have the name`() {
        let codes = Self.findings(
            Self.policy("{host: [look]}", more: "servers: {host: {tools: {look: {class: read}}}}"))
        #expect(codes.contains(.malformedName))
    }

    @Test func `a tool that hosts do not have is reported`() {
        #expect(Self.findings(Self.policy("{host: [browse]}")) == [.noSuchTool])
    }

    @Test func `data obligations on tools of hosts are refused by name`() throws {
        let reading = PolicyReader.read(
            policyFiles(
                Self.policy("{host: [read]}") + "\n    data: {host.read: {max_bytes: 1KiB}}\n"))
        let document = try #require(reading.document)
        #expect(Enforcement.unsupported(document).map(\.code) == [.notEnforced])
    }
}
