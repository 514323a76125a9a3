import InterlockJSON
import InterlockPolicy

/// The format of `suite.yaml` as a table (docs/specs/evals.md, section 2). Any other key is E201.
enum SuiteSchema {
    static let suite = Record("a suite") {
        Field("interlock_eval", .scalar(.integer(1...1)), "The version.", required: true)
        Field("agent", .scalar(.name(.agent)), "The agent.", required: true)
        Field("owner", .scalar(.person), "Who answers for the suite.", required: true)
        Field(
            "baseline", .scalar(.text), "`last-pass`, `none` or the digest of a result.",
            default: "last-pass")
        Field("margin", .scalar(.text), "The largest tolerated drop.", default: "0.10")
        Field("floor", .scalar(.text), "The least pass rate without a baseline.", default: "0.75")
        Field("max_age", .scalar(.duration), "The age up to which a result counts.")
        Field(
            "trials",
            .scalar(
                .integer(
                    Int64(EvalLimits.trials.lowerBound)...Int64(EvalLimits.trials.upperBound))),
            "The trials of each case: 1 for policy cases and 5 for agent cases by default.")
        Field("command", .list(.scalar(.text)), "The command of the agent.")
        Field("flaky", .list(.record(flaky)), "Cases that are not counted until a day.")
    }

    private static let flaky = Record("a flaky entry") {
        Field("case", .scalar(.text), "The case.", required: true)
        Field("owner", .scalar(.person), "Who mends it.", required: true)
        Field("reason", .scalar(.text), "Why it is flaky.", required: true)
        Field("expires", .scalar(.date), "Its last day, at most 30 ahead.", required: true)
    }
}
