package import InterlockModel

/// All that one agent can reach, gravest first, computed from the compiled tables (specs of the
/// policy, 8.2).
package struct WorstCase: Sendable {
    package struct Row: Sendable {
        package let tool: ToolAddress
        /// Easiest first; denials are left out.
        package let verdicts: [Verdict]
        /// Those of every call, and those that some calls have.
        package let effects: [Effect]
        /// The easiest verdict of a call with each effect.
        package let easiest: [Effect: Verdict]
        /// Any of them grants; empty: some grant has no guard.
        package let guards: [String]
        /// `INC-4711 until 2026-11-20T12:00:00Z` for what an elevation alone gives.
        package let elevations: [String]
        /// `10/d`
        package let limits: [String]
    }

    package let agent: AgentName
    package let tier: Tier
    /// By what standing scopes reach, whatever the file says.
    package let computedTier: Tier
    package let stage: TrustStage
    package let owner: Person?
    package let rows: [Row]
    /// Tools of the whole policy.
    package let toolCount: Int
    package let daily: DailyUse
    /// `crm.get_customer -> api.carrier.example:443`
    package let flows: [String]
    /// Servers of the tools above that leave more open than they must, by name.
    package let weakServers: [(server: ServerName, weakness: ServerWeakness)]

    /// - Returns: nil for an agent that the policy does not know.
    package init?(_ policy: PolicySnapshot, of agent: AgentName, at now: Timestamp) {
        guard let spec = policy.document.agents.first(where: { $0.name == agent }) else {
            return nil
        }
        let reach = Reach(policy: policy, agent: spec, now: now)
        let rows = reach.rows().sorted(by: isGraver)
        self.agent = agent
        tier = spec.effectiveTier
        computedTier = reach.computedTier
        stage = spec.effectiveStage
        owner = spec.owner?.value
        self.rows = rows
        toolCount = policy.table.rows.count
        daily = DailyUse(policy, of: spec, tools: Set(rows.map(\.tool)), reach)
        weakServers = Set(rows.map(\.tool.server)).sorted().compactMap { name in
            policy.servers[name]?.weakness.map { (name, $0) }
        }
        flows = dataFlows(rows, egress: policy.agents[agent]?.egress ?? [])
    }

    /// Whether a call with this effect can get this verdict or an easier one.
    package func reaches(_ effect: Effect, at most: Verdict) -> Bool {
        rows.contains { $0.easiest[effect].map { $0 <= most } ?? false }
    }
}

private func isGraver(_ a: WorstCase.Row, _ b: WorstCase.Row) -> Bool {
    let left = rank(a.effects)
    let right = rank(b.effects)
    return left == right ? a.tool < b.tool : left < right
}

private func rank(_ effects: [Effect]) -> Int {
    Effect.gravestFirst.firstIndex(where: effects.contains) ?? Effect.gravestFirst.count
}

/// What is read as sensitive can leave through an open address or a message to a customer.
private func dataFlows(_ rows: [WorstCase.Row], egress: [String]) -> [String] {
    let sources = rows.filter { $0.effects.contains(.sensitiveData) && $0.effects.contains(.read) }
    let sinks =
        egress
        + rows.filter { $0.effects.contains(.customerFacing) }.map(\.tool.description)
    return sources.flatMap { source in
        sinks.filter { $0 != source.tool.description }.map { "\(source.tool) -> \($0)" }
    }
}
