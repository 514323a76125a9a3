import InterlockModel

/// A forbid, or a rule that adds an effect.
struct RuleSpec: PolicyPart {
    let id: Located<String>
    let patterns: [Located<ToolPattern>]
    let when: GuardText?
    /// The effect that the rule adds, or nil for a forbid.
    let adds: Effect?
    /// The classes of tools that the rule applies to; empty for all.
    let classes: Set<ToolClass>
    let agents: [Located<String>]
    let tiers: Set<Tier>
    let place: PolicyLocation
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
