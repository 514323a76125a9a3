import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockChangeGate
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import InterlockSandboxes
import InterlockTrust
import InterlockTrustQueries

extension Console {
    func agents(
        _ route: AgentsRoute, _ query: String?, _ body: [UInt8], _ session: PersonSession,
        isHead: Bool
    ) async -> HTTPResponse {
        guard let agents = sources.agents else { return absent(session) }
        switch route {
        case .list: return agentList(agents, query, session)
        case .detail(let name): return await agentPage(agents, name, query, session)
        case .reviews: return reviewsPage(query, session)
        case .review(let route):
            return await governanceReview(route, query, body, session, isHead: isHead)
        }
    }

    private func agentList(
        _ agents: any AgentQueries, _ query: String?, _ session: PersonSession
    ) -> HTTPResponse {
        guard let query = ListQuery(query), let filter = AgentFilter(query) else {
            return malformed(session)
        }
        let visibility = sources.visibility(session.person)
        let listing = agents.agents(filter, page: query.page, for: visibility)
        let page = AgentsPage(
            listing: listing, filter: filter, seesSome: visibility.seesSomeAgents,
            warnings: sources.evals?.warnings(about: listing.lines.map(\.name)) ?? [:])
        var header = page.header
        if sources.reviewQueries != nil {
            header.add(HeaderAction("Reviews", AgentsRoute.reviews.link))
        }
        return Page(
            title: "Agents", section: .agents, viewer: session, header: header, live: .status
        ) { page.content }.response(200, frame)
    }

    private func agentPage(
        _ agents: any AgentQueries, _ name: AgentName, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let query = ListQuery(query), let tools = Int(query["tools"] ?? "1"),
            let worst = Int(query["worst"] ?? "1")
        else { return malformed(session) }
        guard let detail = await agents.agent(name, for: sources.visibility(session.person)) else {
            return problem(
                404, "Agent not found, or no access", viewer: session)
        }
        let waiting = await inbox.requests(for: session.person).filter {
            $0.state == .pending && $0.review.call.agent == name
        }
        var page = AgentPage(
            detail: detail, waiting: waiting.sorted { $0.expires < $1.expires },
            places: AgentPage.Slots(tools: tools, worst: worst),
            orders: stopping(.agent(name), detail.line.halt, session)
                + elevating(detail, session) + issuing(detail, session))
        if sources.hosts != nil { page.hosts = Link("hosts", query: [("agent", name.text)]) }
        page.evals = sources.evals?.evals(of: name, for: sources.visibility(session.person))
        page.trust = sources.trust?.trust(of: name, for: sources.visibility(session.person))
        page.proposals = proposals(about: name, session)
        page.readiness = await sources.readiness?.readiness(of: name, for: nil)
        page.sandboxes = sources.sandboxes?.running.filter { $0.agent == name }
        if sources.elevations != nil, orderSigner(session) != nil {
            page.actions.append(HeaderAction("Request access", .to(Self.access)))
        }
        if sources.reviewQueries != nil {
            page.actions.append(HeaderAction("Review", ReviewRoute(name).link))
        }
        page.actions +=
            [stopAction("Stop this agent", detail.line.halt, session)].compactMap(\.self)
        return Page(
            title: detail.line.halt == nil ? name.text : "Stopped: \(name)", section: .agents,
            viewer: session, header: page.header, live: .status, signsOrders: true
        ) { page.content }.response(200, frame)
    }

    private static let access = Anchor("access")

    /// The form to issue a token of the agent; empty for a person without the role `security`.
    private func issuing(_ detail: AgentDetail, _ session: PersonSession) -> [HTML] {
        guard let listing = listing(for: session), listing.seesAll else { return [] }
        return [AgentTokens(detail: detail).issuing(signer(session, listing))]
    }

    /// The forms with which the viewer requests one more tool, approves a request, or ends an elevation.
    private func elevating(_ detail: AgentDetail, _ session: PersonSession) -> [HTML] {
        guard sources.elevations != nil, let signer = orderSigner(session) else { return [] }
        let open = detail.elevations.enumerated().map { place, elevation in
            let id = elevation.request.order.id
            return signer.form(
                elevation.request.state == .granted ? .elevationEnd(id) : .elevationApproval(id),
                place + 2)
        }
        return [
            element(.section, .id(Self.access)) {
                element(.h2) { "Temporary access" }
                open
                signer.form(.elevation(detail.line.name), 1)
            }
        ]
    }
}

extension AgentFilter {
    /// Returns nil if a chosen value is invalid.
    init?(_ query: ListQuery) {
        guard let tier = query.choice("tier", Tier.init(rawValue:)),
            let stage = query.choice("stage", TrustStage.init(rawValue:)),
            let state = query.choice("state", State.init(rawValue:)),
            let server = query.choice("server", { ServerName($0) }),
            let order = query.choice("sort", { Sorting($0) })
        else { return nil }
        self.init(
            name: query["name"], owner: query["owner"], tier: tier, stage: stage, state: state,
            server: server, order: order)
    }
}
