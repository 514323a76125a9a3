import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// One agent as the API tells it: what its page shows.
struct AgentView: Sendable, ResponseRecord {
    let sheet: AgentDetail
    /// Requests of it that the viewer sees, the nearest end first.
    let waiting: [ApprovalID]

    static let form = ResponseSchema<AgentView>(
        "Agent",
        .init("at", .text(.time), "When this was so.") { $0.sheet.at },
        .init("line", AgentSummary.form.shape, "As in the list.") { $0.sheet.line },
        .maybe("purpose", .text(.passage), "What it is for.") { $0.sheet.purpose },
        .init("place", .text(.passage), "Where the policy describes it.") {
            $0.sheet.place.description
        },
        .init("workload", .text(.passage), "What its credentials are tied to.") {
            $0.sheet.workload
        },
        .init("policy", .text(.digest), "In force.") { $0.sheet.policy.prefixed },
        .init("rights", .list(of: AccessRightView.self, 0...100_000), "What it is shown.") {
            $0.sheet.rights.map { AccessRightView.form.json(AccessRightView(right: $0, use: $1)) }
        },
        .init("counted_since", .text(.time), "Uses are counted from then on.") {
            $0.sheet.countedSince
        },
        .init("incomplete", .truth, "Whether uses came that are not counted.") {
            $0.sheet.isIncomplete
        },
        .maybe("worst_case", .object, "As `interlock policy worst-case --json`.") {
            $0.sheet.worstCase?.json
        },
        .init("limits", .list(of: LimitUsage.self, 0...100_000), "Of the policy.") {
            $0.sheet.limits
        },
        .init(
            "enforced_by", .list(of: ControlPoint.self, 0...100),
            "Each control, and what enforces it."
        ) { $0.sheet.controls },
        .init(
            "guidance", .list(.text(.passage), count: 0...10_000),
            "Parts of the policy that nothing here enforces."
        ) { $0.sheet.guidance },
        .init("held_runs", .list(of: RunHold.self, 0...100_000), "By breakers or people.") {
            $0.sheet.holds
        },
        .init("breakers", .list(of: OpenBreaker.self, 0...100_000), "Of its servers.") {
            $0.sheet.breakers
        },
        .init("runs", .list(of: RunStatus.self, 0...1000), "Open, the newest first.") {
            $0.sheet.runs
        },
        .init("elevations", .list(of: OpenElevation.self, 0...100_000), "Waiting or granted.") {
            $0.sheet.elevations
        },
        .init(
            "waiting", .list(.text(.approval), count: 0...1_000_000),
            "Its requests that this person sees and nobody has decided."
        ) { $0.waiting.map(\.shown) },
        .init(
            "records", .choice(["all", "refusals"]),
            "Which of its records this person may read, by `searchRecords`."
        ) { $0.sheet.reads ? "all" : "refusals" })
}
