import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// One server as the API tells it: what its page shows, and of texts all.
enum ServerView {
    static let form = ResponseSchema<ServerDetail>(
        "Server",
        [
            .init("at", .text(.time), "When this was so.") { .time($0.at) },
            .init("standing", ServerStatus.form.shape, "As in the list.") {
                ServerStatus.form.json($0.standing)
            },
            .maybe("reviewed_by", .text(.plain(1...254)), "Who let it in.") {
                $0.review.map { .string($0.by.address) }
            },
            .maybe("reviewed_on", .text(.plain(10...10)), "A day.") {
                $0.review.map { .string($0.on.text) }
            },
            .maybe(
                "trust", .choice(["internal", "partner", "external"]), "What its content is worth."
            ) { $0.review.map { .string($0.trust.rawValue) } },
            .maybe("place", .text(.passage), "Where the policy describes it.") {
                $0.place.map { .string($0.description) }
            },
            .init("environment", .text(.passage), "Of the policy.") {
                .string($0.environment)
            },
            .maybe("version", .text(.passage), "At review.") {
                $0.version.map(JSONValue.string)
            },
            .maybe("protocol", .text(.passage), "At review.") {
                $0.protocolVersion.map(JSONValue.string)
            },
            .maybe(
                "other_instructions", .text(.plain(0...10_000_000)),
                "What it tells every model, where that is not what was reviewed."
            ) { $0.otherInstructions.map(JSONValue.string) },
            .init(
                "tools", .list(ToolView.form.shape, count: 0...ServerDetail.toolsOfPage),
                "Of this page; what is not as reviewed comes first."
            ) { .array($0.tools.map(ToolView.form.json)) },
            .init("page", .whole(1...1_000_000), "Which this is.") { .integer(Int64($0.page)) },
            .init("pages", .whole(1...1_000_000), "How many there are.") {
                .integer(Int64($0.pages))
            },
            .init("tool_count", .count, "On all pages.") { .integer(Int64($0.toolCount)) },
            .init("fault_count", .count, "Not as reviewed, on all pages.") {
                .integer(Int64($0.faultCount))
            },
            .init(
                "agents",
                .list(.text(.passage), count: 0...ServerDetail.mostAgents),
                "The first that have a scope of it and that this person sees."
            ) { .array($0.agents.map { .string($0.text) }) },
            .init("agent_count", .count, "All of these.") { .integer(Int64($0.agentCount)) },
            .init(
                "deeds",
                .list(
                    .choice(ServerAction.allCases.map(\.rawValue)),
                    count: 0...ServerAction.allCases.count),
                "What this person may do about it now."
            ) { sheet in
                .array(
                    ServerAction.allCases.filter(sheet.deeds.contains).map { .string($0.rawValue) })
            },
        ])
}

enum ToolView {
    static let form = ResponseSchema<ServerTool>(
        "ServerTool",
        [
            .init("tool", .text(.passage), "As the server writes it.") {
                .string($0.name)
            },
            .init("kind", .choice(FeatureKind.allCases.map(\.rawValue)), "What it is.") {
                .string($0.kind.rawValue)
            },
            .maybe(
                "class", .choice(ToolClass.allCases.map(\.rawValue)),
                "Absent where the policy says nothing of it: each call is denied."
            ) { $0.entry.map { .string($0.toolClass.rawValue) } },
            .init("effects", .list(.text(.passage), count: 0...100), "By the policy.") {
                .array(($0.entry?.effects.effects ?? []).map { .string($0.name) })
            },
            .init("pin", .choice(ServerTool.Pin.texts), "Beside what was reviewed.") {
                .string($0.pin.text)
            },
            .maybe("reason", .text(.passage), "Why it is hidden.") {
                if case .hidden(let reason) = $0.pin { .string(reason) } else { nil }
            },
            .maybe("description", .text(.plain(0...1_048_576)), "As reviewed, or seen first.") {
                $0.description.map(JSONValue.string)
            },
            .maybe("reviewed_by", .text(.plain(1...254)), "Who read it.") {
                $0.review.map { .string($0.by.address) }
            },
            .maybe("reviewed_at", .text(.time), "When.") { $0.review.map { .time($0.at) } },
            .init(
                "changes",
                .list(.object, count: 0...1_000_000),
                "From what was reviewed to what is listed: `path`, `old`, `new`."
            ) { .array($0.changes.map(\.json)) },
        ])
}

extension ServerStatus {
    static let form = ResponseSchema<ServerStatus>(
        "ServerStanding",
        [
            .init("server", .text(.plain(1...32)), "Its name.") { .string($0.name.text) },
            .init("state", .choice(State.texts), "Of it.") { .string($0.state.text) },
            .maybe("reason", .text(.passage), "Of the state.") {
                $0.state.reason.map(JSONValue.string)
            },
            .maybe("transport", .choice(["http", "stdio"]), "How it is reached.") {
                $0.transport.map(JSONValue.string)
            },
            .maybe(
                "weakness", .choice(ServerWeakness.allCases.map(\.rawValue)),
                "What its `connect` leaves open: the machine's network, or who answers."
            ) { $0.weakness.map { .string($0.rawValue) } },
            .maybe("tools", .count, "That it lists.") {
                $0.state.offered.map { .integer(Int64($0.tools)) }
            },
            .maybe("resources", .count, "That it lists.") {
                $0.state.offered.map { .integer(Int64($0.resources)) }
            },
            .maybe("templates", .count, "That it lists.") {
                $0.state.offered.map { .integer(Int64($0.templates)) }
            },
            .maybe("prompts", .count, "That it lists.") {
                $0.state.offered.map { .integer(Int64($0.prompts)) }
            },
            .maybe("pins", .count, "Of the lock.") { $0.pins.map { .integer(Int64($0)) } },
            .init(
                "hidden",
                .list(
                    .record(
                        name: "HiddenTool",
                        [
                            .init("tool", .text(.passage), "As the server writes it."),
                            .init("reason", .text(.passage), "Why agents do not see it."),
                        ]), count: 0...100_000), "Listed, and not offered."
            ) {
                .array($0.hidden.map { ["tool": .string($0.name), "reason": .string($0.reason)] })
            },
            .init("breakers", .list(OpenBreaker.form.shape, count: 0...10_000), "Not closed.") {
                .array($0.breakers.map(OpenBreaker.form.json))
            },
        ])
}
