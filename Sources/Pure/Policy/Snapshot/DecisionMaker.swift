import InterlockJSON
import InterlockModel

/// Makes the compiled form of agents.
package struct DecisionMaker: Sendable {
    let document: PolicyDocument
    let table: ToolTable
    package let compiler: CellCompiler
    package let engines: PolicyEngines
    let lock: PolicyLock?
    /// The time as of which waivers are evaluated.
    let now: Timestamp
    /// The groups by name, which many agents share.
    let groups: [String: ApprovalGroup]

    func entry(
        _ agent: AgentSpec, cells: [Cell], holds: [String], _ guards: GuardCompiler
    ) -> AgentEntry {
        let own = (agent.egress ?? []).map(\.value) + document.defaultEgress
        return AgentEntry(
            agent, egress: own.isEmpty ? [] : Set(own).sorted(), holds: holds,
            members: agent.approvers.flatMap { groups[$0.value]?.members } ?? [],
            ownerVotesUntil: ownerVotesUntil(agent),
            cells: CellIndex(cells.map { compile($0, agent, guards) }),
            hours: agent.hours.flatMap(hours), data: data(of: agent),
            servers: agent.scopes.map { Int32(table.serverNumber($0.server) ?? -1) },
            commonEgress: document.commonEgress)
    }

    /// The cells of one agent that elevations of the store affect.
    func cells(of agent: AgentSpec, under elevations: [StoreElevation]) -> [Int: CompiledCell] {
        let guards = GuardCompiler(engines, lock: lock)
        let ids = Set(elevations.map(\.id))
        var cells: [Int: CompiledCell] = [:]
        for cell in compiler.cells(of: agent, with: elevations)
        where cell.elevations.contains(where: { ids.contains($0.id) }) {
            cells[cell.tool] = compile(cell, agent, guards)
        }
        return cells
    }

    private func compile(
        _ cell: Cell, _ agent: AgentSpec, _ guards: GuardCompiler
    ) -> CompiledCell {
        CompiledCell(
            cell, rules: CellRules(cell, agent, guards),
            limits: limitSlots(of: table.rows[cell.tool].address, agent),
            document.controls)
    }

    /// The obligations for each tool that the agent's `data` names.
    private func data(of agent: AgentSpec) -> [Int: DataObligations] {
        var data: [Int: DataObligations] = [:]
        for spec in agent.data ?? [] {
            guard let number = table.number(of: spec.tool.value) else { continue }
            data[number] = table.rows[number].data.union(spec.obligations)
        }
        return data
    }

    private func hours(_ spec: HoursSpec) -> WorkingHours {
        // An unknown zone is E314. If it is compiled nevertheless, no day is a working day.
        let zone = engines.zones.zone(named: spec.zone.value)
        return WorkingHours(
            days: zone == nil ? [] : spec.days, from: spec.from, to: spec.to,
            zone: zone ?? ZoneRules(fixedSeconds: 0), path: spec.path, place: spec.place)
    }

    private func limitSlots(of address: ToolAddress, _ agent: AgentSpec) -> [LimitSlot] {
        let stated = agent.limits.compactMap { limit -> LimitSlot? in
            func slot(
                _ name: String, _ key: String, _ field: FieldPath? = nil, _ sum: LimitUse.Sum? = nil
            ) -> LimitSlot {
                LimitSlot(
                    use: LimitUse(name: name, key: key, limit.rate, sum: sum), field: field,
                    path: limit.path, place: limit.place, isStated: true)
            }
            switch limit.subject {
            case .calls: return slot(Self.calls, Self.calls)
            case .tool(let name): return name == address.description ? slot(name, name) : nil
            case .spend(let tool, let field):
                guard case .tool(address) = document.resolver.resolve(tool, for: agent) else {
                    return nil
                }
                let name = LimitUse.sumPrefix + field
                let sum = ArgumentPath(field).map { LimitUse.Sum(argument: $0, tool: address) }
                return slot(name, "\(name) \(address.description)", FieldPath(field), sum)
            }
        }
        guard agent.calls == nil, let rules = document.tiers[agent.effectiveTier] else {
            return stated
        }
        let byTier = LimitSlot(
            use: LimitUse(name: Self.calls, key: Self.calls, rules.calls), field: nil,
            path: "tiers.\(agent.effectiveTier.rawValue).calls",
            place: rules.callsPlace ?? agent.place, isStated: false)
        return [byTier] + stated
    }

    private static let calls = "calls"

    /// The latest end of the live waivers of W210, or nil if there is no such waiver.
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
        approval = cell.approvalEntry.map(ApprovalEntry.init)
        effectRules = cell.effectRules.map { CompiledRule($0, guards) }
        isWithinTier = cell.isWithinTier
        effects = cell.effects
        self.agent = agent
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
        self.init(spec: grant, condition: grant.when.map(guards.compiled))
    }
}
