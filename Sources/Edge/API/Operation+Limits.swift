import InterlockAdministration
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations on limits and circuit breakers.
    static let limits: [Operation] = [
        Operation(
            name: "listLimits", method: .get, path: "/limits",
            summary: "What the agents in sight have taken of their limits, page by page of agents.",
            query: [
                .maybe("agent", .text(.plain(1...256)), "Of this agent alone."),
                Paging.parameter,
            ],
            answer: LimitedAgent.page.shape, problems: [.notRead, .noSuchAgent], isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let (limits, visibility) = (
                    try api.part(api.sources.limits), try api.visibility(call)
                )
                var all = limits.limited(for: visibility)
                if let agent = call.query["agent"]?.string {
                    all = all.filter { $0.text == agent }
                    guard !all.isEmpty else {
                        throw Problem(
                            .noSuchAgent, "agent `\(agent)` not found, or no access")
                    }
                }
                let names = PagedRows(all, page: call.page)
                let agents = names.rows.map {
                    LimitedAgent(name: $0, limits: limits.limits(of: $0, for: visibility))
                }
                return LimitedAgent.page.json(PagedRows(agents, of: names.count, page: names.page))
            }),
        Operation(
            name: "listBreakers", method: .get, path: "/breakers",
            summary: "What breakers hold back: runs in sight, servers and tools.",
            answer: .record(
                "Breakers",
                .init("runs", .list(of: HeldBack.self, 0...100_000), "Slowed down or paused."),
                .init("servers", .list(of: OpenBreaker.self, 0...100_000), "Not closed.")),
            problems: [.notRead], isLocal: true,
            handler: .reading { api, call throws(Problem) in
                let (limits, visibility) = (
                    try api.part(api.sources.limits), try api.visibility(call)
                )
                return [
                    "runs": .array(
                        limits.holds(for: visibility).map { HeldBack.form.json(HeldBack(hold: $0)) }
                    ),
                    "servers": .array(limits.breakers.map(OpenBreaker.form.json)),
                ]
            }),
    ]
}

/// The usage of one agent's limits.
private struct LimitedAgent: Sendable, ResponseRecord {
    let name: AgentName
    let limits: [LimitUsage]

    static let form = ResponseSchema<LimitedAgent>(
        "LimitedAgent",
        .init("agent", .text(.plain(1...256)), "Whose.") { $0.name.text },
        .init("limits", .list(of: LimitUsage.self, 0...100_000), "By window.") { $0.limits })
    static let page = PagedRows<LimitedAgent>.form("LimitedAgents", "agents", of: form, "By name.")
}

/// A run that is throttled or paused, with its agent.
private struct HeldBack: Sendable, ResponseRecord {
    let hold: RunHold

    static let form = ResponseSchema<HeldBack>(
        "HeldBackRun",
        .init("agent", .text(.plain(1...256)), "Whose run.") { $0.hold.agent.text },
        .init("hold", RunHold.form.shape, "How.") { $0.hold })
}
