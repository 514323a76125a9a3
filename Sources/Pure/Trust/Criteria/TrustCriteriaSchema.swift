import InterlockPolicy

/// The format of `trust/criteria.yaml` as a table (docs/specs/trust-and-review.md, section 3). Any other key is E201.
enum TrustCriteriaSchema {
    /// The largest count that a file can demand.
    static let most: Int64 = 1_000_000

    static let criteria = Record("a criteria file") {
        Field(
            "interlock_trust", .scalar(.integer(1...1)), "The version of the format.",
            required: true)
        Field("version", .scalar(.text), "The version of the file, 1 to 64 bytes.", required: true)
        Field(
            "interval", .scalar(.word(TrustInterval.allCases.map(\.rawValue))),
            "The interval whose upper bound is compared.")
        Field(
            "per_cluster", .scalar(.integer(1...10_000)),
            "The most runs of a task template and UTC day that count.")
        Field(
            "template_share", .scalar(.text),
            "The most that one template gives of the runs that count, above 0 to 1.")
        Field("stages", .record(stages), "What each stage demands.")
        Field("always", .record(always), "What every promotion demands.")
        Field("minimums", .record(minimums), "The least numbers of any stage.")
        Field("expiry", .record(expiry), "When a promotion ends.")
        Field("cooldown", .record(cooldown), "How long no promotion follows a demotion.")
    }

    private static let stages = Record("the stages") {
        Field("assisted", .record(step), "Stage 1.")
        Field("bounded", .record(step), "Stage 2.")
        Field("full", .record(step), "Stage 3.")
    }

    private static let step = Record("a stage") {
        Field("clean_runs", .scalar(.integer(1...most)), "Clean runs.")
        Field("days", .scalar(.integer(1...3_650)), "UTC days with clean runs.")
        Field("templates", .scalar(.integer(1...200)), "Task templates with clean runs.")
        Field("agent_denials", .scalar(.text), "The upper bound of runs with a denial.")
        Field("approvals_rejected", .scalar(.text), "The upper bound of rejected requests.")
        Field("requires", .scalar(.word(["sandbox"])), "What a run needs for the stage to hold.")
    }

    private static let always = Record("the common demands") {
        Field("incidents", .scalar(.integer(0...100)), "The most incidents in the window.")
        Field("incident_severity", .scalar(.integer(1...3)), "The least grave one that counts.")
        Field("incident_window", .scalar(.duration), "The window.")
        Field("eval", .scalar(.word(["pass"])), "The evals pass.")
        Field("review", .scalar(.word(["current"])), "The review is not overdue.")
        Field("drill", .scalar(.word(["current"])), "The kill drill is not overdue.")
        Field("owner_confirmed", .scalar(.duration), "The age of the owner's confirmation.")
    }

    private static let minimums = Record("the minimums") {
        Field("clean_runs", .scalar(.integer(1...most)), "Clean runs.")
        Field("days", .scalar(.integer(1...3_650)), "Days.")
        Field("templates", .scalar(.integer(1...200)), "Task templates.")
    }

    private static let expiry = Record("the expiry") {
        Field("assisted", .scalar(.duration), "Of stage 1.")
        Field("bounded", .scalar(.duration), "Of stage 2.")
        Field("full", .scalar(.duration), "Of stage 3.")
    }

    private static let cooldown = Record("the cool-down") {
        Field("default", .scalar(.duration), "After a demotion.")
        Field("incident", .scalar(.duration), "After an incident or a kill.")
    }
}
