import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockEvidence
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockSchemas

extension Console {
    func people(
        _ route: PeopleRoute, _ query: String?, _ session: PersonSession
    ) async -> HTTPResponse {
        guard let query = ListQuery(query) else { return malformed(session) }
        if route == .workload { return loadPage(query, session) }
        guard let listing = listing(for: session) else { return absent(session) }
        let (tabs, signer) = (peopleTabs(route, listing), signer(session, listing))
        switch route {
        case .workload, .list: return await peoplePage(listing, tabs, query, signer)
        case .person(let pseudonym): return await personPage(pseudonym, listing, signer)
        case .waiting:
            guard let unconfirmed = listing.unconfirmed, let invitations = listing.invitations
            else { return notForViewer(session) }
            let page = WaitingPeoplePage(
                tabs: tabs, unconfirmed: unconfirmed, invitations: invitations,
                signer: signer, hashing: api.operations.hashing)
            return answer("People: waiting", page.header, session) { page.content }
        case .services:
            guard listing.seesAll, let services = api.operations.services?.services else {
                return notForViewer(session)
            }
            let page = ServicesPage(
                tabs: tabs, rows: PagedRows(services, page: query.page),
                names: services.map(\.token.name), signer: signer)
            return answer("Service accounts", page.header, session) { page.content }
        }
    }

    private func peoplePage(
        _ listing: PeopleListing, _ tabs: PeopleTabs, _ query: ListQuery, _ signer: OrderSigner
    ) async -> HTTPResponse {
        let session = signer.session
        guard let order = query.choice("sort", { PeopleListing.Sorting($0) }) else {
            return malformed(session)
        }
        let all = PagedRows(listing.people(by: order), page: query.page)
        var shown: [PersonView] = []
        for person in all.rows { shown.append(await view(of: person, in: listing)) }
        let visibility = sources.visibility(session.person)
        let seats = listing.book.delegations(at: clock.wall)
            .compactMap { DelegationView($0, listing.book) }
            .filter {
                visibility.seesAll || $0.from == session.person || $0.to == session.person
            }
        let page = PeoplePage(
            tabs: tabs, rows: PagedRows(shown, of: all.count, page: all.page),
            order: order, seats: seats,
            passing: SeatForms(
                groups: api.operations.orders?.groups(of: session.person) ?? [],
                passed: seats.filter { $0.from == session.person }.map(\.delegation.group),
                signer: signer),
            seesAll: listing.seesAll, signer: signer)
        return answer("People", page.header, session) { page.content }
    }

    private func personPage(
        _ pseudonym: Pseudonym, _ listing: PeopleListing, _ signer: OrderSigner
    ) async -> HTTPResponse {
        let session = signer.session
        guard let person = listing.person(pseudonym) else {
            return problem(404, "Person not found, or no access", viewer: session)
        }
        let view = await view(of: person, in: listing)
        let mayRevoke =
            (listing.seesAll || person.person == session.person)
            && view.credentials.contains { $0.state != .revoked }
        let page = PersonPage(
            view: view, seats: listing.seats(of: person), seesAll: listing.seesAll, signer: signer,
            effects: mayRevoke ? await effects(ofRevoking: view, in: listing, session) : nil)
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

    func signer(_ session: PersonSession, _ listing: PeopleListing) -> OrderSigner {
        OrderSigner(
            session: session, roles: listing.book.trust.person(session.pseudonym)?.roles ?? [],
            way: way)
    }

    private func answer(
        _ title: String, _ header: PageHeader, _ session: PersonSession,
        @HTMLBuilder _ content: () -> [HTML]
    ) -> HTTPResponse {
        Page(
            title: title, section: .people, viewer: session, header: header, signsOrders: true,
            content: content
        )
        .response(200, frame)
    }

    private func notForViewer(_ session: PersonSession) -> HTTPResponse {
        problem(404, "Page not found, or no access", viewer: session)
    }
}
