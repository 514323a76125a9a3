import InterlockModel

/// Finishes the decisions of each cell, so that deciding is looking up.
struct DecisionMaker {
    let document: PolicyDocument
    let table: ToolTable
    let compiler: CellCompiler
    let now: Timestamp

    func entry(_ agent: AgentSpec, cells: [Cell], holds: [String]) -> AgentEntry {
        let egress = Set(document.defaultEgress + (agent.egress ?? []).map(\.value)).sorted()
        let members = agent.approvers.flatMap { document.groups[$0.value] }?.members ?? []
        let granted = Set(cells.map(\.tool))
        var otherForbids: [Int: Decision] = [:]
        for number in table.forbidden where !granted.contains(number) {
            let row = table.rows[number]
            guard let rule = compiler.cell(number, agent).forbids.first else { continue }
            otherForbids[number] = forbidden(rule, agent, row, egress)
        }
        var noGrant = Decision(.deny, .noGrant, place: agent.place)
        noGrant.tier = agent.effectiveTier
        noGrant.egress = egress
        return AgentEntry(
            agent, egress: egress, holds: holds,
            members: Set(members.map(\.value)).sorted(),
            ownerVotesUntil: ownerVotesUntil(agent),
            cells: cells.map { compile($0, agent, egress) }, otherForbids: otherForbids,
            noGrant: noGrant)
    }

    private func compile(_ cell: Cell, _ agent: AgentSpec, _ egress: [String]) -> CompiledCell {
        let row = table.rows[cell.tool]
        var decisions: [Decision] = []
        var visible: [Bool] = []
        var isGranted = true
        for column in Controls.Column.allCases {
            let (decision, granted) = decide(cell, agent, row, column)
            isGranted = granted
            decisions.append(dress(decision, agent, row, cell.allEffects, egress))
            let unconditional = cell.control(document.controls, column, of: cell.effects).verdict
            visible.append(
                cell.isWithinTier && !cell.isForbiddenAlways && unconditional != .deny)
        }
        let effects = cell.allEffects
        return CompiledCell(
            tool: cell.tool, decisions: decisions, isVisible: visible, isGranted: isGranted,
            isRead: row.spec.toolClass == .read,
            excludesOwner: effects.has(.spendsMoney) || effects.has(.production))
    }

    /// Steps 1 to 4 of section 4.2 in their order. Guards are not evaluated by this version, which is
    /// an error of the guard: a forbid with one applies, a grant with one does not. What a version
    /// cannot count or look up (hours, limits) it refuses.
    private func decide(
        _ cell: Cell, _ agent: AgentSpec, _ row: ToolTable.Row,
        _ column: Controls.Column
    ) -> (Decision, isGranted: Bool) {
        if let rule = cell.forbids.first {
            return (Decision(.deny, .forbid, rule: rule.id.value, place: rule.place), false)
        }
        guard cell.isWithinTier, cell.isStanding else {
            let place = cell.grants.first?.place ?? cell.approvalEntry?.place
            return (Decision(.deny, .noGrant, place: place), false)
        }
        let live = cell.grants.filter { $0.when == nil }
        if let guarded = cell.grants.first, live.isEmpty {
            return (
                Decision(.deny, .guardFalse, rule: guarded.path, place: guarded.place), false
            )
        }
        for key in ["hours", "limits"] {
            if let stated = agent.notEnforced.first(where: { $0.value == key }) {
                let reason: DecisionReason = key == "hours" ? .hours : .limit
                return (Decision(.deny, reason, rule: stated.path, place: stated.place), true)
            }
        }
        let control = cell.control(document.controls, column, of: cell.allEffects)
        let grantPlace = live.first?.place ?? cell.approvalEntry?.place
        var decision = Decision(
            control.verdict, .controls, rule: "controls." + control.effect.name,
            place: document.controls[control.effect].place ?? grantPlace)
        if control.verdict == .allow {
            if let entry = cell.approvalEntry {
                decision = Decision(
                    .approve(1), .approvalRequired, rule: entry.path, place: entry.place)
            } else if let grant = live.first, live.allSatisfy(\.sandboxedOnly) {
                decision = Decision(
                    .approve(1), .approvalRequired, rule: grant.path, place: grant.place)
            }
        }
        if case .approve(let people) = decision.verdict {
            decision.quorum = people
            decision.group = agent.approvers?.value
        }
        return (decision, true)
    }

    private func forbidden(
        _ rule: RuleSpec, _ agent: AgentSpec, _ row: ToolTable.Row, _ egress: [String]
    ) -> Decision {
        let decision = Decision(.deny, .forbid, rule: rule.id.value, place: rule.place)
        return dress(decision, agent, row, row.spec.effects, egress)
    }

    private func dress(
        _ decision: Decision, _ agent: AgentSpec, _ row: ToolTable.Row, _ effects: EffectSet,
        _ egress: [String]
    ) -> Decision {
        var decision = decision
        decision.effects = effects
        decision.tier = agent.effectiveTier
        decision.toolClass = row.spec.toolClass
        decision.environment = row.environment
        decision.egress = egress
        return decision
    }

    /// The end of a live waiver of W210.
    private func ownerVotesUntil(_ agent: AgentSpec) -> Timestamp? {
        guard let group = agent.approvers else { return nil }
        return document.waivers
            .filter { $0.lint == FindingCode.ownerInGroup.rawValue && $0.covers(group.path) }
            .filter { $0.isLive(at: now) }.map(\.until.end).max()
    }
}
