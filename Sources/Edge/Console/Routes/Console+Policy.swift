import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func policyPage(
        _ route: PolicyRoute, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let policy = sources.policy else { return absent(session) }
        guard let query = ListQuery(query) else { return malformed(session) }
        let visibility = sources.visibility(session.person)
        let overview = policy.overview(for: visibility)
        switch route {
        case .overview:
            let page = PolicyPage(view: overview)
            return shown("Policy", page.header, session, live: .status) { page.content }
        case .matrix:
            guard let filter = MatrixFilter(query), let columns = Int(query["columns"] ?? "1")
            else { return malformed(session) }
            return await read(session) { () async throws(PolicyReadingRefusal) in
                let page = MatrixPage(
                    matrix: try await policy.matrix(
                        filter, page: query.page, columns: min(max(1, columns), Paging.mostPages),
                        for: visibility), filter: filter, overview: overview)
                return shown("Matrix", page.header, session) { page.content }
            }
        case .cell(let agent, let server):
            return await read(session) { () async throws(PolicyReadingRefusal) in
                let page = MatrixCellPage(
                    detail: try await policy.cell(of: agent, at: server, for: visibility),
                    page: query.page)
                return shown(page.title, page.header, session) { page.content }
            }
        case .findings:
            let page = PolicyFindingsPage(overview, page: query.page)
            return shown("Findings", page.header, session) { page.content }
        case .rule(let name):
            return await read(session) { () async throws(PolicyReadingRefusal) in
                let page = PolicyRulePage(
                    detail: try await policy.ruleDetail(named: name, for: visibility),
                    page: query.page, seesAll: visibility.seesAll)
                return shown("Rule \(name)", page.header, session) { page.content }
            }
        case .rules:
            let page = PolicyRulesPage(
                policy.rules(for: visibility), kind: query["kind"], text: query["about"],
                page: query.page, overview: overview)
            return shown("Rules", page.header, session) { page.content }
        case .agents:
            let page = PolicyAgentsPage(
                policy.agents(named: query["name"], page: query.page, for: visibility),
                text: query["name"], overview: overview, seesSome: visibility.seesSomeAgents)
            return shown("Agents of the policy", page.header, session) { page.content }
        case .agent(let name):
            return await read(session) { () async throws(PolicyReadingRefusal) in
                let page = AgentRulesPage(view: try await policy.agent(name, for: visibility))
                return shown("Policy of \(name)", page.header, session) { page.content }
            }
        case .proposed:
            return await read(session) { () async throws(PolicyReadingRefusal) in
                let view = try await policy.proposal(for: visibility)
                let again = query["again"].flatMap { UInt64($0) }
                let page = ProposedPage(
                    view: view, viewer: session.person,
                    signer: sources.signOffs == nil ? nil : orderSigner(session),
                    page: query.page,
                    simulation: view.isFirst ? nil : await simulated(again, session))
                return shown(
                    page.title, page.header, session, live: .status, signsOrders: true
                ) { page.content }
            }
        }
    }

    /// - Parameter again: the number of a failed calculation that is started anew.
    private func simulated(_ again: UInt64?, _ session: PersonSession) async -> SimulationCard? {
        guard let simulations = sources.simulations else { return nil }
        do throws(EvidenceRefusal) {
            return SimulationCard(
                state: .known(
                    try await simulations.simulation(again: again, for: reader(session))))
        } catch {
            return switch error {
            case .busy, .tooMany:
                SimulationCard(
                    state: .refused("The log is read for others now: load the page again"))
            case .noSuchRecord:
                SimulationCard(
                    state: .refused(
                        "Requires role \(Role.security.rawValue), or an agent of your own"))
            default: SimulationCard(state: .refused("\(error)"))
            }
        }
    }

    /// Returns a function that is true for the names of rules that have a page for the viewer.
    func isRule(for session: PersonSession) -> (String) -> Bool {
        let visibility = sources.visibility(session.person)
        let policy = sources.policy
        return { policy?.rule(named: $0, for: visibility) != nil }
    }

    private func read(
        _ session: PersonSession,
        _ page: () async throws(PolicyReadingRefusal) -> HTTPResponse
    ) async -> HTTPResponse {
        do throws(PolicyReadingRefusal) { return try await page() } catch {
            switch error {
            case .missing:
                return problem(
                    404, "Part of the policy not found, or no access",
                    viewer: session)
            case .busy:
                // A browser loads the page again by `refresh`; programs heed `retry-after`.
                return problem(
                    503, "Calculating. The page loads again by itself.",
                    viewer: session, ("retry-after", "2"), ("refresh", "2"))
            }
        }
    }

    private func shown(
        _ title: String, _ header: PageHeader, _ session: PersonSession,
        live: Page.Live? = nil, signsOrders: Bool = false, @HTMLBuilder _ content: () -> [HTML]
    ) -> HTTPResponse {
        Page(
            title: title, section: .policy, viewer: session, header: header, live: live,
            signsOrders: signsOrders, content: content
        ).response(200, frame)
    }
}
