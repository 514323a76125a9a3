/// The limits on what a suite may contain (docs/specs/evals.md, section 2). A file above one of them is refused.
package enum EvalLimits {
    package static let caseBytes = 64 << 10
    package static let fixtureBytes = 1 << 20
    package static let cases = 10_000
    package static let trials = 1...100
    /// The calls that the expectations of one case name, and those of one trial.
    package static let calls = 200
    package static let worldServers = 32
    /// A flaky entry ends at most this many days from the day of a run.
    package static let flakyDays: Int64 = 30
    /// The cases that a suite needs for each flaky one: one in ten at most.
    package static let casesForEachFlaky = 10
    /// The length of a pattern or of a pointer into a state, in bytes.
    package static let patternBytes = 1024
}
