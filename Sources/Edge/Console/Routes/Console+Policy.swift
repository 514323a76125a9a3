import InterlockAdministration
import InterlockModel
import InterlockPorts

extension Console {
    func policyPage(
        _ route: PolicyRoute, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let policy = sources.policy else { return absent(session) }
        guard let query = ListQuery(query) else { return malformed(session) }
        let visibility = sources.visibility(session.person)
        switch route {
        case .overview:
            let page = PolicyPage(view: policy.overview(for: visibility), page: query.page)
            return shown("Policy", session, live: .status) { page.content }
        case .rules:
            let page = PolicyRulesPage(
                policy.rules(for: visibility), kind: query["kind"], text: query["about"],
                page: query.page)
            return shown("Rules", session) { page.content }
        case .agents:
            let page = PolicyAgentsPage(
                policy.agents(for: visibility), text: query["name"], page: query.page)
            return shown("Agents of the policy", session) { page.content }
        case .agent(let name):
            return await read(session) { () async throws(PolicyReadingRefusal) in
                let page = AgentRulesPage(view: try await policy.agent(name, for: visibility))
                return shown("Policy of \(name)", session) { page.content }
            }
        case .proposed:
            return await read(session) { () async throws(PolicyReadingRefusal) in
                let page = ProposedPage(
                    view: try await policy.proposal(for: visibility), viewer: session.person,
                    signer: sources.signOffs == nil ? nil : orderSigner(session),
                    page: query.page)
                return shown("Proposed revision", session, live: .status, signsOrders: true) {
                    page.content
                }
            }
        }
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
        _ title: String, _ session: PersonSession, live: Page.Live? = nil,
        signsOrders: Bool = false, @HTMLBuilder _ content: () -> [HTML]
    ) -> HTTPResponse {
        Page(
            title: title, section: .policy, viewer: session, live: live, signsOrders: signsOrders,
            content: content
        ).response(200, frame)
    }
}
