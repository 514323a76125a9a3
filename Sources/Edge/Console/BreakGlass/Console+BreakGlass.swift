import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel
import InterlockPorts

extension Console {
    /// The roles that see uses of break-glass, as in the inbox.
    private static let seers: Set<Role> = [.breakGlass, .security]

    func breakGlassPage(
        _ id: ApprovalID, _ session: PersonSession, isHead: Bool
    ) async -> HTTPResponse {
        guard let orders = api.operations.orders, let people = orders.people,
            let roles = people.trust.person(session.pseudonym)?.roles,
            !roles.isDisjoint(with: Self.seers)
        else { return missing(session) }
        guard let uses = orders.breakGlassHistory?.uses(at: id) else {
            return problem(
                503, "Uses of break-glass are still read from the log. Load the page again soon.",
                viewer: session, ("retry-after", "5"))
        }
        let request = await inbox.request(id, for: session.person)
        guard request != nil || !uses.isEmpty else { return missing(session) }
        // The page shows the whole request, so it counts as a view of it.
        if let request, !isHead { await entry?.voting.opened(request, by: session) }
        let page = BreakGlassPage(
            id: id, view: request.map { ReviewView($0, viewer: session, way: way) }, uses: uses,
            signer: OrderSigner(session: session, roles: roles, way: way), org: people.trust.org,
            useRefusal: request.flatMap {
                refusal(.lower(revision: $0.revision, ticket: "-"), id, session, orders)
            },
            reviewRefusal: refusal(.review, id, session, orders),
            readsRecords: roles.contains(.security), now: clock.wall,
            name: { people.trust.person($0)?.person })
        return Page(
            title: page.title, section: .approvals, viewer: session, header: page.header,
            live: .approvals, signsOrders: true
        ) { page.content }.response(200, frame)
    }

    private func refusal(
        _ action: BreakGlassOrder.Action, _ id: ApprovalID, _ session: PersonSession,
        _ orders: any OrderActions
    ) -> BreakGlassRefusal? {
        do throws(BreakGlassRefusal) {
            try orders.check(
                BreakGlassContent(request: id, action: action), by: session.pseudonym)
            return nil
        } catch { return error }
    }

    /// The step from a request to its break-glass page; nil for a person who finds nothing to do or to see there.
    func breakGlassStep(_ view: ReviewView, _ session: PersonSession) -> HeaderAction? {
        guard let orders = api.operations.orders,
            let roles = orders.people?.trust.person(session.pseudonym)?.roles
        else { return nil }
        let link = Link("approvals", view.id.shown, "break-glass")
        if roles.contains(.breakGlass), BreakGlassPage.isOffered(view) {
            return HeaderAction("Break glass", link, isDanger: true)
        }
        let isUsed = orders.breakGlassHistory?.uses(at: view.id).isEmpty == false
        return isUsed && !roles.isDisjoint(with: Self.seers)
            ? HeaderAction("Show use of break-glass", link) : nil
    }
}
