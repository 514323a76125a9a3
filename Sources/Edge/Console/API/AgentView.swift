import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// One agent as the API tells it: what its page shows.
struct AgentView: Sendable {
    let sheet: AgentDetail
    /// Requests of it that the viewer sees, the nearest end first.
    let waiting: [ApprovalID]

    static let form = ResponseSchema<AgentView>(
        "Agent",
        [
            .init("at", .text(.time), "When this was so.") { .time($0.sheet.at) },
            .init("line", AgentSummary.form.shape, "As in the list.") {
                AgentSummary.form.json($0.sheet.line)
            },
            .maybe("purpose", .text(.passage), "What it is for.") {
                $0.sheet.purpose.map(JSONValue.string)
            },
            .init("place", .text(.passage), "Where the policy describes it.") {
                .string($0.sheet.place.description)
            },
            .init("workload", .text(.passage), "What its credentials are tied to.") {
                .string($0.sheet.workload)
            },
            .init("policy", .text(.digest), "In force.") { .string($0.sheet.policy.prefixed) },
            .init(
                "rights", .list(AccessRightView.form.shape, count: 0...100_000), "What it is shown."
            ) {
                .array(
                    $0.sheet.rights.map {
                        AccessRightView.form.json(AccessRightView(right: $0, use: $1))
                    })
            },
            .init("counted_since", .text(.time), "Uses are counted from then on.") {
                .time($0.sheet.countedSince)
            },
            .init("incomplete", .truth, "Whether uses came that are not counted.") {
                .bool($0.sheet.isIncomplete)
            },
            .maybe("worst_case", .object, "As `interlock policy worst-case --json`.") {
                $0.sheet.worstCase?.json
            },
            .init("limits", .list(LimitUsage.form.shape, count: 0...100_000), "Of the policy.") {
                .array($0.sheet.limits.map(LimitUsage.form.json))
            },
            .init(
                "enforced_by", .list(ControlPoint.form.shape, count: 0...100),
                "Each control, and what enforces it."
            ) { .array($0.sheet.controls.map(ControlPoint.form.json)) },
            .init(
                "guidance", .list(.text(.passage), count: 0...10_000),
                "Parts of the policy that nothing here enforces."
            ) { .array($0.sheet.guidance.map(JSONValue.string)) },
            .init(
                "held_runs", .list(RunHold.form.shape, count: 0...100_000), "By breakers or people."
            ) { .array($0.sheet.holds.map(RunHold.form.json)) },
            .init("breakers", .list(OpenBreaker.form.shape, count: 0...100_000), "Of its servers.")
            {
                .array($0.sheet.breakers.map(OpenBreaker.form.json))
            },
            .init("runs", .list(RunStatus.form.shape, count: 0...1000), "Open, the newest first.") {
                .array($0.sheet.runs.map(RunStatus.form.json))
            },
            .init(
                "elevations", .list(OpenElevation.form.shape, count: 0...100_000),
                "Waiting or granted."
            ) { .array($0.sheet.elevations.map(OpenElevation.form.json)) },
            .init(
                "waiting", .list(.text(.approval), count: 0...1_000_000),
                "Its requests that this person sees and nobody has decided."
            ) { .array($0.waiting.map { .string($0.shown) }) },
            .init(
                "records", .choice(["all", "refusals"]),
                "Which of its records this person may read, by `searchRecords`."
            ) { $0.sheet.reads ? "all" : "refusals" },
        ])
}
