import InterlockModel

/// A forbid on one tool, for the agents that it concerns.
struct AgentRule: Sendable {
    let rule: CompiledRule
    /// The agents; empty for all.
    let agents: Set<String>
    let tiers: Set<Tier>

    func concerns(_ entry: AgentEntry) -> Bool {
        (agents.isEmpty || agents.contains(entry.name.text))
            && (tiers.isEmpty || tiers.contains(entry.tier))
    }
}

extension AgentRule {
    init(_ rule: RuleSpec, _ guards: GuardCompiler) {
        self.init(
            rule: CompiledRule(rule, guards), agents: Set(rule.agents.map(\.value)),
            tiers: rule.tiers)
    }
}
