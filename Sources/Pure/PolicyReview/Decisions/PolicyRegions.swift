import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The verdict regions of a compiled policy, computed on demand.
struct PolicyRegions {
    let policy: PolicySnapshot
    private let cells: [AgentName: [Int: Cell]]
    private let specs: [AgentName: AgentSpec]
    private let truths = GuardTruths()
    /// The elevation that is assumed for each agent, compiled, or nil if none is.
    let assumed: ElevationSet?

    /// - Parameters:
    ///   - agents: the agents to read, or nil for all.
    ///   - store: the elevations of the store for these agents.
    ///   - future: true to assume that each agent is granted every tool at all times, as an elevation of the store
    ///     could, in place of those of `store`.
    init(
        _ policy: PolicySnapshot, agents: Set<AgentName>? = nil, store: [StoreElevation] = [],
        future: Bool = false
    ) {
        self.policy = policy
        let elevations =
            future ? (agents ?? Set(policy.agents.keys)).map(policy.futureGrant) : store
        assumed = future ? policy.compile(elevations) : nil
        var cells: [AgentName: [Int: Cell]] = [:]
        var specs: [AgentName: AgentSpec] = [:]
        for agent in policy.document.agents where agents?.contains(agent.name) ?? true {
            let own = policy.maker.compiler.cells(
                of: agent, with: elevations.filter { $0.agent == agent.name })
            cells[agent.name] = Dictionary(
                uniqueKeysWithValues: own.flatMap { cell in cell.tools.map { ($0, cell.alone($0)) }
                })
            specs[agent.name] = agent
        }
        self.cells = cells
        self.specs = specs
    }

    /// The tools that any grant, elevation or approval entry gives the agent, sorted.
    func tools(of agent: AgentName) -> [ToolAddress] {
        (cells[agent] ?? [:]).keys.sorted().map { policy.table.rows[$0].address }
    }

    func spec(of agent: AgentName) -> AgentSpec? { specs[agent] }

    func cell(_ agent: AgentName, _ tool: ToolAddress) -> Cell? {
        policy.table.number(of: tool).flatMap { cells[agent]?[$0] }
    }

    /// The possible inputs of a tool.
    ///
    /// - Parameter typed: if false, the reviewed schema is ignored.
    func domain(of tool: ToolAddress, typed: Bool = true) -> InputDomain {
        guard typed, let schema = policy.lock?.inputSchema(of: tool) else { return .untyped }
        return InputDomain(schema: schema)
    }

    /// The sets of inputs by verdict.
    ///
    /// - Parameter stage: the trust stage, or nil for the agent's own, which is observe while the agent is
    ///   held.
    func verdicts(
        _ agent: AgentName, _ tool: ToolAddress, domain: InputDomain, stage: TrustStage? = nil
    ) throws(AnalysisLimit) -> VerdictRegions {
        guard let cases = try self.cases(agent, tool, domain: domain, stage: stage) else {
            return .denied
        }
        return try VerdictRegions(cases)
    }

    /// The sets of inputs by verdict and reason, or nil if the agent cannot call the tool at the stage.
    func cases(
        _ agent: AgentName, _ tool: ToolAddress, domain: InputDomain, stage: TrustStage? = nil
    ) throws(AnalysisLimit) -> [CellCase]? {
        guard let entry = policy.agents[agent], let spec = specs[agent],
            let cell = cell(agent, tool)
        else { return nil }
        let stage = stage ?? entry.effectiveStage(.trusted)
        guard stage != .observe else { return nil }
        let context = GuardContext(
            domain: domain, constants: guardConstants(policy.table.rows[cell.tool], spec, stage))
        return try CellRegions(
            cell: cell, controls: policy.document.controls, column: spec.column(at: stage),
            voters: entry.ownerVotesUntil == nil
                ? entry.membersWithoutOwner.count : entry.members.count,
            votersWithoutOwner: entry.membersWithoutOwner.count
        ).cases { guardText throws(AnalysisLimit) in
            try truths.truth(of: guardText, for: cell.tool, in: context)
        }
    }

    /// The truth of one guard of a cell.
    func truth(
        of guardText: GuardText?, _ agent: AgentName, _ tool: ToolAddress, domain: InputDomain,
        stage: TrustStage? = nil
    ) throws(AnalysisLimit) -> Ternary {
        guard let entry = policy.agents[agent], let spec = specs[agent],
            let number = policy.table.number(of: tool)
        else { return .never }
        let stage = stage ?? entry.effectiveStage(.trusted)
        let context = GuardContext(
            domain: domain, constants: guardConstants(policy.table.rows[number], spec, stage))
        return try truths.truth(of: guardText, for: number, in: context)
    }

    /// The parts that determine the verdict regions, with guards in normal form: equal signatures have
    /// equal regions. Returns nil if the agent cannot call the tool at the stage.
    ///
    /// - Parameter stage: the stage that the trust record states.
    func signature(
        _ agent: AgentName, _ tool: ToolAddress, stage: TrustStage = .trusted,
        onceComplete: Bool = false
    ) -> CellSignature? {
        guard let entry = policy.agents[agent], let spec = specs[agent],
            let cell = cell(agent, tool)
        else { return nil }
        let stage =
            onceComplete ? entry.stageOnceComplete(stage) : entry.effectiveStage(stage)
        guard stage != .observe, cell.isReachable else { return nil }
        let column = spec.column(at: stage)
        let controls = policy.document.controls
        let windows =
            cell.grants.map { ($0, "") }
            + cell.elevations.flatMap { elevation in
                elevation.grants.map {
                    ($0, "\(elevation.from.microseconds) \(elevation.until.microseconds)")
                }
            }
        return CellSignature(
            constants: guardConstants(policy.table.rows[cell.tool], spec, stage),
            grants: Set(
                windows.map {
                    ExactText("\(truths.normalForm(of: $0.when)) \($0.sandboxedOnly) \($1)")
                }),
            isEntry: cell.approvalEntry != nil,
            forbids: Set(cell.forbids.map { ExactText(truths.normalForm(of: $0.when)) }),
            effects: cell.effects,
            rules: Set(
                cell.effectRules.map {
                    ExactText("\(truths.normalForm(of: $0.when)) \($0.addedEffect.rawValue)")
                }),
            controls: Effect.allCases.map { controls[$0][column] },
            voters: entry.membersWithoutOwner.count, ownerVotes: entry.ownerVotesUntil != nil)
    }
}

struct CellSignature: Hashable {
    let constants: [String: String]
    let grants: Set<ExactText>
    /// True if `approval_required` names the tool.
    let isEntry: Bool
    let forbids: Set<ExactText>
    let effects: EffectSet
    let rules: Set<ExactText>
    let controls: [Verdict]
    let voters: Int
    let ownerVotes: Bool
}
