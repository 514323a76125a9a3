import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel

extension Operation {
    /// Operations that read agents.
    static let agents: [Operation] = [
        Operation(
            name: "listAgents", method: .get, path: "/agents",
            summary: "The agents that this person sees, by name.",
            query: [
                .maybe("name", .text(.plain(1...256)), "Has this in its name."),
                .maybe("owner", .text(.plain(1...256)), "Has this in its owner's address."),
                .maybe("tier", .choice(of: Tier.self), "Of this tier."),
                .maybe("stage", .choice(of: TrustStage.self), "At this stage, in effect."),
                .maybe(
                    "state", .choice(of: AgentFilter.State.self),
                    "`held`: runs of it are held back. `due`: its review is. `faulty`: its policy is."
                ),
                .maybe("server", .text(.server), "Has a scope of this server."),
                Paging.parameter,
            ],
            answer: AgentListing.form.shape, problems: [.notRead],
            handler: .reading { api, call throws(Problem) in
                let visibility = try api.visibility(call)
                let listing = try api.part(api.sources.agents).agents(
                    AgentFilter(call.query), page: call.page, for: visibility)
                return AgentListing.form.json(listing)
            }),
        Operation(
            name: "getAgent", method: .get, path: "/agents/{agent}",
            summary: "What the agent may do, at worst too; how that is enforced; what it did.",
            answer: AgentView.form.shape, problems: [.notRead, .noSuchAgent],
            handler: .reading { api, call throws(Problem) in try await api.agent(call) }),
    ]
}

extension OperationServices {
    fileprivate func agent(_ call: APIQuery) async throws(Problem) -> JSONValue {
        let visibility = try visibility(call)
        guard let name = call.places["agent"].flatMap({ AgentName($0) }),
            let detail = try await part(sources.agents).agent(name, for: visibility)
        else { throw Problem(.noSuchAgent, "agent not found, or no access") }
        // Only people may see approval requests.
        var requests: [ApprovalRequest] = []
        if let person = visibility.person { requests = await inbox.requests(for: person) }
        let waiting = requests.filter { $0.state == .pending && $0.review.call.agent == name }
        return AgentView.form.json(
            AgentView(detail: detail, waiting: waiting.sorted { $0.expires < $1.expires }.map(\.id))
        )
    }
}

extension AgentFilter {
    fileprivate init(_ query: [ExactText: JSONValue]) {
        self.init(
            name: query["name"]?.string, owner: query["owner"]?.string,
            tier: query["tier"]?.string.flatMap(Tier.init(rawValue:)),
            stage: query["stage"]?.string.flatMap(TrustStage.init(rawValue:)),
            state: query["state"]?.string.flatMap(State.init(rawValue:)),
            server: query["server"]?.string.flatMap { ServerName($0) })
    }
}

extension AgentListing: ResponseRecord {
    static let form = ResponseSchema<AgentListing>(
        "AgentPage",
        .init("agents", .list(of: AgentSummary.self, 0...pageSize), "Of this page.") { $0.lines },
        .init("page", .whole(1...1_000_000), "Which this is.") { $0.page },
        .init("pages", .whole(1...1_000_000), "How many there are.") { $0.pages },
        .init("count", .count, "Agents on all of them.") { $0.count },
        .init("incomplete", .truth, "Whether refusals came that are not counted.") {
            $0.isIncomplete
        })
}

extension AgentSummary: ResponseRecord {
    static let form = ResponseSchema<AgentSummary>(
        "AgentLine",
        .init("agent", .text(.plain(1...256)), "Its name.") { $0.name.text },
        .maybe("owner", .text(.plain(1...254)), "Who answers for it.") { $0.owner?.address },
        .init("tier", .choice(of: Tier.self), "Its risk.") { $0.tier.rawValue },
        .init("stage", .choice(of: TrustStage.self), "In effect.") { $0.stage.rawValue },
        .maybe("review_by", .text(.plain(10...10)), "A day.") { $0.reviewBy?.text },
        .init(
            "review", .choice(of: Review.self),
            "`overdue`: by more than 14 days, so that calls that do not only read are refused."
        ) { $0.review.rawValue },
        .init(
            "faults", .list(.text(.plain(1...32)), count: 0...1000),
            "Of its policy; any holds it at stage observe."
        ) { $0.faults },
        .maybe("halt", .text(.id), "The halt that stops it.") { $0.halt?.text },
        .init("held_runs", .count, "Slowed down or paused.") { $0.heldRuns },
        .init("in_flight", .count, "Calls.") { $0.callsInFlight },
        .init("calls", .count, "Let through, in the last hour.") { $0.lastHour.done },
        .init("refused", .count, "Calls, in the last hour.") { $0.lastHour.refused })
}
