import InterlockModel
import InterlockPolicyReview
import InterlockTesting
import Testing

@testable import InterlockPolicy

@Suite struct `A scope that no call used` {
    private let clerk = AgentName("clerk")

    /// - Parameter scopes: what the agent is granted of the server `kb`.
    private func policy(_ scopes: String, waiver: String = "") throws -> PolicySnapshot {
        try oneClerk(tools: ["search", "list"], scopes: scopes, rest: waiver)
    }

    private func found(
        _ policy: PolicySnapshot, earlier: [PolicySnapshot] = [], used tools: String...
    ) throws -> [Finding] {
        let server = try #require(ServerName("kb"))
        let used = Set(
            try tools.map { ToolAddress(server: server, tool: try #require(ToolName($0))) })
        return UnusedScopes(
            policy, earlier: earlier, used: [try #require(clerk): used], at: exampleTime
        ).findings
    }

    @Test(.requirement("R131")) func `is a warning with its tools, at its own line`() throws {
        let policy = try policy("[search, list]")
        #expect(try found(policy, used: "search", "list").isEmpty)
        let finding = try #require(try found(policy, used: "search").first)
        #expect(finding.code == .scopeUnused && finding.subject == clerk)
        #expect(finding.message == "clerk: no call of kb.list in 30 days")
        #expect(finding.path == "agents.clerk.mcp_scopes.kb[1]")
        #expect(try found(policy).count == 2)
        let whole = try self.policy("[read]")
        #expect(try found(whole, used: "list").isEmpty)
        #expect(
            try found(whole).map(\.message) == ["clerk: no call of kb.list, kb.search in 30 days"])
    }

    @Test func `is none while it was not granted for all of the time`() throws {
        let now = try policy("[search, list]")
        let before = try policy("[search]")
        #expect(
            try found(now, earlier: [before, now]).map(\.path) == ["agents.clerk.mcp_scopes.kb[0]"])
        #expect(try found(now, earlier: [now]).count == 2)
    }

    @Test func `can be waived, and its waiver is never useless`() throws {
        let waived = try policy(
            "[search]",
            waiver: """
                waivers:
                  - {lint: W204, at: agents.clerk, owner: ada@acme.example, until: "2026-12-15", reason: Season}
                """)
        #expect(try found(waived).map(\.waived) == [true])
        #expect(!waived.findings.contains { $0.code == .uselessWaiver })
    }
}
