import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockPromotions
import InterlockTrust

extension Console {
    func promotionPage(_ evidence: Digest, _ session: PersonSession) async -> HTTPResponse {
        guard let actions = sources.promotionActions else { return absent(session) }
        let visibility = sources.visibility(session.person)
        guard let view = try? await actions.view(evidence), view.isSeen(by: visibility) else {
            return problem(404, "Promotion not found, or no access", viewer: session)
        }
        let page = PromotionPage(
            view: view,
            readiness: await sources.readiness?.readiness(of: view.agent, for: view.snapshot.to),
            viewer: session.person,
            signer: OrderSigner(session: session, roles: [], way: way))
        return Page(
            title: page.title, section: .agents, viewer: session, header: page.header,
            signsOrders: true
        ) { page.content }.response(200, frame)
    }

    /// The proposals about an agent; nil for a console that has none.
    func proposals(about agent: AgentName, _ session: PersonSession) -> AgentProposals? {
        guard let actions = sources.promotionActions else { return nil }
        let visibility = sources.visibility(session.person)
        return AgentProposals(
            proposals: actions.waiting()?.filter {
                $0.agent == agent && $0.isSeen(by: visibility)
            })
    }
}
