/// The result of the trials of one case.
package struct CaseOutcome: Sendable, Hashable {
    package let id: CaseID
    package let kind: CaseKind
    package let caseClass: CaseClass
    package let gate: GateKind
    /// The trials that ran to an end, at least 1.
    package let trials: Int
    /// The trials that passed, 0 to `trials`.
    package let passes: Int
    /// One line about the first failure, or nil if all trials passed. It may quote text of agents and tools.
    package let reason: String?
    /// One line for each failure of the trial that `reason` is about; empty if all trials passed, and in a result that
    /// was read.
    package let failures: [String]
    /// True if a fake server had no answer to a call: the suite is invalid, and the agent did not fail.
    package let hasFixtureGap: Bool

    /// - Returns: nil if no trial ran, or if more passed than ran: no rate is made of that.
    package init?(
        of evalCase: EvalCase, trials: Int, passes: Int, reason: String? = nil,
        failures: [String] = [], hasFixtureGap: Bool = false
    ) {
        self.init(
            id: evalCase.id, kind: evalCase.kind, caseClass: evalCase.caseClass,
            gate: evalCase.gate, trials: trials, passes: passes, reason: reason,
            failures: failures, hasFixtureGap: hasFixtureGap)
    }

    package init?(
        id: CaseID, kind: CaseKind, caseClass: CaseClass, gate: GateKind, trials: Int, passes: Int,
        reason: String? = nil, failures: [String] = [], hasFixtureGap: Bool = false
    ) {
        guard trials >= 1, (0...trials).contains(passes) else { return nil }
        self.id = id
        self.kind = kind
        self.caseClass = caseClass
        self.gate = gate
        self.trials = trials
        self.passes = passes
        self.reason = reason
        self.failures = failures
        self.hasFixtureGap = hasFixtureGap
    }

    /// A case passes if all its trials do.
    package var passed: Bool { passes == trials }
}
