import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    func inboxPage(_ query: String?, _ session: PersonSession) async -> HTTPResponse {
        guard let query = ListQuery(query),
            let show = query.choice("show", InboxView.Tab.init(rawValue:)),
            let kind = query.choice("kind", { InboxRow.Kind($0) }),
            let order = query.choice("sort", { (show ?? .mine).order($0) })
        else { return malformed(session) }
        let view = InboxView(
            await inbox.requests(for: session.person), tasks, viewer: session.person,
            tab: show ?? .mine,
            filter: InboxView.Filter(
                kind: kind, agent: query["agent"], tool: query["tool"], group: query["group"]),
            order: order, page: query.page, now: clock.wall)
        let inbox = InboxPage(view: view, hasLoad: sources.load != nil)
        return Page(
            title: "Inbox", section: .approvals, viewer: session, header: inbox.header,
            live: .approvals
        ) { inbox.content }.response(200, frame)
    }

    /// Leads to where the workload is now.
    func oldLoadPage(_ query: String?, _ session: PersonSession) -> HTTPResponse {
        guard let query = ListQuery(query) else { return malformed(session) }
        let page = query.page > 1 ? String(query.page) : nil
        return .seeOther(Link("people", "workload", query: [("page", page)]))
    }

    func loadPage(_ query: ListQuery, _ session: PersonSession) -> HTTPResponse {
        guard let load = sources.load else { return absent(session) }
        do throws(LoadUnread) {
            let page = try load.load(page: query.page, for: sources.visibility(session.person))
            let content = ApproverLoadPage(
                tabs: peopleTabs(.workload, listing(for: session)),
                rows: PagedRows(page.lines, of: page.count, page: query.page))
            return Page(
                title: "Approver workload", section: .people, viewer: session,
                header: content.header
            ) { content.content }.response(200, frame)
        } catch {
            return problem(
                503, "What was decided is still read from the log. Load the page again soon.",
                viewer: session, ("retry-after", "5"))
        }
    }

    func reviewPage(
        _ id: ApprovalID, _ session: PersonSession, status: Int = 200, refusal: String? = nil,
        isHead: Bool = false
    ) async -> HTTPResponse {
        guard let request = await inbox.request(id, for: session.person) else {
            return missing(session)
        }
        // A HEAD request sends no content, so the review does not count as opened.
        if !isHead { await entry?.voting.opened(request, by: session) }
        let view = ReviewView(
            request, viewer: session, way: way, refusal: refusal,
            typing: entry?.voting.confirmation(of: request, for: session))
        let page = ReviewPage(
            view: view, hasRulePage: isRule(for: session)(request.decision.rule),
            hasRunPage: sources.runs != nil
                && sources.visibility(session.person).sees(view.call.agent),
            breakGlass: breakGlassStep(view, session), marked: await markedText(view, session))
        return Page(
            title: page.title, section: .approvals, viewer: session, header: page.header,
            live: .approvals, usesPasskeys: entry != nil
        ) { page.content }.response(status, frame)
    }

    /// The passage of the call that the request names: the run can have become hostile by it, or by another one after
    /// people were asked. Those who vote may read it, as the arguments, and those who may read the results of the agent.
    func markedText(_ view: ReviewView, _ session: PersonSession) async -> ReviewPage.MarkedText {
        guard let call = view.fact(ReviewDocument.taintedBy) else { return .none }
        let isVoter = view.request.voters.contains { $0.person == session.person }
        guard isVoter || sources.visibility(session.person).reads(view.call.agent) else {
            return .unreadable
        }
        guard let passage = await sources.passages(view.call.run), CallID(call) == passage.call
        else { return .gone }
        return .text(passage)
    }

    func deny(
        _ id: ApprovalID, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        guard let reason = DenialReason(rawValue: form["reason"]) else {
            return await reviewPage(
                id, session, status: 422, refusal: "choose a reason for denying")
        }
        guard reason != .other || form["text"].contains(where: { !$0.isWhitespace }) else {
            return await reviewPage(
                id, session, status: 422, refusal: "the reason “other” needs words")
        }
        return await perform(.deny(reason, text: form["text"]), on: id, form, session)
    }

    func revoke(
        _ id: ApprovalID, _ body: [UInt8], _ session: PersonSession
    ) async -> HTTPResponse {
        guard let form = form(body, of: session) else { return foreign(session) }
        return await perform(.revoke(text: form["text"]), on: id, form, session)
    }

    private func perform(
        _ action: InboxAction, on id: ApprovalID, _ form: FormBody, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let revision = Int(form["revision"]) else {
            return problem(400, "This form is malformed.", viewer: session)
        }
        guard form["text"].utf8.count <= Objection.longestText else {
            return await reviewPage(
                id, session, status: 422,
                refusal: "the text is longer than \(Objection.longestText) bytes")
        }
        // A person without access must learn nothing from the result of the form.
        guard await inbox.request(id, for: session.person) != nil else { return missing(session) }
        do throws(ApprovalRefusal) {
            try await inbox.perform(action, on: id, revision: revision, by: session)
            return .seeOther(Link("approvals", id.shown))
        } catch {
            return await reviewPage(id, session, status: error.kind.status, refusal: "\(error)")
        }
    }

    func missing(_ session: PersonSession) -> HTTPResponse {
        problem(404, "Request not found, or no access", viewer: session)
    }
}
