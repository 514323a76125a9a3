import InterlockJSON
import InterlockModel

/// Makes the compiled form of agents: finishes the decisions of each cell where every call gets the
/// same, so that deciding is looking up, and compiles the rules of the others.
struct DecisionMaker: Sendable {
    let document: PolicyDocument
    let table: ToolTable
    let compiler: CellCompiler
    let engines: PolicyEngines
    let lock: PolicyLock?
    /// Waivers are judged at it.
    let now: Timestamp

    func entry(
        _ agent: AgentSpec, cells: [Cell], holds: [String], _ guards: GuardCompiler
    ) -> AgentEntry {
        let egress = Set(document.defaultEgress + (agent.egress ?? []).map(\.value)).sorted()
        let members = agent.approvers.flatMap { document.groups[$0.value] }?.members ?? []
        var noGrant = Decision(.deny, .noGrant, place: agent.place)
        noGrant.tier = agent.effectiveTier
        noGrant.egress = egress
        let data = data(of: agent)
        return AgentEntry(
            agent, egress: egress, holds: holds,
            members: Set(members.map(\.value)).sorted(),
            ownerVotesUntil: ownerVotesUntil(agent),
            cells: cells.map { compile($0, agent, noGrant, data, guards) }, noGrant: noGrant,
            hours: agent.hours.flatMap(hours), data: data)
    }

    /// The cells of one agent that elevations of the store touch.
    func cells(
        of agent: AgentSpec, _ entry: AgentEntry, under elevations: [StoreElevation]
    ) -> [Int: CompiledCell] {
        let guards = GuardCompiler(engines, lock: lock)
        let ids = Set(elevations.map(\.id))
        var cells: [Int: CompiledCell] = [:]
        for cell in compiler.cells(of: agent, with: elevations)
        where cell.elevations.contains(where: { ids.contains($0.id) }) {
            cells[cell.tool] = compile(cell, agent, entry.noGrant, entry.data, guards)
        }
        return cells
    }

    private func compile(
        _ cell: Cell, _ agent: AgentSpec, _ noGrant: Decision, _ data: [Int: DataObligations],
        _ guards: GuardCompiler
    ) -> CompiledCell {
        let row = table.rows[cell.tool]
        let rules = CellRules(cell, agent, guards)
        var common = noGrant
        common.effects = cell.effects
        common.toolClass = row.spec.toolClass
        common.environment = row.environment
        let obligations = data[cell.tool] ?? row.data
        common.data = obligations.isEmpty ? nil : obligations
        let visible = Controls.Column.allCases.map { column in
            cell.isReachable
                && document.controls.strictest(of: cell.effects, column).verdict != .deny
        }
        return CompiledCell(
            tool: cell.tool, plan: plan(rules, row, agent, common),
            isRead: row.spec.toolClass == .read, isStanding: cell.isStanding,
            windows: rules.elevations, isVisible: visible,
            limits: limitSlots(of: row.address, agent))
    }

    private func plan(
        _ rules: CellRules, _ row: ToolTable.Row, _ agent: AgentSpec, _ common: Decision
    ) -> CompiledCell.Plan {
        let site = CallSite(row)
        guard rules.isFixed else { return .guarded(rules, site, common: common) }
        // Nothing of the call is looked at: the rules are fixed.
        var evaluation = Evaluation(
            GuardInput(
                site: site, arguments: [:], now: now, isTainted: false, isSandboxed: false,
                onBehalfOf: nil, tier: agent.effectiveTier, stage: .observe))
        switch rules.permission(&evaluation) {
        case .refused(let ruling):
            let refusal = common.decided(ruling)
            return .finished([refusal, refusal], isGranted: false)
        case .granted(let path, let place, let isUnattested):
            let decisions = Controls.Column.allCases.map { column in
                let ruling = rules.control(
                    document.controls, column, of: rules.effects, grantedAt: place, path: path,
                    isUnattested: isUnattested)
                return common.decided(ruling).awaiting(agent.approvers?.value)
            }
            return .finished(decisions, isGranted: true)
        }
    }

    /// What is demanded of each tool that the agent's `data` names.
    private func data(of agent: AgentSpec) -> [Int: DataObligations] {
        var data: [Int: DataObligations] = [:]
        for spec in agent.data ?? [] {
            guard let number = table.number(of: spec.tool.value) else { continue }
            data[number] = table.rows[number].data.union(spec.obligations)
        }
        return data
    }

    private func hours(_ spec: HoursSpec) -> WorkingHours {
        // A zone that is not known is E314; were it compiled all the same, no day would be a working day.
        let zone = engines.zones.zone(named: spec.zone.value)
        return WorkingHours(
            days: zone == nil ? [] : spec.days, from: spec.from, to: spec.to,
            zone: zone ?? ZoneRules(fixedSeconds: 0), path: spec.path, place: spec.place)
    }

    private func limitSlots(of address: ToolAddress, _ agent: AgentSpec) -> [LimitSlot] {
        agent.limits.compactMap { limit in
            func slot(_ name: String, _ field: FieldPath? = nil) -> LimitSlot {
                LimitSlot(
                    name: name, rate: limit.rate, field: field, path: limit.path,
                    place: limit.place)
            }
            switch limit.subject {
            case .calls: return slot("calls")
            case .tool(let name): return name == address.description ? slot(name) : nil
            case .spend(let tool, let field):
                guard case .tool(address) = document.resolver.resolve(tool, for: agent) else {
                    return nil
                }
                return slot("spend:" + field, FieldPath(field))
            }
        }
    }

    /// The end of a live waiver of W210.
    private func ownerVotesUntil(_ agent: AgentSpec) -> Timestamp? {
        guard let group = agent.approvers else { return nil }
        return document.waivers
            .filter { $0.lint == FindingCode.ownerInGroup.rawValue && $0.covers(group.path) }
            .filter { $0.isLive(at: now) }.map(\.until.end).max()
    }
}

extension CellRules {
    init(_ cell: Cell, _ agent: AgentSpec, _ guards: GuardCompiler) {
        forbids = cell.forbids.map { CompiledRule($0, guards) }
        grants = cell.grants.map { CompiledGrant($0, guards) }
        elevations = cell.elevations.map { overlay in
            CompiledElevation(
                from: overlay.from, until: overlay.until,
                grants: overlay.grants.map { CompiledGrant($0, guards) })
        }
        approval = cell.approvalEntry.map { ($0.path, $0.place) }
        effectRules = cell.effectRules.map { CompiledRule($0, guards) }
        isWithinTier = cell.isWithinTier
        effects = cell.effects
        agentPlace = agent.place
    }
}

extension CompiledRule {
    init(_ rule: RuleSpec, _ guards: GuardCompiler) {
        self.init(
            id: rule.id.value, place: rule.place, condition: rule.when.map(guards.compiled),
            adds: rule.addedEffect)
    }
}

extension CompiledGrant {
    init(_ grant: GrantSpec, _ guards: GuardCompiler) {
        self.init(
            path: grant.path, place: grant.place, condition: grant.when.map(guards.compiled),
            sandboxedOnly: grant.sandboxedOnly)
    }
}
