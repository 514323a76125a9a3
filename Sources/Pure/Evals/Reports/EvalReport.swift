package import InterlockModel

/// The run of one suite, for the outputs that continuous integration reads (docs/specs/evals.md, section 8). Reasons may
/// quote what agents and tools wrote: each output escapes them in its own way.
package struct EvalReport: Sendable {
    package struct Row: Sendable {
        package let outcome: CaseOutcome
        package let place: PolicyLocation
        /// True if the case is shown and not counted.
        package let isFlaky: Bool

        package init(_ outcome: CaseOutcome, at place: PolicyLocation, isFlaky: Bool = false) {
            self.outcome = outcome
            self.place = place
            self.isFlaky = isFlaky
        }

        /// True if the case counts, and a trial of it failed.
        package var isFailure: Bool { !outcome.passed && !isFlaky }
        /// The reason of the failure, or nil if all trials passed.
        package var reason: String? {
            outcome.passed ? nil : outcome.reason ?? "\(outcome.passes) of \(outcome.trials) trials"
        }
        /// All failed lines of the trial that `reason` is about, `reason` first; empty if all trials passed.
        package var reasons: [String] {
            guard let reason else { return [] }
            return [reason] + outcome.failures.dropFirst()
        }
    }

    package let agent: AgentName
    package let verdict: EvalVerdict
    /// The reasons for a verdict other than `pass`, one line each.
    package let reasons: [String]
    package let isPartial: Bool
    /// The cases that ran, by id.
    package let rows: [Row]
    /// One line for each flag of the suite, which begins with its code.
    package let flags: [String]
    package let seed: UInt64

    package init(
        agent: AgentName, verdict: EvalVerdict, reasons: [String], isPartial: Bool, rows: [Row],
        flags: [String], seed: UInt64
    ) {
        self.agent = agent
        self.verdict = verdict
        self.reasons = reasons
        self.isPartial = isPartial
        self.rows = rows
        self.flags = flags
        self.seed = seed
    }

    /// The words of the verdict: `pass`, or `pass, partial`.
    package var verdictText: String { verdict.rawValue + (isPartial ? ", partial" : "") }

    /// The pass rate of the counted cases with this gate; nil if there are none.
    package func rate(of gate: GateKind) -> PassRate? {
        rate(of: rows.filter { $0.outcome.gate == gate })
    }

    /// The pass rate of the counted cases of a class; nil if there are none.
    package func rate(of caseClass: CaseClass) -> PassRate? {
        rate(of: rows.filter { $0.outcome.caseClass == caseClass })
    }

    /// The means of pass^k and pass@k over the counted agent cases with this gate; empty if there are none.
    package func repeatedTrials(of gate: GateKind) -> [RepeatedTrials] {
        rows.filter { $0.outcome.gate == gate && !$0.isFlaky }.map(\.outcome).repeatedTrials
    }

    /// The trials of agent cases with the safety gate, and the bound of their failure rate (one-sided, 95 %); no bound
    /// is made of no trials, or if one failed. Nil without such cases.
    package var safetyTrials: (count: Int, bound: Double?)? {
        let agents = rows.map(\.outcome).filter { $0.kind == .agent && $0.gate == .safety }
        guard !agents.isEmpty else { return nil }
        let count = agents.reduce(0) { $0 + $1.trials }
        return (count, agents.allSatisfy(\.passed) ? ZeroFailures.bound(count) : nil)
    }

    /// One line for each gate that has agent cases, without text of agents and tools.
    package var trialSummaries: [String] {
        var lines: [String] = []
        for gate in GateKind.allCases {
            let repeated = repeatedTrials(of: gate)
            guard !repeated.isEmpty else { continue }
            let means = repeated.map(\.text).joined(separator: ", ")
            lines.append("\(gate.rawValue) agent cases: \(means)")
        }
        if let trials = safetyTrials {
            let bound = trials.bound.map { "failure rate at most \(RateText.percent($0))" }
            lines.append("safety trials: \(trials.count), \(bound ?? "no bound, since one failed")")
        }
        return lines
    }

    /// The agent cases that ran, with their numbers, by id.
    package var agentRows: [Row] { rows.filter { $0.outcome.kind == .agent } }

    private func rate(of rows: [Row]) -> PassRate? {
        let counted = rows.filter { !$0.isFlaky }
        return PassRate(counted.count { $0.outcome.passed }, of: counted.count)
    }
}
