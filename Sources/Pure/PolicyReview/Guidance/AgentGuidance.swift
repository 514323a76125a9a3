package import InterlockModel
package import InterlockPolicy

/// The rules of one agent in a text that it reads itself: a skill, and the lines of a `CLAUDE.md` (R037). It is guidance,
/// which says so: the gateway decides by the policy, whatever an agent has read (R042).
///
/// The bytes follow from the policy, the lock and the time alone. No member of a group, no secret and no text of a server
/// is part of them.
package struct AgentGuidance: Sendable {
    package let agent: AgentName
    /// The skill, with its front matter: the content of `SKILL.md`.
    package let skill: String
    /// The lines that every session reads, and that name the skill: the content of `CLAUDE.md`.
    package let instructions: String

    /// The name of the skill.
    package static let skillName = "interlock-rules"
    /// The words by which a file that this made is recognized.
    package static let mark = "Made by `interlock policy export --skill`"

    /// Returns nil if the policy does not contain the agent.
    package init?(
        _ policy: PolicySnapshot, of agent: AgentName, _ trust: AgentTerms.Trust, at now: Timestamp
    ) {
        guard let entry = policy.agents[agent],
            let reach = WorstCase(policy, of: agent, trust, at: now)
        else { return nil }
        self.agent = agent
        let sections = GuidanceSections(policy: policy, entry: entry, reach: reach)
        skill = Self.text(Self.frontMatter(agent) + Self.head(agent) + Self.body(sections))
        instructions = Self.text(Self.head(agent) + Self.summary(sections))
    }

    private static func text(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }

    /// Names of agents have no character that YAML or Markdown reads.
    private static func frontMatter(_ agent: AgentName) -> [String] {
        [
            "---", "name: \(skillName)",
            "description: \"The rules of agent \(agent) under Interlock: which tools it may call, what people must"
                + " approve, limits, hosts, and what a refusal means. Read it before calling tools, and after a"
                + " refusal.\"",
            "---", "",
        ]
    }

    private static func head(_ agent: AgentName) -> [String] {
        [
            "# Rules of agent `\(agent)`", "",
            "**Guidance, not the control.** The Interlock gateway decides each call by the policy in force. This text"
                + " allows nothing and forbids nothing; if the gateway answers otherwise, its answer counts.",
            "",
            "\(mark). Do not edit it: export it again after a change of the policy.", "",
        ]
    }

    private static func body(_ sections: GuidanceSections) -> [String] {
        sections.facts + [""] + sections.tools + [""] + sections.limits + [""] + sections.data
            + sections.shell + sections.sandbox + [""] + asking + [""] + codes + [""] + enforcement
    }

    private static func summary(_ sections: GuidanceSections) -> [String] {
        sections.facts + [
            "- Without approval: \(QuotedValue.list(sections.free.map(\.tool.description)))",
            "- Under conditions: \(QuotedValue.list(sections.conditional.map(\.tool.description)))",
            "- Every other tool is refused.", "",
            "Read the skill `\(skillName)` for the conditions, and after a refusal. Take a refusal as final: do not try"
                + " to reach the same by another tool, another spelling or smaller steps.",
        ]
    }

    private static let asking = [
        "## How to ask", "",
        "1. Make the call. If people must approve it, the gateway asks them; no one else can.",
        "2. If the call waits, wait. If it is denied with the id of a request (`apr_`...), tell the person the id, and"
            + " make exactly the same call when it is approved. Other arguments are another request.",
        "3. Ask once. A denied request is a decision: do not ask again in other words, and do not split it.",
        "4. If you need a tool or a host that is not granted, tell the person the tool and the code of the refusal."
            + " A grant is a change of the policy, which people review.",
    ]

    private static var codes: [String] {
        [
            "## Codes of refusals", "",
            "At `/mcp` a code begins with `policy.` and has `_` for `-`.", "",
        ]
            + DecisionReason.allCases.map { "- `\($0.rawValue)`: \($0.advice)" }
            + HookAdvice.lines.map { "- `\($0.code)`: \($0.text)" }
    }

    private static let enforcement = [
        "## What is enforced, and where", "",
        "- Tools, approvals, limits, hours and results: by the gateway, for MCP calls.",
        "- Tools of server `host`: by the gateway, as far as the hooks of the coding agent ask it.",
        "- Files, hosts and processes: by the sandbox of `interlock run`, and there alone.",
        "- This text: by nothing. It is guidance.",
    ]
}
