package import InterlockModel

/// A forbid, or a rule that adds an effect.
package struct RuleSpec: PolicyPart {
    package let id: Located<String>
    package let patterns: [Located<ToolPattern>]
    package let when: GuardText?
    /// The effect that the rule adds, or nil for a forbid.
    package let adds: Effect?
    /// The classes of tools that the rule applies to; empty for all.
    package let classes: Set<ToolClass>
    package let agents: [Located<String>]
    package let tiers: Set<Tier>
    package let place: PolicyLocation
    package let path: String

    func matches(_ address: ToolAddress, _ toolClass: ToolClass) -> Bool {
        (classes.isEmpty || classes.contains(toolClass))
            && patterns.contains { $0.value.matches(address) }
    }

    package func concerns(_ agent: AgentSpec) -> Bool {
        (agents.isEmpty || agents.contains { $0.value == agent.name.text })
            && (tiers.isEmpty || tiers.contains(agent.effectiveTier))
    }
}
