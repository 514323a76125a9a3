package import InterlockModel
package import InterlockPolicy

/// Everything that one agent can reach, gravest first, computed from the compiled tables
/// (docs/specs/policy.md, section 8.2).
package struct WorstCase: Sendable {
    package struct Row: Sendable {
        package let tool: ToolAddress
        package let toolClass: ToolClass
        /// The reachable verdicts, most permissive first, without denials.
        package let verdicts: [Verdict]
        /// The effects of every call, and those that only some calls have.
        package let effects: [Effect]
        /// True if a call passes data out of the organisation, also one that only reads.
        package let sends: Bool
        /// The most permissive verdict of a call, by effect.
        package let easiest: [Effect: Verdict]
        /// The verdicts with their rules and conditions, most permissive first; denials of calls that a
        /// grant covers included.
        package let cases: [ToolCase]
        /// The verdicts with their conditions, in words.
        package let outcome: ToolOutcome
        /// The guards, any of which grants; empty if some grant has no guard.
        package let guards: [String]
        /// Elevations such as `INC-4711 until 2026-11-20T12:00:00Z`, if no permanent scope gives the tool.
        package let elevations: [String]
        /// The limits of the tool itself, such as `10/d`.
        package let limits: [String]
        /// The statements about its values, arguments and results, in words for people, one clause each.
        package let statements: [String]
    }

    package let agent: AgentName
    package let tier: Tier
    /// The tier that follows from what permanent scopes reach, regardless of the file.
    package let computedTier: Tier
    /// The stage and the share of limits that the rest is about. A held agent is shown as it will act when
    /// nothing holds it any more.
    package let terms: AgentTerms
    package let owner: Person?
    package let rows: [Row]
    /// The tools that something gives the agent and that no call reaches, with the reasons, by name.
    package let denied: [Row]
    /// The number of tools in the whole policy.
    package let toolCount: Int
    package let daily: DailyUse
    /// The tools and hosts between which data can flow through the agent.
    package let dataFlows: DataFlows
    /// Is nil if the agent lacks one of its three parts.
    package let trifecta: LethalTrifecta?
    /// The reach of the processes of a run that `interlock run` starts, outside of the gateway.
    package let sandbox: SandboxReach
    /// The servers of the reachable tools that have a weakness, sorted by name.
    package let weakServers: [(server: ServerName, weakness: ServerWeakness)]
    /// True if the coding agent also asks its own user before allowed calls of server `host` that are reversible.
    package let asksHostUser: Bool
    /// The tasks that its runs can have. The rest is about runs without one; if each run must have a purpose, no run
    /// of an agent with tasks can do all of it.
    package let tasks: [TaskSpec]

    /// - Parameters:
    ///   - trust: the origin of the agent's trust.
    ///   - store: the elevations of the store for the agent.
    /// - Returns: nil if the policy does not contain the agent.
    package init?(
        _ policy: PolicySnapshot, of agent: AgentName, _ trust: AgentTerms.Trust,
        store: [StoreElevation] = [], at now: Timestamp
    ) {
        guard let entry = policy.agents[agent] else { return nil }
        let terms = entry.terms(trust)
        let reach = Reach(policy: policy, agent: entry, terms: terms, store: store, now: now)
        let all = reach.rows()
        let rows = all.filter { !$0.verdicts.isEmpty }.sorted(by: isGraver)
        self.agent = agent
        self.terms = terms
        tier = entry.tier
        computedTier = reach.computedTier
        owner = entry.owner
        self.rows = rows
        denied = all.filter(\.verdicts.isEmpty)
        toolCount = policy.table.rows.count
        daily = DailyUse(policy, of: entry.spec, terms, tools: Set(rows.map(\.tool)), reach)
        weakServers = Set(rows.map(\.tool.server)).sorted().compactMap { name in
            policy.servers[name]?.weakness.map { (name, $0) }
        }
        sandbox = SandboxReach(entry)
        asksHostUser =
            entry.hooks?.hostPrompt == .low && entry.tier == .low
            && rows.contains {
                $0.tool.server == HostServer.name && $0.easiest[.reversible] == .allow
            }
        tasks = policy.tasks(of: agent)
        let flows = DataFlows(rows, egress: sandbox.outside)
        dataFlows = flows
        trifecta = LethalTrifecta(rows, flows, of: entry.spec, in: policy)
    }

    /// The possible flows of sensitive data, such as `crm.get_customer -> api.carrier.example:443`.
    package var flows: [String] { dataFlows.sensitive }

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

/// The check that `interlock policy test` adds to the tests of a policy: no grave effect is reachable
/// without a person (L116, here checked on the compiled tables).
package struct GraveReach: Sendable {
    /// One sentence for each agent, tool and grave effect that is reachable by allow.
    package let problems: [String]

    package init(_ policy: PolicySnapshot, at now: Timestamp) {
        problems = policy.document.agents.flatMap { agent in
            // Trust can rise without a change of the policy, so the written stage counts.
            guard let reach = WorstCase(policy, of: agent.name, .asWritten, at: now) else {
                return [String]()
            }
            return reach.rows.flatMap { row in
                row.easiest.filter { $0.key.isGrave && $0.value == .allow }.map(\.key.name).sorted()
                    .map { "\(agent.name) \(row.tool): \($0) is reachable by allow" }
            }
        }
    }
}
