extension CaseOutcome {
    /// The outcome of an agent case.
    ///
    /// - Parameter scores: one for each trial that ran.
    /// - Returns: nil if no trial ran.
    package init?(of evalCase: EvalCase, scores: [TrialScore]) {
        let failed = scores.first { $0.hasFixtureGap } ?? scores.first { !$0.passed }
        self.init(
            of: evalCase, trials: scores.count, passes: scores.count(where: \.passed),
            reason: failed?.reason, failures: failed?.failures.map(\.text) ?? [],
            hasFixtureGap: scores.contains(where: \.hasFixtureGap))
    }
}
