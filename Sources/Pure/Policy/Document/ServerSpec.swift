package import InterlockModel

/// How a server is reached.
package enum ServerConnection: Sendable, Hashable {
    case http(String)
    case stdio([String])
}

/// Who reviewed a server, and what its content is worth.
package struct ServerReview: Sendable, Hashable {
    package let by: Person
    package let on: CivilDate
    package let trust: ServerTrust
}

package enum ServerTrust: String, Sendable, Hashable {
    /// What is read from partner and external servers taints a run.
    case `internal`, partner, external
}

/// One server as written.
struct ServerSpec: Sendable {
    let name: ServerName
    let place: SourcePlace
    let path: String
    let connection: ServerConnection?
    /// Of a stdio server's `connect.sandbox`: paths its child may read, and write, besides.
    let sandboxRead: [String]
    let sandboxWrite: [String]
    let reviewed: ServerReview?
    let reviewerPlace: SourcePlace?
    let credentials: [CredentialSpec]
    let environment: String
    /// Sorted by name.
    let tools: [ToolSpec]
    /// `resource:name` and `prompt:name`.
    let otherItems: Set<String>
    /// What every agent's calls of it have to obey.
    let data: DataObligations
    let notEnforced: [Located<String>]
    /// Where each tool stands in `tools`.
    let positions: [String: Int]

    func tool(_ name: String) -> ToolSpec? { positions[name].map { tools[$0] } }
    func has(_ item: String) -> Bool { tool(item) != nil || otherItems.contains(item) }
}

struct ToolSpec: Sendable {
    let name: ToolName
    let toolClass: ToolClass
    /// As written.
    let declared: EffectSet
    let data: DataObligations
    let place: SourcePlace
    let path: String

    /// What controls judge: `read` for class read; another class without effects counts as
    /// irreversible (specs of the policy, 4.2).
    var effects: EffectSet {
        if toolClass == .read { return declared.union(EffectSet(.read)) }
        return declared.isEmpty ? EffectSet(.irreversible) : declared
    }
}

struct CredentialSpec: Sendable {
    let agent: Located<String>
    let header: String
    let secret: Located<String>
    let rotateBy: Located<CivilDate>?
}

/// A forbid, or a rule that adds an effect.
struct RuleSpec: Sendable {
    let id: Located<String>
    let patterns: [Located<ToolPattern>]
    let when: GuardText?
    /// nil for a forbid.
    let adds: Effect?
    /// Empty: all.
    let classes: Set<ToolClass>
    let agents: [Located<String>]
    let tiers: Set<Tier>
    let place: SourcePlace
    let path: String

    func matches(_ address: ToolAddress, _ toolClass: ToolClass) -> Bool {
        (classes.isEmpty || classes.contains(toolClass))
            && patterns.contains { $0.value.matches(address) }
    }

    func concerns(_ agent: AgentSpec) -> Bool {
        (agents.isEmpty || agents.contains { $0.value == agent.name.text })
            && (tiers.isEmpty || tiers.contains(agent.effectiveTier))
    }
}
