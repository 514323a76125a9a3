import InterlockAdministration
import InterlockApprovals
import InterlockModel
import InterlockPorts

extension Console {
    func people(
        _ route: PeopleRoute, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let query = ListQuery(query) else { return malformed(session) }
        if route == .workload { return loadPage(query, session) }
        guard let listing = listing(for: session) else { return absent(session) }
        let tabs = peopleTabs(route, listing)
        switch route {
        case .workload, .list: return await peoplePage(listing, tabs, query, session)
        case .person(let pseudonym): return await personPage(pseudonym, listing, session)
        case .waiting:
            guard let unconfirmed = listing.unconfirmed, let invitations = listing.invitations
            else { return notForViewer(session) }
            let page = WaitingPeoplePage(
                tabs: tabs, unconfirmed: unconfirmed, invitations: invitations,
                viewer: session.person)
            return answer("People: waiting", page.header, session) { page.content }
        case .services:
            guard listing.seesAll, let services = api.operations.services?.services else {
                return notForViewer(session)
            }
            let page = ServicesPage(
                tabs: tabs, rows: PagedRows(services, page: query.page), viewer: session.person)
            return answer("Service accounts", page.header, session) { page.content }
        }
    }

    private func peoplePage(
        _ listing: PeopleListing, _ tabs: PeopleTabs, _ query: ListQuery, _ session: PersonSession
    ) async -> HTTPResponse {
        let all = PagedRows(listing.people, page: query.page)
        var shown: [PersonView] = []
        for person in all.rows { shown.append(await view(of: person, in: listing)) }
        let visibility = sources.visibility(session.person)
        let seats = listing.book.delegations(at: clock.wall)
            .compactMap { DelegationView($0, listing.book) }
            .filter {
                visibility.seesAll || $0.from == session.person || $0.to == session.person
            }
        let page = PeoplePage(
            tabs: tabs, rows: PagedRows(shown, of: all.count, page: all.page), seats: seats,
            seesAll: listing.seesAll, viewer: session.person)
        return answer("People", page.header, session) { page.content }
    }

    private func personPage(
        _ pseudonym: Pseudonym, _ listing: PeopleListing, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let person = listing.person(pseudonym) else {
            return problem(404, "Person not found, or no access", viewer: session)
        }
        let page = PersonPage(
            view: await view(of: person, in: listing), seats: listing.seats(of: person),
            seesAll: listing.seesAll, viewer: session.person)
        return answer(person.person.address, page.header, session) { page.content }
    }

    private func view(
        of person: TrustedPerson, in listing: PeopleListing
    ) async -> PersonView {
        listing.view(of: person, sessions: await sessions.liveSessions(of: person.pseudonym))
    }

    /// The people as this person sees them, or nil while they cannot be read.
    func listing(for session: PersonSession) -> PeopleListing? {
        try? api.operations.people(for: .person(session))
    }

    /// Returns the words of people for a person who sees all of them; others see no word.
    func personWord(_ session: PersonSession) -> @Sendable (Person) -> PersonWord? {
        guard let listing = listing(for: session), listing.seesAll else { return { _ in nil } }
        let (book, now) = (listing.book, listing.now)
        return { person in
            book.trust.person(person).map { book.state(of: $0, at: now) } == .left ? .revoked : nil
        }
    }

    func peopleTabs(_ current: PeopleRoute, _ listing: PeopleListing?) -> PeopleTabs {
        PeopleTabs(
            current: current,
            waiting: listing.flatMap { listing in
                listing.unconfirmed.map { $0.count + (listing.invitations?.count ?? 0) }
            },
            hasWorkload: sources.load != nil,
            hasServices: listing?.seesAll == true && api.operations.services != nil,
            hasPeople: listing != nil)
    }

    private func answer(
        _ title: String, _ header: PageHeader, _ session: PersonSession,
        @HTMLBuilder _ content: () -> [HTML]
    ) -> HTTPResponse {
        Page(title: title, section: .people, viewer: session, header: header, content: content)
            .response(200, frame)
    }

    private func notForViewer(_ session: PersonSession) -> HTTPResponse {
        problem(404, "Page not found, or no access", viewer: session)
    }
}
