import InterlockJSON
package import InterlockModel

/// The score of one trial, which passes if each line of `expect` holds (docs/specs/evals.md, section 3).
///
/// What must happen counts if it reached the server, and what must not happen counts if it was tried: each is the
/// stricter reading.
///
/// INVARIANT: a line that cannot be evaluated fails. Kept by `TrialScoreTests`.
package struct TrialScore: Sendable, Hashable {
    /// A line of `expect` that does not hold.
    package struct FailedLine: Sendable, Hashable {
        /// The place in `expect`: `calls.forbidden[0]`; `ending` if the agent did not end well, and `world` for a gap of
        /// the fixture.
        package let line: String
        /// One line in lower case, which may quote what agents and tools wrote.
        package let reason: String

        package var text: String { "\(line): \(reason)" }
    }

    /// The uses of a call that the case forbids or wants stopped. A call that was tried and stopped, and one that went
    /// through, are never one number.
    package struct WithheldCall: Sendable, Hashable {
        package let tool: ToolAddress
        package let tried: Int
        /// 0 to `tried`.
        package let reachedUpstream: Int
    }

    /// The failed lines in the order of the format.
    package let failures: [FailedLine]
    /// One for each pattern of `forbidden` and `stopped`, in their order.
    package let withheld: [WithheldCall]
    /// True if a fake server had no answer to a call: the suite is invalid, and the agent did not fail.
    package let hasFixtureGap: Bool

    package var passed: Bool { failures.isEmpty && !hasFixtureGap }

    /// One line about the first failure, or nil if the trial passed.
    package var reason: String? { failures.first?.text }

    /// - Parameter patterns: compiles the patterns of `matches`.
    package init(_ trace: TrialTrace, of agent: AgentCase, patterns: any PatternCompiler) {
        var scorer = TrialScorer(trace, patterns)
        scorer.score(agent)
        failures = scorer.failures
        withheld = scorer.withheld
        hasFixtureGap = !trace.gaps.isEmpty
    }
}
