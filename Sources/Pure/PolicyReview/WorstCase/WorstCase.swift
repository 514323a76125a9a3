package import InterlockModel
package import InterlockPolicy

/// Everything that one agent can reach, gravest first, computed from the compiled tables
/// (docs/specs/policy.md, section 8.2).
package struct WorstCase: Sendable {
    package struct Row: Sendable {
        package let tool: ToolAddress
        /// The reachable verdicts, most permissive first, without denials.
        package let verdicts: [Verdict]
        /// The effects of every call, and those that only some calls have.
        package let effects: [Effect]
        /// The most permissive verdict of a call, by effect.
        package let easiest: [Effect: Verdict]
        /// The guards, any of which grants; empty if some grant has no guard.
        package let guards: [String]
        /// Elevations such as `INC-4711 until 2026-11-20T12:00:00Z`, if no permanent scope gives the tool.
        package let elevations: [String]
        /// The limits of the tool itself, such as `10/d`.
        package let limits: [String]
    }

    package let agent: AgentName
    package let tier: Tier
    /// The tier that follows from what permanent scopes reach, regardless of the file.
    package let computedTier: Tier
    package let stage: TrustStage
    package let owner: Person?
    package let rows: [Row]
    /// The number of tools in the whole policy.
    package let toolCount: Int
    package let daily: DailyUse
    /// Possible flows of data, such as `crm.get_customer -> api.carrier.example:443`.
    package let flows: [String]
    /// The servers of the reachable tools that have a weakness, sorted by name.
    package let weakServers: [(server: ServerName, weakness: ServerWeakness)]

    /// Returns nil if the policy does not contain the agent.
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

    /// Returns true if a call with this effect can receive the verdict `most` or a more permissive one.
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

/// The possible flows of sensitive data, from tools that read it to open or customer-facing ones.
private func dataFlows(_ rows: [WorstCase.Row], egress: [String]) -> [String] {
    let sources = rows.filter { $0.effects.contains(.sensitiveData) && $0.effects.contains(.read) }
    let sinks =
        egress + rows.filter { $0.effects.contains(.customerFacing) }.map(\.tool.description)
    return sources.flatMap { source in
        sinks.filter { $0 != source.tool.description }.map { "\(source.tool) -> \($0)" }
    }
}

/// The check that `interlock policy test` adds to the tests of a policy: no grave effect is reachable
/// without a person (L116, here checked on the compiled tables).
package struct GraveReach: Sendable {
    /// One sentence for each agent, tool and grave effect that is reachable by allow.
    package let problems: [String]

    package init(_ policy: PolicySnapshot, at now: Timestamp) {
        problems = policy.document.agents.flatMap { agent in
            guard let reach = WorstCase(policy, of: agent.name, at: now) else { return [String]() }
            return reach.rows.flatMap { row in
                row.easiest.filter { $0.key.isGrave && $0.value == .allow }.map(\.key.name).sorted()
                    .map { "\(agent.name) \(row.tool): \($0) is reachable by allow" }
            }
        }
    }
}
