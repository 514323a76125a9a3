import InterlockModel

/// What the policy says about one agent and one tool that a scope or `approval_required` names,
/// before anything about a call is known.
struct Cell: Sendable {
    /// The row in the tool table.
    let tool: Int
    /// The grants that name the tool; empty when `approval_required` alone does.
    let grants: [GrantSpec]
    /// The entry of `approval_required` that names it.
    let approvalEntry: Located<String>?
    /// The forbid that applies; an unguarded one before a guarded one, then by id.
    let forbid: RuleSpec?
    let isWithinTier: Bool
    /// Effects that hold for every call.
    let effects: EffectSet
    /// Effects that a guarded rule adds. This version evaluates no guards, which is an error of the
    /// guard, and a guard on an effect applies unless false.
    let guardedEffects: EffectSet

    var isForbiddenAlways: Bool { forbid.map { $0.when == nil } ?? false }
    var approvalAlone: Bool { grants.isEmpty }
    var allEffects: EffectSet { effects.union(guardedEffects) }

    /// The strictest control of `effects`; of equals the gravest effect is named.
    func control(
        _ controls: Controls, _ column: Controls.Column,
        of effects: EffectSet
    ) -> (verdict: Verdict, effect: Effect) {
        var strictest: (verdict: Verdict, effect: Effect) = (.allow, .read)
        var found = false
        for effect in Effect.gravestFirst where effects.has(effect) {
            let verdict = controls[effect][column]
            if !found || verdict > strictest.verdict { strictest = (verdict, effect) }
            found = true
        }
        // A tool without any effect does not exist (`ToolSpec.effects`); were there one, deny.
        return found ? strictest : (.deny, .irreversible)
    }

    /// The verdict at one column of the controls for a call that is granted and not forbidden.
    func verdict(
        _ controls: Controls, _ column: Controls.Column
    ) -> Verdict {
        let verdict = control(controls, column, of: allEffects).verdict
        return needsApproval && verdict == .allow ? .approve(1) : verdict
    }

    /// Whether an approval is asked for whatever the controls say: by `approval_required`, or because
    /// only grants for sandboxed calls are unguarded and no call is attested by this version.
    var needsApproval: Bool { approvalEntry != nil || onlySandboxed }

    var onlySandboxed: Bool { !grants.isEmpty && grants.allSatisfy(\.sandboxedOnly) }
}

extension AgentSpec {
    /// The column of the controls that holds at a stage.
    func column(at stage: Stage) -> Controls.Column {
        Controls.Column(tier: effectiveTier, stage: stage)
    }
}

/// Makes an agent's cells, sorted by tool.
struct CellCompiler {
    let document: PolicyDocument
    let table: ToolTable

    func cells(of agent: AgentSpec) -> [Cell] {
        var grants: [Int: [GrantSpec]] = [:]
        for scope in agent.scopes {
            for number in table.numbers(of: scope.server) ?? 0..<0 {
                let spec = table.rows[number].spec
                for grant in scope.grants where grant.names(spec.name.text, of: spec.toolClass) {
                    grants[number, default: []].append(grant)
                }
            }
        }
        var entries: [Int: Located<String>] = [:]
        if !agent.approvalRequired.isEmpty {
            for entry in agent.approvalRequired {
                guard case .tool(let address) = document.resolver.resolve(entry.value, for: agent),
                    let number = table.number(of: address)
                else { continue }
                // The smaller path, so that the order of the file has no say in a verdict's rule.
                if let known = entries[number], known.value <= entry.value { continue }
                entries[number] = entry
            }
        }
        let classes = document.tiers[agent.effectiveTier]?.classes ?? []
        return Set(grants.keys).union(entries.keys).sorted().map { number in
            let row = table.rows[number]
            var guarded = EffectSet()
            for index in row.effectRules where document.effectRules[index].concerns(agent) {
                if let effect = document.effectRules[index].adds { guarded.insert(.init(effect)) }
            }
            return Cell(
                tool: number, grants: grants[number] ?? [], approvalEntry: entries[number],
                forbid: forbid(row, agent), isWithinTier: classes.contains(row.spec.toolClass),
                effects: row.spec.effects, guardedEffects: guarded)
        }
    }

    func forbid(_ row: ToolTable.Row, _ agent: AgentSpec) -> RuleSpec? {
        let rules = row.forbids.map { document.forbids[$0] }.filter { $0.concerns(agent) }
        return rules.first { $0.when == nil } ?? rules.first
    }
}
