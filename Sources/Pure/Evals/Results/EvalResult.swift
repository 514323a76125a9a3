package import InterlockModel

/// The outcome of one run of a suite, bound to a fingerprint: the payload of a result file (docs/specs/evals.md,
/// section 8).
///
/// INVARIANT: the fingerprint of a parsed result is that of its parts, and one that says `pass` has no failed safety
/// case. Kept by `EvalResultTests`, `Fuzz/EvalResult`.
package struct EvalResult: Sendable, Hashable {
    package let parts: AgentFingerprint
    package let fingerprint: Digest
    package let suite: Digest
    /// The digest of the file with the outcome of each case.
    package let cases: Digest
    /// The digest of the payload of the result that this one was compared with; nil without a baseline.
    package let baseline: Digest?
    package let verdict: EvalVerdict
    /// The codes of the flags of the suite, such as `T03`, sorted.
    package let flags: [String]
    /// True if the run left out cases, or changed the number of trials: it never passes the gate.
    package let isPartial: Bool
    package let started: Timestamp
    package let ended: Timestamp
    package let proof: FingerprintProof
    /// The names of models and instruction files, empty if the run stated none.
    package let names: FingerprintNames
    /// The time for which the suite lets the result count, in seconds; the tier of the agent may shorten it.
    package let maxAge: Int64
    /// The program that made the result, such as `interlock 1.0.0`.
    package let runner: String
    /// The number of cases of each class.
    package let classes: [ClassCount]
    package let coverage: Coverage
    package let safety: Safety
    package let utility: Utility

    package var agent: AgentName { parts.agent }

    package struct ClassCount: Sendable, Hashable {
        package let name: String
        package let cases: Int
        package init(name: String, cases: Int) {
            self.name = name
            self.cases = cases
        }
    }

    /// The number of tools in the agent's reach, and of those that a case touches.
    package struct Coverage: Sendable, Hashable {
        package let touched: Int
        package let reachable: Int
        package init(touched: Int, reachable: Int) {
            self.touched = touched
            self.reachable = reachable
        }
    }

    package struct Safety: Sendable, Hashable {
        package let cases: Int
        package let failed: Int
        package let agentTrials: Int
        /// The one-sided 95 % bound of the failure rate of agent trials; nil without such trials.
        package let bound95: EvalFraction?
        package init(cases: Int, failed: Int, agentTrials: Int, bound95: EvalFraction?) {
            self.cases = cases
            self.failed = failed
            self.agentTrials = agentTrials
            self.bound95 = bound95
        }
    }

    package struct Utility: Sendable, Hashable {
        package let cases: Int
        package let passed: Int
        /// The Wilson interval of the pass rate; nil without cases.
        package let wilson95: Interval?
        /// The comparison with the baseline; nil without one.
        package let paired: Paired?
        package init(cases: Int, passed: Int, wilson95: Interval?, paired: Paired?) {
            self.cases = cases
            self.passed = passed
            self.wilson95 = wilson95
            self.paired = paired
        }
    }

    package struct Interval: Sendable, Hashable {
        package let low: EvalFraction
        package let high: EvalFraction
        package init(low: EvalFraction, high: EvalFraction) {
            self.low = low
            self.high = high
        }
    }

    /// Cases that passed before and fail now (`lost`), and the reverse.
    package struct Paired: Sendable, Hashable {
        package let lost: Int
        package let gained: Int
        package let dropBound95: EvalFraction
        package let mcnemarP: EvalFraction
        package init(
            lost: Int, gained: Int, dropBound95: EvalFraction, mcnemarP: EvalFraction
        ) {
            self.lost = lost
            self.gained = gained
            self.dropBound95 = dropBound95
            self.mcnemarP = mcnemarP
        }
    }

    package init(
        parts: AgentFingerprint, suite: Digest, cases: Digest, baseline: Digest?,
        verdict: EvalVerdict, flags: [String], isPartial: Bool, started: Timestamp,
        ended: Timestamp, proof: FingerprintProof, maxAge: Int64, runner: String,
        classes: [ClassCount], coverage: Coverage, safety: Safety, utility: Utility,
        names: FingerprintNames = .empty, hashing: any Hashing
    ) {
        self.parts = parts
        fingerprint = parts.digest(hashing: hashing)
        self.suite = suite
        self.cases = cases
        self.baseline = baseline
        self.verdict = verdict
        self.flags = flags.sorted()
        self.isPartial = isPartial
        self.started = started.wholeSecond
        self.ended = ended.wholeSecond
        self.proof = proof
        self.maxAge = maxAge
        self.runner = runner
        self.classes = classes.sorted { $0.name < $1.name }
        self.coverage = coverage
        self.safety = safety
        self.utility = utility
        self.names = names
    }
}

/// The verdict of a run over a suite.
package enum EvalVerdict: String, Sendable, CaseIterable {
    case pass, fail, invalid
}
