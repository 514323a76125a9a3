import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The tools and verdicts that one agent can reach from a given time on, under its terms.
struct Reach {
    let policy: PolicySnapshot
    let agent: AgentEntry
    let terms: AgentTerms
    let now: Timestamp
    private let regions: PolicyRegions

    /// - Parameter store: the elevations of the store for the agent.
    init(
        policy: PolicySnapshot, agent: AgentEntry, terms: AgentTerms, store: [StoreElevation],
        now: Timestamp
    ) {
        self.init(
            agent: agent, terms: terms, now: now,
            regions: PolicyRegions(policy, agents: [agent.name], store: store))
    }

    /// - Parameter regions: those of the policy, for this agent at least.
    init(agent: AgentEntry, terms: AgentTerms, now: Timestamp, regions: PolicyRegions) {
        policy = regions.policy
        self.agent = agent
        self.terms = terms
        self.now = now
        self.regions = regions
    }

    private var spec: AgentSpec { agent.spec }
    /// The stage that the rows are about: that of an agent that is not held.
    private var stage: TrustStage { terms.allowed }
    private var column: Controls.Column { spec.column(at: stage) }

    /// A row for each tool that something gives the agent from `now` on; none at stage observe.
    func rows() -> [WorstCase.Row] {
        guard stage != .observe else { return [] }
        return regions.tools(of: agent.name).compactMap { tool in
            regions.cell(agent.name, tool).flatMap { row(tool, $0) }
        }
    }

    /// The row of a tool, or nil if nothing gives it to the agent from `now` on.
    ///
    /// - Precondition: the stage is not observe.
    func row(of tool: ToolAddress) -> WorstCase.Row? {
        regions.cell(agent.name, tool).flatMap { row(tool, $0) }
    }

    /// The times from `now` on, because elevations that have ended reach nothing.
    private var future: Region {
        let times = NumberSet(
            .time, from: Double(now.milliseconds), through: NumberGrid.time.highest)
        return Region([Cube([.now: Constraint(.number, numbers: times)])])
    }

    private func row(_ tool: ToolAddress, _ cell: Cell) -> WorstCase.Row? {
        guard cell.isStanding || !cell.elevations(from: now).isEmpty else {
            return nil
        }
        let domain = regions.domain(of: tool)
        // A region that cannot be decided counts as reachable.
        func isReachable(_ region: Region) -> Bool {
            guard let ahead = try? region.intersection(future) else { return true }
            if case .empty = ahead.emptiness(in: domain, prefer: now) { return false }
            return true
        }
        guard
            let all = try? regions.cases(agent.name, tool, domain: domain, stage: stage),
            let verdicts = try? VerdictRegions(all)
        else { return undecided(tool, cell) }
        let cases = all.filter { isReachable($0.region) }
        let reachable = Set(cases.map(\.verdict)).subtracting([.deny]).sorted()
        var easiest: [Effect: Verdict] = [:]
        for effect in cell.allEffects.effects where !reachable.isEmpty {
            easiest[effect] = reachable.first { verdict in
                guard let having = having(effect, cell, tool, domain),
                    let both = try? verdicts[verdict].intersection(having)
                else { return true }
                return isReachable(both)
            }
        }
        return describe(tool, cell, reachable, easiest, cases)
    }

    /// The cases that a page shows, the easiest first. That a grant's guard is not true is shown only if it
    /// is the only reason for a denial; the page has the guards themselves.
    private func shown(_ cases: [CellCase]) -> [CellCase] {
        let others = cases.filter { $0.reason != .guardFalse }
        return (others.isEmpty ? cases : others).sorted { $0.verdict < $1.verdict }
    }

    /// The inputs for which a call has an effect, or nil if the analysis reaches a limit.
    private func having(
        _ effect: Effect, _ cell: Cell, _ tool: ToolAddress, _ domain: InputDomain
    ) -> Region? {
        if cell.effects.has(effect) { return .everything }
        return try? cell.effectRules.filter { $0.adds == effect }.reduce(Region.nothing) {
            let condition = try regions.truth(
                of: $1.when, agent.name, tool, domain: domain, stage: stage)
            return try $0.union(condition.isNotFalse)
        }
    }

    /// A row for a tool whose guards exceed the limits of the analysis, with every verdict that its effects
    /// can have.
    private func undecided(_ tool: ToolAddress, _ cell: Cell) -> WorstCase.Row? {
        guard cell.canBeGranted(from: now) else { return nil }
        let controls = policy.document.controls
        let strictest = cell.effects.effects.map { controls[$0][column] }.max() ?? .deny
        let all = cell.allEffects.effects.map { controls[$0][column] }
        let verdicts = Set(all + [strictest]).filter { $0 >= strictest && $0 != .deny }.sorted()
        guard let first = verdicts.first else { return nil }
        let easiest = cell.allEffects.effects.map { ($0, first) }
        let forbids = cell.forbids.map {
            CellCase(verdict: .deny, reason: .forbid, rules: [$0], region: .everything)
        }
        let cases = verdicts.map { verdict in
            CellCase(
                verdict: verdict, reason: .controls,
                rules: verdict == strictest
                    ? []
                    : cell.effectRules.filter { rule in
                        rule.adds.map { controls[$0][column] } == verdict
                    },
                region: .everything)
        }
        let ungranted =
            isUnguarded(cell)
            ? [] : [CellCase(verdict: .deny, reason: .guardFalse, rules: [], region: .everything)]
        return describe(
            tool, cell, verdicts, Dictionary(uniqueKeysWithValues: easiest),
            cases + forbids + ungranted)
    }

    private func describe(
        _ tool: ToolAddress, _ cell: Cell, _ verdicts: [Verdict], _ easiest: [Effect: Verdict],
        _ cases: [CellCase]
    ) -> WorstCase.Row {
        func described(_ part: CellCase) -> ToolCase {
            ToolCase(part, of: cell, agent, column, in: policy)
        }
        return WorstCase.Row(
            tool: tool, toolClass: policy.table.rows[cell.tool].spec.toolClass, verdicts: verdicts,
            effects: cell.allEffects.effects,
            sends: policy.table.rows[cell.tool].spec.flow.sends, easiest: easiest,
            cases: shown(cases).map(described),
            outcome: OutcomeMaker(
                cell: cell, cases: cases, now: now, units: ConditionUnits(policy, of: tool),
                described: described
            ).outcome,
            guards: isUnguarded(cell)
                ? [] : Set(grants(of: cell).compactMap { $0.when?.source }).sorted(),
            elevations: cell.isStanding
                ? [] : cell.elevations(from: now).map(\.words),
            limits: spec.limits.filter { $0.subject == .tool(tool.description) }
                .map { terms.text($0.rate) },
            statements: policy.statements(about: tool, for: agent.name, at: now))
    }

    private func grants(of cell: Cell) -> [GrantSpec] {
        cell.grants + cell.elevations(from: now).flatMap(\.grants)
    }

    /// Returns true if some grant has no guard, so that every call is granted.
    private func isUnguarded(_ cell: Cell) -> Bool {
        grants(of: cell).contains { $0.when == nil }
            || (cell.grants.isEmpty && cell.approvalEntry != nil)
    }

    /// High if a permanent scope reaches a destructive or admin tool, money or production; medium if one
    /// reaches another write tool.
    var computedTier: Tier {
        var tier = Tier.low
        for tool in regions.tools(of: agent.name) {
            guard let cell = regions.cell(agent.name, tool), cell.isStanding,
                !cell.isForbiddenAlways
            else { continue }
            let effects = cell.allEffects
            let toolClass = policy.table.rows[cell.tool].spec.toolClass
            if toolClass == .destructive || toolClass == .admin || effects.has(.spendsMoney)
                || effects.has(.production)
            {
                return .high
            }
            if toolClass == .write { tier = .medium }
        }
        return tier
    }

    /// Returns true if the unit of a tool's calls is fixed: every granted cube gives one and the same argument the same
    /// single text.
    func fixesUnit(of tool: ToolAddress) -> Bool { !fixedTexts(of: tool).isEmpty }

    /// The text of an argument in every granted call, or nil if there may be several.
    func fixedText(of argument: ArgumentPath, in tool: ToolAddress) -> String? {
        let path = InputPath.place(["args"] + argument.names)
        return fixedTexts(of: tool).first { $0.path == path }
            .map { String(codePointArray: $0.text) }
    }

    private func fixedTexts(of tool: ToolAddress) -> Set<FixedText> {
        let domain = regions.domain(of: tool)
        guard
            let verdicts = try? regions.verdicts(
                agent.name, tool, domain: domain, stage: stage)
        else { return [] }
        let cubes = verdicts.verdicts.filter { $0 != .deny }.flatMap { verdicts[$0].cubes }
        guard var common = cubes.first?.fixedTexts else { return [] }
        for cube in cubes.dropFirst() { common.formIntersection(cube.fixedTexts) }
        return common
    }

    /// A sum of an argument in its declared unit, or nil if none is declared or its currency is not fixed.
    func text(ofSum sum: Int64, of argument: ArgumentPath, in tool: ToolAddress) -> String? {
        guard let unit = policy.units(of: tool)[argument] else { return nil }
        var currency: Currency?
        if case .money(_, .argument(let path)) = unit.kind {
            currency = fixedText(of: path, in: tool).flatMap(Currency.init)
        }
        return try? UnitFormatter.text(of: .integer(sum), as: unit.kind, currency)
    }
}

/// An argument that can have only one text.
private struct FixedText: Hashable {
    let path: InputPath
    let text: CodePointArray
}

extension Cube {
    /// The arguments that can have only one text, with it.
    fileprivate var fixedTexts: Set<FixedText> {
        var fixed: Set<FixedText> = []
        for (path, constraint) in constraints
        where path.names.first == "args" && constraint.kinds == .string {
            for literal in constraint.strings where !literal.isNegated {
                guard case .oneOf(let texts) = literal.atom, texts.count == 1 else { continue }
                fixed.insert(FixedText(path: path, text: texts[0]))
            }
        }
        return fixed
    }
}
