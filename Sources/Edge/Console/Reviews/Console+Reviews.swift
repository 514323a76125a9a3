import InterlockAPI
import InterlockAdministration
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockReview
import InterlockReviews

extension Console {
    func reviewsPage(_ query: String?, _ session: PersonSession) -> HTTPResponse {
        guard let reviews = sources.reviewQueries else { return absent(session) }
        guard let query = ListQuery(query) else { return malformed(session) }
        let page = ReviewsPage(
            listing: reviews.reviews(
                page: query.page, for: sources.visibility(session.person)))
        return Page(
            title: ReviewsPage.title, section: .agents, viewer: session, header: page.header
        ) { page.content }.response(200, frame)
    }

    func governanceReview(
        _ route: ReviewRoute, _ query: String?, _ body: [UInt8], _ session: PersonSession,
        isHead: Bool
    ) async -> HTTPResponse {
        guard sources.reviewQueries != nil else { return absent(session) }
        guard query?.isEmpty ?? true else { return malformed(session) }
        switch (route.step, sources.reviewActions) {
        case (.summary, _): return await governanceReviewPage(of: route.agent, session)
        case (_, nil): return absent(session)
        case (.start, let actions?): return await startReview(route, actions, body, session)
        case (.statement, let actions?): return await stateReview(route, actions, body, session)
        case (.mark(let leaf), let actions?):
            return await markRecord(leaf, route, actions, body, session)
        case (.record(let leaf), let actions?):
            // A HEAD request sends no content, so the record does not count as opened.
            if isHead { return unread(session) }
            return await reviewedRecord(leaf, route, actions, session)
        case (.scopes, let actions?):
            if isHead { return unread(session) }
            return await compared(route, actions, session) { found in
                scopeUsePage(found, of: route.agent, session)
            }
        case (.patch, let actions?):
            return await compared(route, actions, session) { found throws(Problem) in
                try retirePatch(found)
            }
        }
    }

    func governanceReviewPage(
        of agent: AgentName?, _ session: PersonSession, status: Int = 200,
        refused: RefusedForm? = nil
    ) async -> HTTPResponse {
        guard let reviews = sources.reviewQueries else { return absent(session) }
        let visibility = sources.visibility(session.person)
        guard let detail = await reviews.review(of: agent, for: visibility) else {
            return problem(404, "Agent not found, or no access", viewer: session)
        }
        var page = ReviewOfAgentPage(agent: agent, detail: detail)
        page.refused = refused
        if let actions = sources.reviewActions {
            let signer = OrderSigner(session: session, roles: [], way: way)
            let (scope, person) = (reviewScope(agent), reviewPerson(session))
            do throws(Problem) {
                let work = try await actions.work(on: scope, for: person)
                var steps = ReviewSteps(agent: agent, work: work, signer: signer)
                steps.refused = refused
                if work == nil { steps.proposal = try actions.proposal(of: scope, for: person) }
                page.steps = steps
            } catch { page.unread = error.detail }
        }
        return Page(
            title: page.title, section: .agents, viewer: session, header: page.header,
            signsOrders: true
        ) { page.content }.response(status, frame)
    }

    func reviewedRecord(
        _ leaf: Digest, _ route: ReviewRoute, _ actions: any ReviewActions,
        _ session: PersonSession, _ status: Int = 200, _ refused: RefusedForm? = nil
    ) async -> HTTPResponse {
        do throws(Problem) {
            let view = try await actions.record(
                leaf, of: reviewScope(route.agent), for: reviewPerson(session))
            let page = ReviewedRecordPage(
                agent: route.agent, leaf: leaf, view: view, formToken: session.formToken,
                policy: sources.policy, refused: refused)
            return Page(
                title: page.title, section: .agents, viewer: session, header: page.header,
                readsLog: true
            ) { page.content }.response(status, frame)
        } catch { return self.refused(error, session) }
    }

    private func compared(
        _ route: ReviewRoute, _ actions: any ReviewActions, _ session: PersonSession,
        _ body: (ReviewUse) throws(Problem) -> HTTPResponse
    ) async -> HTTPResponse {
        do throws(Problem) {
            return try body(
                try await actions.compare(reviewScope(route.agent), for: reviewPerson(session)))
        } catch { return refused(error, session) }
    }

    private func scopeUsePage(
        _ found: ReviewUse, of agent: AgentName?, _ session: PersonSession
    ) -> HTTPResponse {
        let page = ScopeUsePage(agent: agent, found: found, formToken: session.formToken)
        return Page(
            title: ScopeUsePage.title, section: .agents, viewer: session, header: page.header,
            readsLog: true
        ) { page.content }.response(200, frame)
    }

    private func retirePatch(_ found: ReviewUse) throws(Problem) -> HTTPResponse {
        guard let patch = found.patch else {
            throw Problem(.noSuchName, "nothing is to be retired")
        }
        return .file(
            EvidenceFileBody(
                name: "retire.patch", bytes: Array(patch.text.utf8), count: found.count))
    }

    private func unread(_ session: PersonSession) -> HTTPResponse {
        problem(405, "This is read with GET alone.", viewer: session)
    }

    func reviewPerson(_ session: PersonSession) -> ReviewPerson {
        ReviewPerson(
            person: session.person, pseudonym: session.pseudonym,
            visibility: sources.visibility(session.person))
    }

    func reviewScope(_ agent: AgentName?) -> ReviewScope {
        ReviewScope(of: agent)
    }

    func refused(_ refusal: Problem, _ session: PersonSession) -> HTTPResponse {
        problem(
            refusal.kind.status, "Nothing is shown: \(SafeLine.text(refusal.detail)).",
            viewer: session)
    }
}
