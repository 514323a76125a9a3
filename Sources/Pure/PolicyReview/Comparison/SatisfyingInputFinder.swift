import InterlockJSON
import InterlockModel
import InterlockPolicy

/// Finds an input for which two policies give different verdicts: the analysis proposes it, and both
/// policies decide it for confirmation.
struct SatisfyingInputFinder {
    enum Answer {
        /// No such input exists.
        case none
        case difference(Difference)
        /// An input may exist, but deciding confirmed none.
        case open
    }

    let old: PolicySnapshot
    let new: PolicySnapshot
    let agent: AgentName
    let tool: ToolAddress
    let view: ComparedCase
    /// The elevations that are assumed under each policy, or nil if none are.
    let assumedBefore: ElevationSet?
    let assumedAfter: ElevationSet?
    let domain: InputDomain
    let now: Timestamp

    /// Additional times to try, because agents have hours: one week in steps of three hours.
    private static let step = Duration.seconds(3 * 3_600)
    private static let steps = 7 * 8

    func find(in region: Region, _ direction: Difference.Direction) -> Answer {
        switch region.emptiness(in: domain, prefer: now) {
        case .empty: return .none
        case .open: return .open
        case .input: break
        }
        let countable = counted(region)
        // Both policies sum up the argument and refuse what is not whole, so nothing else can differ.
        if isCountedByBoth, countable.isNothing { return .none }
        for number in 0...Self.steps {
            let time = now + Self.step * number
            for part in [countable, region] {
                guard case .input(let input) = part.emptiness(in: domain, prefer: time) else {
                    continue
                }
                if let found = confirm(input, direction) { return .difference(found) }
            }
        }
        return .open
    }

    private func confirm(_ input: CallInput, _ direction: Difference.Direction) -> Difference? {
        let was = old.decide(agent, tool, input, view, assumedBefore)
        let isNow = new.decide(agent, tool, input, view, assumedAfter)
        let isWider = isNow.verdict < was.verdict
        guard isNow.verdict != was.verdict, isWider == (direction == .widens) else { return nil }
        return Difference(
            direction: direction, agent: agent.text, subject: tool.description, new: isNow.shown,
            old: was.shown
        ).shown(by: input, at: now)
    }

    /// The inputs of a region whose spend can be counted: whole numbers within the limits, which refuse other values.
    private func counted(_ region: Region) -> Region {
        let limits = [old, new].flatMap(spendLimits)
        guard !limits.isEmpty else { return region }
        return Region(
            region.cubes.map { cube -> Cube? in
                var constraints = cube.constraints
                for (path, most) in limits {
                    guard let allowed = constraints[path] ?? domain.constraint(at: path.names)
                    else {
                        continue
                    }
                    let within = allowed.numbers.intersection(
                        NumberSet(allowed.numbers.grid, from: 0, through: most))
                    constraints[path] = allowed.intersection(
                        Constraint(.number, numbers: within.wholeNumbers))
                }
                return Cube(constraints)
            })
    }

    private var isCountedByBoth: Bool {
        !spendLimits(of: old).isEmpty && !spendLimits(of: new).isEmpty
    }

    /// The arguments of the tool that the agent's limits sum up, each with its maximum in a window.
    private func spendLimits(of policy: PolicySnapshot) -> [(InputPath, Double)] {
        guard let agent = policy.document.agents.first(where: { $0.name == agent }) else {
            return []
        }
        return agent.limits.compactMap { limit in
            guard case .spend(let name, let field) = limit.subject,
                case .tool(tool) = policy.document.resolver.resolve(name, for: agent)
            else { return nil }
            let path = InputPath.place(field.split(separator: ".").map(String.init))
            return (path, Double(limit.rate.count))
        }
    }
}

/// The circumstances for which two policies are compared.
struct ComparedCase: Sendable, Hashable {
    /// The stage that the trust record states.
    var stage = TrustStage.trusted
    /// True to compare as if nothing held the agent.
    var onceComplete = false
}

extension PolicySnapshot {
    /// The decision of the gateway, assuming that limits are unused and reviews are current.
    ///
    /// - Parameter assumed: elevations of the store that are assumed to be in force.
    func decide(
        _ agent: AgentName, _ tool: ToolAddress, _ input: CallInput,
        _ view: ComparedCase = ComparedCase(), _ assumed: ElevationSet? = nil
    ) -> Decision {
        var facts = DecisionFacts(
            effectiveStage: view.stage, onBehalfOf: input.onBehalfOf.flatMap { Person($0) },
            tainted: input.isTainted, sandboxed: input.isSandboxed, elevations: assumed,
            counters: [:])
        facts.assumeLabel()
        facts.reviewsCount = false
        facts.holdsCount = !view.onceComplete
        let request = DecisionRequest(
            agent: agent, address: tool, arguments: .object(input.arguments))
        return decide(request, facts: facts, now: input.now)
    }
}

extension Decision {
    /// The verdict and, for a denial, the reason.
    fileprivate var shown: String {
        verdict == .deny ? "deny \(reason.rawValue)" : verdict.description
    }
}
