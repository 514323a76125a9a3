package import InterlockModel

/// The agents whose hooks send events outside runs, by user id. A user id identifies one agent, because an event proves
/// nothing else about its sender (docs/specs/coding-agents.md, section 9).
package struct HookUsers: Sendable {
    private let agents: [UInt32: AgentName]

    /// - Parameter document: if several of its agents state one user id, none of them has it.
    init(_ document: PolicyDocument) {
        let claims = document.agents.compactMap { agent in
            agent.hooks?.user.map { (user: $0.value, agent: agent.name) }
        }
        agents = Dictionary(grouping: claims, by: \.user)
            .compactMapValues { $0.count == 1 ? $0[0].agent : nil }
    }

    /// Returns nil for the user of no agent.
    package subscript(user: UInt32) -> AgentName? { agents[user] }
}

/// Finds agents that state the user id of another one (E401).
func checkHookUsers(_ document: PolicyDocument, _ findings: inout Findings) {
    var seen: [UInt32: AgentSpec] = [:]
    for agent in document.agents {
        guard let user = agent.hooks?.user else { continue }
        if let first = seen[user.value] {
            findings.add(
                .duplicateName, at: user,
                "hooks: user id \(user.value) is that of agent `\(first.name)` already",
                help: "give each agent a user of its own")
        } else {
            seen[user.value] = agent
        }
    }
}
