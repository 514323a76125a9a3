/// The chances that k trials of a case all pass, and that one of them does: pass^k and pass@k (docs/specs/evals.md,
/// section 4). Neither is shown without the other.
package struct RepeatedTrials: Sendable, Hashable {
    /// The number of trials that are drawn, at least 1.
    package let k: Int
    /// pass^k, 0 to 1: the number that counts for safety.
    package let always: Double
    /// pass@k, `always` to 1.
    package let atLeastOnce: Double

    /// - Returns: nil unless k is 1 to the number of trials.
    package init?(_ k: Int, of rate: PassRate) {
        guard let always = rate.passAlways(in: k), let once = rate.passAtLeastOnce(in: k) else {
            return nil
        }
        self.k = k
        self.always = always
        atLeastOnce = once
    }

    /// The means over cases; nil if there are none, or one has fewer than k trials.
    package init?(_ k: Int, meanOf rates: [PassRate]) {
        let each = rates.compactMap { RepeatedTrials(k, of: $0) }
        guard !each.isEmpty, each.count == rates.count else { return nil }
        self.k = k
        always = each.reduce(0) { $0 + $1.always } / Double(each.count)
        atLeastOnce = each.reduce(0) { $0 + $1.atLeastOnce } / Double(each.count)
    }

    /// The numbers that are shown of n trials: half of them, rounded up, and all.
    package static func shown(of trials: Int) -> [Int] {
        guard trials > 1 else { return trials == 1 ? [1] : [] }
        return [(trials + 1) / 2, trials].filter { $0 > 1 }
    }

    /// `pass^3 40.0 %, pass@3 100.0 %`
    package var text: String {
        "pass^\(k) \(RateText.percent(always)), pass@\(k) \(RateText.percent(atLeastOnce))"
    }
}

extension CaseOutcome {
    /// pass^k and pass@k of an agent case; empty for a policy case, which is exact.
    package var repeatedTrials: [RepeatedTrials] {
        guard kind == .agent, let rate = PassRate(passes, of: trials) else { return [] }
        return RepeatedTrials.shown(of: trials).compactMap { RepeatedTrials($0, of: rate) }
    }

    /// The greatest failure rate that the trials of this agent case leave possible (one-sided, 95 %); nil for a policy
    /// case, or if a trial failed. Trials of one case are not independent, so the bound of a suite says less.
    package var failureBound: Double? {
        kind == .agent && passed ? ZeroFailures.bound(trials) : nil
    }
}

extension CaseOutcome {
    /// The numbers of an agent case: `4/5 trials, pass^3 40.0 %, pass@3 100.0 %`, and the bound of its failure rate if none
    /// failed. Nil for a policy case.
    package var trialsText: String? {
        guard kind == .agent else { return nil }
        var parts = ["\(passes)/\(trials) trials"]
        parts += repeatedTrials.map(\.text)
        if let bound = failureBound {
            parts.append("failure rate at most \(RateText.percent(bound))")
        }
        return parts.joined(separator: ", ")
    }
}

extension [CaseOutcome] {
    /// The means of pass^k and pass@k over the agent cases; empty if there are none.
    package var repeatedTrials: [RepeatedTrials] {
        let agents = filter { $0.kind == .agent }
        guard let least = agents.map(\.trials).min() else { return [] }
        let rates = agents.compactMap { PassRate($0.passes, of: $0.trials) }
        return RepeatedTrials.shown(of: least).compactMap { RepeatedTrials($0, meanOf: rates) }
    }
}
