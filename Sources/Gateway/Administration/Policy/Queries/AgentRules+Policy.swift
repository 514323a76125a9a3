import InterlockModel
import InterlockPolicy

extension PolicyAgent {
    init(_ entry: AgentEntry) {
        self.init(
            name: entry.name, owner: entry.owner, tier: entry.tier, stage: entry.stage,
            place: entry.place)
    }
}

extension AgentRules {
    /// Solves the agent's guards, which takes a while. Returns nil if the policy does not have the agent.
    init?(_ policy: PolicySnapshot, of name: AgentName, for sight: Visibility, at now: Timestamp) {
        guard let entry = policy.agents[name], let rules = policy.rules(of: name),
            let reach = WorstCase(policy, of: name, at: now)
        else { return nil }
        self.init(
            agent: PolicyAgent(entry), purpose: entry.purpose, reviewBy: entry.reviewBy?.text,
            sandbox: entry.sandbox, approvers: entry.approvers,
            people: entry.approvers.flatMap { policy.groups[$0]?.members } ?? [],
            held: entry.incomplete, reached: reach.rows.map(Reached.init),
            toolCount: reach.toolCount, flows: reach.flows,
            rules: rules.compactMap { PolicyRule($0, for: sight) })
    }
}

extension AgentRules.Reached {
    fileprivate init(_ row: WorstCase.Row) {
        self.init(
            tool: row.tool.description, verdicts: row.verdicts.map(\.description),
            effects: row.effects.map(\.name), guards: row.guards, elevations: row.elevations,
            limits: row.limits)
    }
}
