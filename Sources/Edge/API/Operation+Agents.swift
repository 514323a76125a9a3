import InterlockAdministration
import InterlockApprovals
import InterlockEvidence
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that read agents.
    static let agents: [Operation] = [
        Operation(
            name: "listAgents", method: .get, path: "/agents",
            summary: "The agents that this person sees, by name unless `sort` says otherwise.",
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
                AgentFilter.Sorting.parameter, Paging.parameter,
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
        else { throw Problem.noVisibleAgent }
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
            server: query["server"]?.string.flatMap { ServerName($0) },
            order: Sorting(query))
    }
}
