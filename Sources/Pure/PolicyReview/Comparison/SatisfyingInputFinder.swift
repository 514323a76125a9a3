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
    /// The stage that the trust record states.
    let stage: TrustStage
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
        let countable = (try? region.intersection(spendable)) ?? region
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
        let was = old.decide(agent, tool, input, at: stage)
        let isNow = new.decide(agent, tool, input, at: stage)
        let isWider = isNow.verdict < was.verdict
        guard isNow.verdict != was.verdict, isWider == (direction == .widens) else { return nil }
        return Difference(
            direction: direction, agent: agent.text, subject: tool.description, new: isNow.shown,
            old: was.shown
        ).shown(by: input, at: now)
    }

    /// The inputs whose spend can be counted. Limits refuse a call with other values.
    private var spendable: Region {
        var constraints: [InputPath: Constraint] = [:]
        for policy in [old, new] {
            for limit in policy.document.agents.first(where: { $0.name == agent })?.limits ?? [] {
                guard case .spend(_, let field) = limit.subject else { continue }
                let path = InputPath.place(field.split(separator: ".").map(String.init))
                guard let allowed = domain.constraint(at: path.names) else { continue }
                let grid = allowed.numbers.grid
                let counted = NumberSet(grid, from: 0, through: Double(limit.rate.count))
                constraints[path] = allowed.intersection(Constraint(.number, numbers: counted))
            }
        }
        return Region([Cube(constraints)])
    }
}

extension PolicySnapshot {
    /// The decision of the gateway, assuming that limits are unused and reviews are current.
    ///
    /// - Parameter stage: the stage that the trust record states.
    func decide(
        _ agent: AgentName, _ tool: ToolAddress, _ input: CallInput, at stage: TrustStage = .trusted
    ) -> Decision {
        var facts = DecisionFacts(
            effectiveStage: stage, onBehalfOf: input.onBehalfOf.flatMap { Person($0) },
            tainted: input.isTainted, sandboxed: input.isSandboxed, counters: [:])
        facts.reviewsCount = false
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
