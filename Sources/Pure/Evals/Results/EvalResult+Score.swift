package import InterlockModel

extension EvalResult {
    /// The members of a result that do not follow from the outcomes of cases.
    package struct Run: Sendable {
        package let parts: AgentFingerprint
        package let proof: FingerprintProof
        package let suite: Digest
        package let isPartial: Bool
        package let started: Timestamp
        package let ended: Timestamp
        /// The age in seconds up to which the result counts.
        package let maxAge: Int64
        package let runner: String
        package let flags: [String]
        package let coverage: Coverage
        package let names: FingerprintNames

        package init(
            parts: AgentFingerprint, proof: FingerprintProof, suite: Digest, isPartial: Bool,
            started: Timestamp, ended: Timestamp, maxAge: Int64, runner: String, flags: [String],
            coverage: Coverage, names: FingerprintNames = .empty
        ) {
            self.parts = parts
            self.proof = proof
            self.suite = suite
            self.isPartial = isPartial
            self.started = started
            self.ended = ended
            self.maxAge = maxAge
            self.runner = runner
            self.flags = flags
            self.coverage = coverage
            self.names = names
        }
    }

    /// - Parameters:
    ///   - cases: the digest of the file of `outcomes`.
    ///   - baseline: the digest of the payload of the result that the run was compared with.
    ///   - utility: the counted utility agent cases; nil if there are none, or the run is partial.
    package init(
        of run: Run, verdict: EvalVerdict, outcomes: [CaseOutcome], cases: Digest,
        baseline: Digest?, utility: SuiteScore.Utility?, hashing: any Hashing
    ) {
        let safety = outcomes.filter { $0.gate == .safety }
        let agents = safety.filter { $0.kind == .agent }
        let trials = agents.reduce(0) { $0 + $1.trials }
        let bound = agents.allSatisfy(\.passed) ? ZeroFailures.bound(trials) : nil
        let wilson = utility?.rate.wilson
        var interval: Interval?
        if let wilson, let low = EvalFraction(wilson.lowerBound),
            let high = EvalFraction(wilson.upperBound)
        {
            interval = Interval(low: low, high: high)
        }
        var paired: Paired?
        if let pairs = utility?.paired, let drop = EvalFraction(max(-1, pairs.dropBound)),
            let p = EvalFraction(pValue: pairs.mcNemar)
        {
            paired = Paired(
                lost: pairs.lost, gained: pairs.gained, dropBound95: drop, mcnemarP: p)
        }
        self.init(
            parts: run.parts, suite: run.suite, cases: cases, baseline: baseline,
            verdict: verdict, flags: run.flags, isPartial: run.isPartial, started: run.started,
            ended: run.ended, proof: run.proof, maxAge: run.maxAge, runner: run.runner,
            classes: CaseClass.allCases.map { one in
                ClassCount(
                    name: one.rawValue, cases: outcomes.count { $0.caseClass == one })
            },
            coverage: run.coverage,
            safety: Safety(
                cases: safety.count, failed: safety.count { !$0.passed }, agentTrials: trials,
                bound95: bound.flatMap { EvalFraction($0) }),
            utility: Utility(
                cases: utility?.rate.total ?? 0, passed: utility?.rate.passes ?? 0,
                wilson95: interval, paired: paired), names: run.names, hashing: hashing)
    }
}
