import InterlockApprovals
import InterlockGateway
import InterlockMCP
import InterlockModel

extension Console {
    func agents(
        _ route: AgentsRoute, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let agents = sources.agents else {
            return problem(404, "There is no such page.", viewer: session)
        }
        switch route {
        case .list: return agentList(agents, query, session)
        case .sheet(let name): return await agentPage(agents, name, query, session)
        }
    }

    private func agentList(
        _ agents: any AgentSource, _ query: String?, _ session: PersonSession
    ) -> HTTPResponse {
        guard let fields = FormFields.parse(query ?? ""), let filter = AgentFilter(fields),
            let page = Int(fields["page"] ?? "1")
        else { return problem(400, "This address is malformed.", viewer: session) }
        let listing = agents.agents(filter, page: page, for: sources.sight(session.person))
        return Page("Agents", section: .agents, viewer: session, live: .standing) {
            AgentsPage(listing: listing, filter: filter).content
        }.response(200, frame)
    }

    private func agentPage(
        _ agents: any AgentSource, _ name: AgentName, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let fields = FormFields.parse(query ?? ""), let tools = Int(fields["tools"] ?? "1"),
            let worst = Int(fields["worst"] ?? "1")
        else { return problem(400, "This address is malformed.", viewer: session) }
        guard let sheet = await agents.agent(name, for: sources.sight(session.person)) else {
            return problem(
                404, "There is no such agent, or it is not yours to see.", viewer: session)
        }
        let waiting = await inbox.requests(for: session.person).filter {
            $0.state == .pending && $0.review.call.agent == name
        }
        var page = AgentPage(
            sheet: sheet, waiting: waiting.sorted { $0.expires < $1.expires },
            places: AgentPage.Places(tools: tools, worst: worst))
        page.orders = orderSigner(session).map { [$0.form(.halt(.agent(name)))] } ?? []
        return Page(
            name.text, section: .agents, viewer: session, live: .standing, signsOrders: true
        ) { page.content }.response(200, frame)
    }
}

extension AgentFilter {
    /// nil for a value that is none.
    init?(_ fields: [String: String]) {
        func text(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }
        let tier = text("tier").map(Tier.init(rawValue:))
        let stage = text("stage").map(Stage.init(rawValue:))
        let state = text("state").map(State.init(rawValue:))
        let server = text("server").map { ServerName($0) }
        // Chosen, and none of those that there are.
        if case .some(nil) = tier { return nil }
        if case .some(nil) = stage { return nil }
        if case .some(nil) = state { return nil }
        if case .some(nil) = server { return nil }
        self.init(
            name: text("name"), owner: text("owner"), tier: tier ?? nil, stage: stage ?? nil,
            state: state ?? nil, server: server ?? nil)
    }
}
