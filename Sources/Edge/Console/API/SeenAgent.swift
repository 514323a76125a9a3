import InterlockApprovals
import InterlockGateway
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// One agent as the API tells it: what its page shows.
struct SeenAgent: Sendable {
    let sheet: AgentSheet
    /// Requests of it that the viewer sees, the nearest end first.
    let waiting: [ApprovalID]

    static let form = AnswerForm<SeenAgent>(
        "Agent",
        [
            .init("at", .text(.time), "When this was so.") { .time($0.sheet.at) },
            .init("line", AgentLine.form.shape, "As in the list.") {
                AgentLine.form.json($0.sheet.line)
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
            .init("rights", .list(SeenRight.form.shape, count: 0...100_000), "What it is shown.") {
                .array($0.sheet.rights.map { SeenRight.form.json(SeenRight(right: $0, use: $1)) })
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
            .init("limits", .list(LimitStanding.form.shape, count: 0...100_000), "Of the policy.") {
                .array($0.sheet.limits.map(LimitStanding.form.json))
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
            .init("runs", .list(RunStanding.form.shape, count: 0...1000), "Open, the newest first.")
            {
                .array($0.sheet.runs.map(RunStanding.form.json))
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
                "trail", .choice(["all", "refusals", "unread"]),
                "Which records this person may read, if they can be read."
            ) { .string($0.sheet.trail.name) },
            .init(
                "records", .list(TrailEntry.form.shape, count: 0...1000),
                "Of its calls, the newest first."
            ) { .array($0.sheet.trail.entries.map(TrailEntry.form.json)) },
        ])
}

extension AgentSheet.Trail {
    fileprivate var name: String {
        switch self {
        case .all: "all"
        case .refusals: "refusals"
        case .unread: "unread"
        }
    }

    fileprivate var entries: [TrailEntry] {
        switch self {
        case .all(let entries), .refusals(let entries): entries
        case .unread: []
        }
    }
}

/// What an agent may do with one tool, and how far it does.
private struct SeenRight: Sendable {
    let right: AgentRight
    let use: AgentUse

    static let form = AnswerForm<SeenRight>(
        "AgentRight",
        [
            .init("tool", .text(.passage), "As `server.tool`.") {
                .string($0.right.address.description)
            },
            .init("verdict", .text(.plain(1...32)), "Of a call without arguments.") {
                .string($0.right.decision.verdict.description)
            },
            .init("reason", .text(.passage), "A code.") {
                .string($0.right.decision.reason.rawValue)
            },
            .init("rule", .text(.passage), "Which decides.") {
                .string($0.right.decision.rule)
            },
            .maybe("place", .text(.passage), "Where it stands.") {
                $0.right.decision.place.map { .string($0.description) }
            },
            .maybe("class", .choice(ToolClass.allCases.map(\.rawValue)), "Of the tool.") {
                $0.right.decision.toolClass.map { .string($0.rawValue) }
            },
            .init("effects", .list(.text(.passage), count: 0...100), "Of the tool.") {
                .array($0.right.decision.effects.effects.map { .string($0.name) })
            },
            .maybe("group", .text(.passage), "Who approves.") {
                $0.right.decision.group.map(JSONValue.string)
            },
            .init("used", .choice(["used", "earlier", "refused", "unused"]), "How far.") {
                .string($0.use.kind.rawValue)
            },
            .init("calls", .count, "Let through, since `counted_since`.") {
                .integer($0.use.calls)
            },
            .init("refused", .count, "Since `counted_since`.") { .integer($0.use.refused) },
        ])
}

extension LimitStanding {
    static let form = AnswerForm<LimitStanding>(
        "LimitStanding",
        [
            .init("limit", .text(.passage), "What is counted.") { .string($0.use.key) },
            .init("seconds", .count, "Of the window.") { .integer($0.use.seconds) },
            .maybe("taken", .count, "In the window that now ends; absent: not counted yet.") {
                $0.taken == .max ? nil : .integer($0.taken)
            },
            .init("most", .count, "At the agent's trust stage.") { .integer($0.most) },
            .init("stated", .count, "By the policy.") { .integer($0.use.stated) },
        ])
}

extension ControlPoint {
    static let form = AnswerForm<ControlPoint>(
        "ControlPoint",
        [
            .init("control", .text(.passage), "What is held.") { .string($0.control) },
            .init("at", .text(.passage), "What enforces it.") { .string($0.point) },
        ])
}

extension RunHold {
    static let form = AnswerForm<RunHold>(
        "RunHold",
        [
            .init("run", .text(.id), "The run.") { .string($0.run.text) },
            .init("state", .choice(["throttled", "paused"]), "How it is held back.") {
                .string($0.state)
            },
            .init("reason", .text(.passage), "A signal, or `person`.") {
                .string($0.reason)
            },
            .maybe("until", .text(.time), "Where it ends by itself.") {
                $0.until.map { .time($0) }
            },
        ])
}

extension OpenBreaker {
    static let form = AnswerForm<OpenBreaker>(
        "OpenBreaker",
        [
            .init("server", .text(.plain(1...32)), "Whose.") { .string($0.server.text) },
            .maybe("tool", .text(.passage), "Absent: of the server as a whole.") {
                $0.tool.map { .string($0.tool.text) }
            },
            .init("state", .choice(["open", "half-open"]), "Half-open: one call at a time tries.") {
                .string($0.state.text)
            },
            .maybe("until", .text(.time), "Of an open one.") {
                if case .open(let until) = $0.state { .time(until) } else { nil }
            },
        ])
}

extension OpenElevation {
    static let form = AnswerForm<OpenElevation>(
        "OpenElevation",
        [
            .init("id", .text(.id), "The elevation.") { .string($0.request.id.text) },
            .init("state", .choice(["requested", "granted", "denied", "ended"]), "Of it.") {
                .string($0.request.state.rawValue)
            },
            .init("in_force", .truth, "Whether it grants now.") { .bool($0.isLive) },
            .init("grant", .object, "By server, as the policy writes it.") {
                $0.request.order.grants
            },
            .init("from", .text(.time), "Its window.") { .time($0.request.order.from) },
            .init("until", .text(.time), "Its window.") { .time($0.request.order.until) },
            .init("reason", .text(.passage), "By who asked.") {
                .string($0.request.order.reason)
            },
            .init("ticket", .text(.passage), "By who asked.") {
                .string($0.request.order.ticket)
            },
            .init("author", .text(.plain(1...254)), "Who asked.") {
                .string($0.request.proposal.author.address)
            },
            .init("have", .count, "People who approved.") {
                .integer(Int64($0.request.approvals.count))
            },
            .maybe("need", .count, "Absent where the policy has no room for it.") {
                $0.need.map { .integer(Int64($0)) }
            },
        ])
}

extension TrailEntry {
    static let form = AnswerForm<TrailEntry>(
        "TrailEntry",
        [
            .init("index", .count, "Of the record in the log.") {
                .integer(Int64(clamping: $0.index))
            },
            .init("at", .text(.time), "When it was written.") { .time($0.at) },
            .init("type", .text(.passage), "Of the record.") { .string($0.type) },
            .maybe("tool", .text(.passage), "As `server__tool`.") {
                $0.tool.map(JSONValue.string)
            },
            .maybe(
                "outcome", .text(.passage), "The verdict, the refusal's code or the end."
            ) {
                $0.outcome.map(JSONValue.string)
            },
            .maybe("rule", .text(.passage), "Which decided.") {
                $0.rule.map(JSONValue.string)
            },
            .maybe("place", .text(.passage), "Where it stands.") {
                $0.place.map(JSONValue.string)
            },
            .maybe("run", .text(.passage), "The run.") { $0.run.map(JSONValue.string) },
            .maybe("call", .text(.passage), "The call.") {
                $0.call.map(JSONValue.string)
            },
            .init("count", .count, "Calls that it stands for.") { .integer($0.count) },
        ])
}
