import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// The key `hooks` of an agent in `policy diff`.
@Suite struct `Comparing hooks` {
    private static let stated =
        "sandbox: {profile: isolated, egress: [proxy.packages.example:443]}"

    private func policy(_ hooks: String) throws -> PolicySnapshot {
        try acme((Self.stated, Self.stated + "\n    hooks: {\(hooks)}"))
    }

    @Test(
        arguments: [
            ("host_prompt: low", ["NARROWS code-fix hooks.host_prompt: low was absent"]),
            ("host_prompt: never, on_bypass: kill, on_unredactable: kill", []),
            ("on_bypass: alert", ["WIDENS code-fix hooks.on_bypass: alert was absent"]),
            ("on_unredactable: alert", ["WIDENS code-fix hooks.on_unredactable: alert was absent"]),
            (
                "shell_allow: [git diff *]",
                [#"WIDENS code-fix hooks.shell_allow: ["git diff *"] was absent"#]
            ),
            ("wait: 5s", ["NARROWS code-fix hooks.wait: 5 was absent"]),
        ])
    func `say what is wider than the defaults`(_ hooks: String, _ expected: [String]) throws {
        #expect(lines(try acme(), try policy(hooks)) == expected)
    }

    @Test(arguments: [("low", "low", true), ("low", "never", false), ("medium", "low", false)])
    func `the worst case says when the host also asks its own user`(
        _ tier: String, _ prompt: String, _ isSaid: Bool
    ) throws {
        let name = try #require(AgentName("helper"))
        let policy = try compiled(
            """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            tiers: {low: {classes: [read, write], calls: 60/m}}
            approvals:
              leads: {members: [ada@acme.example, sam@acme.example]}
            agents:
              helper:
                owner: li@acme.example
                purpose: Helps people
                tier: \(tier)
                stage: trusted
                review_by: "2027-02-01"
                approvers: leads
                mcp_scopes: {host: [{tool: write}]}
                hooks: {host_prompt: \(prompt)}

            """)
        let reach = try #require(WorstCase(policy, of: name, .asWritten, at: exampleTime))
        #expect(reach.asksHostUser == isSaid && reach.text.contains("\n  host prompt: ") == isSaid)
        #expect(reach.json["host_prompt"] == .bool(isSaid))
        let guidance = try #require(AgentGuidance(policy, of: name, .asWritten, at: exampleTime))
        #expect(guidance.skill.contains("your host asks its own user") == isSaid)
    }

    @Test func `a command that is no longer listed is narrower`() throws {
        let old = try policy("shell_allow: [make test, git diff *], host_prompt: low")
        let new = try policy("shell_allow: [git diff *], host_prompt: never")
        #expect(
            lines(old, new) == [
                "WIDENS code-fix hooks.host_prompt: never was low",
                #"NARROWS code-fix hooks.shell_allow: ["git diff *"] was ["git diff *","make test"]"#,
            ])
    }
}
