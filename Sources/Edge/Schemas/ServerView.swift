package import InterlockAdministration
import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The fields of a server's page, with all of its texts.
extension ServerDetail: ResponseRecord {
    package static let form = ResponseSchema<ServerDetail>(
        "Server",
        .init("at", .text(.time), "When this was so.") { $0.at },
        .init("standing", ServerStatus.form.shape, "As in the list.") { $0.status },
        .maybe("reviewed_by", .text(.plain(1...254)), "Who let it in.") { $0.review?.by.address },
        .maybe("reviewed_on", .text(.plain(10...10)), "A day.") { $0.review?.on.text },
        .maybe(
            "trust", .choice(["internal", "partner", "external"]), "What its content is worth."
        ) { $0.review?.trust.rawValue },
        .maybe("place", .text(.passage), "Where the policy describes it.") {
            $0.place?.description
        },
        .init("environment", .text(.passage), "Of the policy.") { $0.environment },
        .maybe("version", .text(.passage), "At review.") { $0.version },
        .maybe("protocol", .text(.passage), "At review.") { $0.protocolVersion },
        .maybe(
            "other_instructions", .text(.plain(0...10_000_000)),
            "What it tells every model, where that is not what was reviewed."
        ) { $0.otherInstructions },
        .init(
            "tools", .list(of: ServerTool.self, 0...ServerDetail.toolsOfPage),
            "Of this page; what is not as reviewed comes first."
        ) { $0.tools },
        .init("page", .whole(1...1_000_000), "Which this is.") { $0.page },
        .init("pages", .whole(1...1_000_000), "How many there are.") { $0.pages },
        .init("tool_count", .count, "On all pages.") { $0.toolCount },
        .init("fault_count", .count, "Not as reviewed, on all pages.") { $0.faultCount },
        .init(
            "agents", .list(.text(.passage), count: 0...ServerDetail.mostAgents),
            "The first that have a scope of it and that this person sees."
        ) { $0.agents.map(\.text) },
        .init("agent_count", .count, "All of these.") { $0.agentCount },
        .init(
            "deeds", .list(.choice(of: ServerAction.self), count: 0...ServerAction.allCases.count),
            "What this person may do about it now."
        ) { detail in ServerAction.allCases.filter(detail.actions.contains).map(\.rawValue) })
}

extension ServerTool: ResponseRecord {
    package static let form = ResponseSchema<ServerTool>(
        "ServerTool",
        .init("tool", .text(.passage), "As the server writes it.") { $0.name },
        .init("kind", .choice(of: FeatureKind.self), "What it is.") { $0.kind.rawValue },
        .maybe(
            "class", .choice(of: ToolClass.self),
            "Absent where the policy says nothing of it: each call is denied."
        ) { $0.entry?.toolClass.rawValue },
        .init("effects", .list(.text(.passage), count: 0...100), "By the policy.") {
            ($0.entry?.effects.effects ?? []).map(\.name)
        },
        .init(
            "units", .list(.text(.passage), count: 0...ToolUnits.most),
            "In which people read its arguments, by the policy."
        ) { ($0.entry?.units.all ?? []).map(\.sentence) },
        .init("pin", .choice(ServerTool.Pin.texts), "Beside what was reviewed.") { $0.pin.text },
        .maybe("reason", .text(.passage), "Why it is hidden.") {
            tool -> String? in
            if case .hidden(let reason) = tool.pin { reason } else { nil }
        },
        .maybe("description", .text(.plain(0...1_048_576)), "As reviewed, or seen first.") {
            $0.description
        },
        .maybe("reviewed_by", .text(.plain(1...254)), "Who read it.") { $0.review?.by.address },
        .maybe("reviewed_at", .text(.time), "When.") { $0.review?.at },
        .init(
            "changes", .list(.object, count: 0...1_000_000),
            "From what was reviewed to what is listed: `path`, `old`, `new`."
        ) { $0.changes.map(\.json) })
}

extension ServerStatus: ResponseRecord {
    private static let hiddenTool = JSONSchemaType.record(
        "HiddenTool", .init("tool", .text(.passage), "As the server writes it."),
        .init("reason", .text(.passage), "Why agents do not see it."))

    package static let form = ResponseSchema<ServerStatus>(
        "ServerStanding",
        .init("server", .text(.plain(1...32)), "Its name.") { $0.name.text },
        .init("state", .choice(State.texts), "Of it.") { $0.state.text },
        .maybe("reason", .text(.passage), "Of the state.") { $0.state.reason },
        .maybe("transport", .choice(["http", "stdio"]), "How it is reached.") { $0.transport },
        .maybe(
            "weakness", .choice(of: ServerWeakness.self),
            "What its `connect` leaves open: the machine's network, or who answers."
        ) { $0.weakness?.rawValue },
        .maybe("tools", .count, "That it lists.") { $0.state.offered?.tools },
        .maybe("resources", .count, "That it lists.") { $0.state.offered?.resources },
        .maybe("templates", .count, "That it lists.") { $0.state.offered?.templates },
        .maybe("prompts", .count, "That it lists.") { $0.state.offered?.prompts },
        .maybe("pins", .count, "Of the lock.") { $0.pins },
        .init("hidden", .list(hiddenTool, count: 0...100_000), "Listed, and not offered.") {
            $0.hidden.map { ["tool": .string($0.name), "reason": .string($0.reason)] as JSONValue }
        },
        .init("breakers", .list(of: OpenBreaker.self, 0...10_000), "Not closed.") { $0.breakers })
}
