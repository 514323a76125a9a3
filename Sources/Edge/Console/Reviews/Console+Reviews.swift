import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockReviews

extension Console {
    func reviewsPage(_ query: String?, _ session: PersonSession) -> HTTPResponse {
        guard let reviews = sources.reviewQueries else { return absent(session) }
        guard query?.isEmpty ?? true else { return malformed(session) }
        let page = ReviewsPage(
            reviews: reviews.reviews(for: sources.visibility(session.person)))
        return Page(
            title: ReviewsPage.title, section: .agents, viewer: session, header: page.header
        ) { page.content }.response(200, frame)
    }

    func governanceReviewPage(
        of agent: AgentName, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let reviews = sources.reviewQueries else { return absent(session) }
        guard query?.isEmpty ?? true else { return malformed(session) }
        let visibility = sources.visibility(session.person)
        guard let detail = await reviews.review(of: agent, for: visibility) else {
            return problem(404, "Agent not found, or no access", viewer: session)
        }
        let page = ReviewOfAgentPage(agent: agent, detail: detail)
        return Page(
            title: "Review of \(agent)", section: .agents, viewer: session, header: page.header
        ) { page.content }.response(200, frame)
    }
}
