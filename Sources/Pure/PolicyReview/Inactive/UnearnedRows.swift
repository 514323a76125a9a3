package import InterlockModel
package import InterlockPolicy

/// The parts of a policy that act at stage `trusted` alone, and that cannot act yet, because agents are served at a lower
/// stage (N102; decisions 0049 and 0168).
package struct UnearnedRows {
    package let findings: [Finding]

    /// - Parameter trust: the trust of each agent as it is served; without a gateway that tells it, no agent has any.
    package init(
        _ document: PolicyDocument, at now: Timestamp,
        trust: @escaping (AgentName) -> AgentTerms.Trust = { _ in .none }
    ) {
        var rows = Collector(document, at: now, trust)
        rows.reportControls()
        for agent in document.agents { rows.report(agent) }
        rows.reportRules()
        findings = rows.found.all
    }
}

private struct Collector {
    let document: PolicyDocument
    let table: ToolTable
    let compiler: CellCompiler
    let now: Timestamp
    let trust: (AgentName) -> AgentTerms.Trust
    let truths = GuardTruths()
    var found = Findings()

    init(
        _ document: PolicyDocument, at now: Timestamp,
        _ trust: @escaping (AgentName) -> AgentTerms.Trust
    ) {
        self.document = document
        self.now = now
        self.trust = trust
        table = ToolTable(document)
        compiler = CellCompiler(document: document, table: table, at: now)
    }

    private func terms(_ agent: AgentSpec) -> AgentTerms {
        AgentTerms(
            written: agent.writtenStage, held: [], tier: agent.effectiveTier, trust(agent.name))
    }

    /// The stage at which the agent is served.
    private func served(_ agent: AgentSpec) -> TrustStage { terms(agent).stage }

    mutating func reportControls() {
        let concerned = document.agents.compactMap {
            agent -> (agent: AgentSpec, effects: EffectSet)? in
            // Tier high is decided by `supervised` at every stage, and a file may not permit more.
            guard agent.column(at: agent.writtenStage) == .trusted else { return nil }
            return (agent, effects(of: agent))
        }
        let hasEarned = document.agents.contains { served($0) == .trusted }
        for effect in Effect.gravestFirst {
            let row = document.controls[effect]
            guard let place = row.place, row.supervised != row.trusted else { continue }
            let agents = concerned.filter { $0.effects.has(effect) }.map { $0.agent }
            let waiting = agents.filter { served($0) != .trusted }
            // A row that no agent needs has no effect as long as no agent has earned any.
            guard agents.isEmpty ? !hasEarned : !waiting.isEmpty else { continue }
            found.add(
                .notEarned, at: place, path: "controls." + effect.name,
                "controls: `trusted: \(row.trusted)` of `\(effect.name)` does not act yet"
                    + Self.named(waiting) + "; `supervised: \(row.supervised)` does")
        }
    }

    /// The effects that a call of the agent can have.
    private func effects(of agent: AgentSpec) -> EffectSet {
        compiler.cells(of: agent).filter { $0.isReachable && $0.isStanding }
            .reduce(EffectSet()) { $0.union($1.allEffects) }
    }

    /// The agents after the words of a finding, such as ` for refunds, triage and 3 more`; empty without any.
    private static func named(_ agents: [AgentSpec]) -> String {
        guard !agents.isEmpty else { return "" }
        let names = agents.map(\.name.text).sorted()
        let rest = names.count > 5 ? " and \(names.count - 5) more" : ""
        return " for " + names.prefix(5).joined(separator: ", ") + rest
    }

    mutating func report(_ agent: AgentSpec) {
        let terms = terms(agent)
        let served = terms.stage
        guard served != agent.writtenStage, let stage = agent.stage else { return }
        let isHigh = agent.effectiveTier == .high
        // Tier high can earn its limits and no other column.
        if !isHigh || terms.quotaPercent < 100 {
            found.add(
                .notEarned, at: stage.place, path: stage.path, subject: agent.name,
                "\(agent.name): stage `\(stage.value.rawValue)` does not act yet; its calls are decided at "
                    + "stage `\(served.rawValue)`, with \(terms.quotaPercent) % of its limits"
                    + (isHigh ? "; at tier high a higher stage changes the limits alone" : ""))
        }
        let voters = VoterCount(of: agent, in: document, at: now)
        var seen: Set<ObjectIdentifier> = []
        for cell in compiler.cells(of: agent) where cell.isReachable && cell.isStanding {
            reportUndecidable(cell.withoutElevations, agent, voters, served)
            for grant in cell.grants where seen.insert(ObjectIdentifier(grant)).inserted {
                reportGrant(grant, cell, agent, served)
            }
        }
    }

    /// Reports a grant that the file's stage lets through, and whose calls too few people can approve at
    /// the stage that is served.
    private mutating func reportUndecidable(
        _ cell: Cell, _ agent: AgentSpec, _ voters: VoterCount, _ served: TrustStage
    ) {
        func shortage(_ stage: TrustStage) -> String? {
            let verdict = cell.verdict(document.controls, agent.column(at: stage))
            return voters.shortage(for: verdict, of: cell.allEffects)
        }
        guard shortage(agent.writtenStage) == nil, let missing = shortage(served) else { return }
        let grant = cell.grants.first.map { ($0.place, $0.path) }
        let entry = cell.approvalEntry.map { ($0.place, $0.path) }
        let (place, path) = grant ?? entry ?? (agent.place, agent.path)
        let more = cell.tools.count > 1 ? " and \(cell.tools.count - 1) more" : ""
        found.add(
            .notEarned, at: place, path: path, subject: agent.name,
            "\(agent.name): \(table.rows[cell.tool].address)\(more) can be denied at stage "
                + "`\(served.rawValue)`: it \(missing)")
    }

    private mutating func reportGrant(
        _ grant: GrantSpec, _ cell: Cell, _ agent: AgentSpec, _ served: TrustStage
    ) {
        guard let text = grant.when, acts(text, cell.tools, agent, agent.writtenStage, \.isTrue),
            !acts(text, cell.tools, agent, served, \.isTrue)
        else { return }
        found.add(
            .notEarned, at: text.place, path: grant.path, subject: agent.name,
            "\(agent.name): a grant whose guard is never true at stage `\(served.rawValue)`")
    }

    /// Reports forbids and effect rules that apply to no agent at the stages that are served.
    mutating func reportRules() {
        for (rules, matches) in [
            (document.forbids, \ToolTable.Row.forbids),
            (document.effectRules, \ToolTable.Row.effectRules),
        ] {
            for (index, rule) in rules.enumerated() {
                guard let text = rule.when else { continue }
                let tools = table.rows.indices.filter {
                    table.rows[$0][keyPath: matches].contains(index)
                }
                let agents = document.agents.filter(rule.concerns)
                guard
                    agents.contains(where: {
                        acts(text, tools, $0, $0.writtenStage, \.isNotFalse)
                    }),
                    !agents.contains(where: { acts(text, tools, $0, served($0), \.isNotFalse) })
                else { continue }
                found.add(
                    .notEarned, at: text.place, path: rule.path,
                    "\(rule.id.value): applies at stage `trusted` alone, so to no call yet")
            }
        }
    }

    /// Returns false only if the guard provably lacks this outcome for each of the tools at the stage.
    /// A guard that does not read the agent is not analysed.
    private func acts(
        _ text: GuardText, _ tools: [Int], _ agent: AgentSpec, _ stage: TrustStage,
        _ outcome: (Ternary) -> Region
    ) -> Bool {
        guard text.source.contains("agent") else { return true }
        return tools.contains { tool in
            let context = GuardContext(
                domain: .untyped, constants: guardConstants(table.rows[tool], agent, stage))
            guard let truth = try? truths.truth(of: text, for: tool, in: context) else {
                return true
            }
            return !outcome(truth).isShownEmpty(in: .untyped)
        }
    }
}
