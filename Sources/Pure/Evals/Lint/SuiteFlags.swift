import InterlockJSON
import InterlockModel

/// Computes the flags of a suite.
struct SuiteFlags {
    private(set) var raised: [RaisedFlag] = []
    private let tier: Tier

    /// The trials without a failure that show a rate of at most 5 %.
    private static let safetyTrials = 59
    private static let newestCaseDays: Int64 = 180

    init(
        _ suite: Suite, _ facts: LintFacts, _ worlds: SuiteWorlds, _ probes: LintProbes,
        _ coverage: ToolCoverage
    ) {
        tier = facts.tier
        let utility = suite.counted.filter { $0.kind == .agent && $0.gate == .utility }
        raise(.noAllowCase, if: !suite.counted.contains { $0.caseClass == .allow })
        raise(
            .toolWithoutRefuseCase,
            about: facts.tools.filter {
                $0.isConsequential && !coverage.refused.contains($0.address)
            }.map(\.address.description))
        raiseForAmbiguity(suite, facts, worlds)
        raise(
            .uniformPolicyPasses,
            about: UniformPolicy.allCases.filter(probes.passes).map(\.rawValue))
        raise(
            .idleAgentPasses,
            about: utility.filter { Self.passesIdle($0, worlds) }.map(\.id.text))
        raise(
            .toolNotCalled,
            about: facts.tools.filter { !coverage.called.contains($0.address) }
                .map(\.address.description))
        raiseForCounts(suite, utility.count)
        raiseForReviews(suite)
        raise(.incidentNotCaptured, if: Self.isBlameOpen(facts.lastBlame, suite))
        raise(.oneTemplate, about: Self.dominantTemplate(suite))
        raise(.noRecentCase, if: Self.isOld(suite, facts.now.day))
        let safety = suite.cases.count(where: { $0.kind == .agent && $0.gate == .safety })
        raise(
            .tooFewSafetyTrials,
            if: safety * suite.trials(of: .agent) < Self.safetyTrials)
        if let mutants = facts.mutants, mutants.isWeak {
            let survivors = mutants.survivingForbids.sorted() + mutants.survivors
            raise(.weakAgainstMutants, about: [mutants.score] + survivors)
        }
        if tier > .low { raise(.noAgentCase, about: Self.classesWithoutAgent(suite)) }
        raised.sort { $0.flag.code < $1.flag.code }
    }

    private mutating func raise(_ flag: ThinFlag, if condition: Bool) {
        guard condition else { return }
        raised.append(RaisedFlag(flag: flag, isWarning: flag.isWarning(at: tier), about: []))
    }

    /// Raises the flag unless it is about nothing.
    private mutating func raise(_ flag: ThinFlag, about: [String]) {
        guard !about.isEmpty else { return }
        raised.append(RaisedFlag(flag: flag, isWarning: flag.isWarning(at: tier), about: about))
    }

    /// The classes of which tiers medium and high need a case of kind `agent`, and that have none.
    private static func classesWithoutAgent(_ suite: Suite) -> [String] {
        [CaseClass.golden, .allow, .ambiguous].filter { needed in
            !suite.counted.contains { $0.caseClass == needed && $0.kind == .agent }
        }.map(\.rawValue)
    }

    private static func passesIdle(_ one: EvalCase, _ worlds: SuiteWorlds) -> Bool {
        guard case .agent(let agent) = one.body else { return false }
        return agent.demandsNothing || worlds.passesIdle(agent)
    }

    /// A case with look-alikes can be demanded only of an agent that can reach some.
    private mutating func raiseForAmbiguity(
        _ suite: Suite, _ facts: LintFacts, _ worlds: SuiteWorlds
    ) {
        guard suite.counted.contains(where: { $0.caseClass == .ambiguous }) else {
            raise(.noAmbiguousCase, if: true)
            return
        }
        let alike = LookAlikes(facts.tools)
        guard !alike.pairs.isEmpty, !alike.areCovered(by: suite, in: worlds, at: tier) else {
            return
        }
        raise(.noAmbiguousCase, about: alike.pairs.map { "\($0.0) and \($0.1)" })
    }

    private mutating func raiseForCounts(_ suite: Suite, _ utility: Int) {
        var about: [String] = []
        if let needed = PairedCases.needed(for: suite.margin) {
            if utility < needed { about.append("\(utility) cases, \(needed) needed") }
        } else {
            about.append("a margin of 0 needs more than any number of cases")
        }
        if let least = Self.unreachableFloor(suite, utility) { about.append(least) }
        raise(.tooFewUtilityCases, about: about)
    }

    /// A line about the floor if a first run fails by it even with all cases passed; nil otherwise, and for a suite that
    /// names the result it is compared with.
    private static func unreachableFloor(_ suite: Suite, _ utility: Int) -> String? {
        if case .result = suite.baseline { return nil }
        guard let all = PassRate(utility, of: utility) else { return nil }
        let lower = all.wilson.lowerBound
        guard lower < suite.floor.double else { return nil }
        return "\(utility) of \(utility) show \(RateText.percent(lower)), under the floor of "
            + RateText.percent(suite.floor.double)
    }

    /// A case has no author of its own, so the owner of the suite is taken for the author.
    private mutating func raiseForReviews(_ suite: Suite) {
        let open = suite.cases.filter { one in
            one.isDraft || !one.reviews.contains { $0.by != suite.owner }
        }
        guard open.isEmpty else {
            raise(.unreviewed, about: open.map(\.id.text))
            return
        }
        // All cases by one person: the same mistake can be in each of them.
        let people = Set(suite.cases.flatMap(\.reviews).map(\.by)).subtracting([suite.owner])
        if people.count == 1, let person = people.first {
            raise(.unreviewed, about: ["all cases were reviewed by \(person)"])
        }
    }

    private static func isBlameOpen(_ last: Timestamp?, _ suite: Suite) -> Bool {
        guard let last else { return false }
        // Cases keep the second of their capture.
        return !suite.cases.contains {
            $0.origins.contains { $0.captured >= last.wholeSecond }
        }
    }

    private static func dominantTemplate(_ suite: Suite) -> [String] {
        var counts: [ExactText: Int] = [:]
        for one in suite.cases {
            if let template = one.template { counts[ExactText(template), default: 0] += 1 }
        }
        return counts.filter { $0.value * 2 > suite.cases.count }.map(\.key.text)
    }

    private static func isOld(_ suite: Suite, _ today: CivilDate) -> Bool {
        guard let newest = suite.cases.compactMap(\.lastReview).max() else { return false }
        return today.daysSince1970 - newest.daysSince1970 > newestCaseDays
    }
}
