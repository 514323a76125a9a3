import InterlockJSON
package import InterlockModel

/// A policy for one agent, as text, made from the permission rules of its host. All values are written as JSON, which is
/// valid YAML, so that no value needs a quoting heuristic.
package struct ImportedPolicy: Sendable {
    private let agent: AgentName
    private let organisation: AgentName
    private let owner: Person
    private let approvers: [Person]
    private let day: CivilDate
    private let rules: PermissionImport

    /// The number of days until the agent's first review.
    private static let reviewAfterDays: Int64 = 90

    package init(
        _ rules: PermissionImport, agent: AgentName, organisation: AgentName, owner: Person,
        approvers: [Person], day: CivilDate
    ) {
        self.rules = rules
        self.agent = agent
        self.organisation = organisation
        self.owner = owner
        self.approvers = approvers
        self.day = day
    }

    package var text: String {
        let lines = head + servers + effects + forbids + agentLines
        return lines.joined(separator: "\n") + "\n"
    }

    private var head: [String] {
        [
            "# Made from permission rules of Claude Code. Review it: tools of MCP servers count as irreversible until",
            "# their class is stated, and what no rule names is denied.",
            "interlock: 1", "org: \(quoted(organisation.text))",
            "owners: [\(quoted(owner.address))]",
            "kill_switch: {scope: org-wide, drill_every: 31d}", "approvals:",
            "  reviewers: {members: \(list(approvers.map(\.address)))}",
        ]
    }

    private var servers: [String] {
        guard !rules.servers.isEmpty else { return [] }
        var lines = ["servers:"]
        for (server, tools) in rules.servers.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(quoted(server.text)):")
            lines.append(tools.isEmpty ? "    tools: {}" : "    tools:")
            for tool in tools.keys.sorted() {
                lines.append(
                    "      \(quoted(tool.text)): {class: write, effects: [irreversible]}")
            }
        }
        return lines
    }

    /// One approval at each stage is the control of `customer_facing`.
    private var effects: [String] {
        rules.asked.isEmpty
            ? []
            : ["effects:"]
                + rules.asked.enumerated().map { place, part in
                    "  - {id: imported-ask-\(place + 1), add: customer_facing, \(condition(part))}"
                }
    }

    private var forbids: [String] {
        rules.forbids.isEmpty
            ? []
            : ["forbid:"]
                + rules.forbids.enumerated().map { place, part in
                    "  - {id: imported-deny-\(place + 1), \(condition(part))}"
                }
    }

    private func condition(_ part: PermissionImport.Conditional) -> String {
        "tools: [\(quoted(part.tool))]" + (part.when.map { ", when: \(quoted($0))" } ?? "")
    }

    private var agentLines: [String] {
        let review = CivilDate(daysSince1970: day.daysSince1970 + Self.reviewAfterDays)
        var lines = [
            "agents:", "  \(quoted(agent.text)):", "    owner: \(quoted(owner.address))",
            "    purpose: \"Works on the project by the rules that Claude Code had for it\"",
            "    tier: medium", "    stage: supervised", "    review_by: \"\(review.text)\"",
            "    approvers: reviewers",
        ]
        let workspace =
            rules.hidden.isEmpty ? "" : ", workspace: {hide_extra: \(list(rules.hidden))}"
        lines.append("    sandbox: {profile: isolated, egress: []\(workspace)}")
        if !rules.approvals.isEmpty {
            lines.append("    approval_required: \(list(rules.approvals))")
        }
        lines += scopes
        if !rules.commands.isEmpty {
            lines.append("    hooks: {shell_allow: \(list(rules.commands))}")
        }
        return lines
    }

    private var scopes: [String] {
        var lines: [String] = []
        if !rules.grants.isEmpty {
            lines.append("      host:")
            lines += rules.grants.map { grant in
                let tool = grant.tool.dropFirst("host.".count)
                return "        - {tool: \(tool)"
                    + (grant.when.map { ", when: \(quoted($0))" } ?? "")
                    + "}"
            }
        }
        for (server, tools) in rules.servers.sorted(by: { $0.key < $1.key }) {
            let granted = tools.filter(\.value).keys.sorted().map { "{tool: \(quoted($0.text))}" }
            guard !granted.isEmpty else { continue }
            lines.append(
                "      \(quoted(server.text)): [\(granted.joined(separator: ", "))]")
        }
        return lines.isEmpty ? ["    mcp_scopes: {}"] : ["    mcp_scopes:"] + lines
    }

    private func quoted(_ text: String) -> String { json(.string(text)) }
    private func list(_ texts: [String]) -> String { json(.array(texts.map { .string($0) })) }
    private func json(_ value: JSONValue) -> String {
        String(decoding: value.serialized(), as: UTF8.self)
    }
}
