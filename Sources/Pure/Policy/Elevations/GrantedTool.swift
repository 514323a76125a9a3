import InterlockModel

/// A tool that scopes of an elevation give an agent, with every effect that its calls can have.
struct GrantedTool {
    let row: ToolTable.Row
    let effects: EffectSet
    /// True if every grant of it is for sandboxed calls only.
    let sandboxedOnly: Bool

    /// The tools that the scopes name, in the order of the table.
    static func all(
        _ scopes: [ScopeSpec], for agent: AgentSpec, _ document: PolicyDocument, _ table: ToolTable
    ) -> [GrantedTool] {
        scopes.flatMap { scope in
            (table.numbers(of: scope.server) ?? 0..<0).compactMap { number -> GrantedTool? in
                let row = table.rows[number]
                let grants = scope.grants.filter {
                    $0.names(row.spec.name.text, of: row.spec.toolClass)
                }
                guard !grants.isEmpty else { return nil }
                var effects = row.spec.effects
                for index in row.effectRules where document.effectRules[index].concerns(agent) {
                    effects.formUnion(document.effectRules[index].addedEffect)
                }
                return GrantedTool(
                    row: row, effects: effects,
                    sandboxedOnly: grants.allSatisfy(\.sandboxedOnly))
            }
        }
    }

    /// Returns true if neither the agent's tier nor an unguarded forbid excludes every call.
    func isReachable(_ agent: AgentSpec, _ document: PolicyDocument) -> Bool {
        let classes = document.tiers[agent.effectiveTier]?.classes ?? []
        return classes.contains(row.spec.toolClass)
            && !row.forbids.contains { index in
                document.forbids[index].when == nil && document.forbids[index].concerns(agent)
            }
    }

    /// Describes the approvals that are missing for a call of the tool at the stage of the file, or returns
    /// nil if enough people can decide. An elevation with such a tool grants nothing, instead of holding its
    /// agent (L115).
    func shortage(
        for agent: AgentSpec, _ document: PolicyDocument, _ voters: VoterCount
    ) -> String? {
        guard isReachable(agent, document) else { return nil }
        let column = agent.column(at: agent.writtenStage)
        let strictest = document.controls.strictest(of: effects, column).verdict
        let verdict = strictest == .allow && sandboxedOnly ? .approve(1) : strictest
        return voters.shortage(for: verdict, of: effects).map { "\(row.address) \($0)" }
    }
}
