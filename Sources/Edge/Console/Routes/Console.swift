package import InterlockAPI
package import InterlockAdministration
import InterlockApprovals
package import InterlockEvidence
import InterlockMarkup
package import InterlockModel
package import InterlockPorts
import InterlockSchemas

/// The pages of the people plane, and its API. Every page is listed in `Route`; any other path is 404. A page requires
/// a signed-in person. A change requires a form of this session, sent from this origin and proven by the key of the
/// session; a download requires the proof too.
package struct Console: RequestHandler {
    let assets: Assets
    let sessions: any PersonSessions
    let inbox: any ApprovalInbox
    let clock: any Clock
    /// Sign-in by passkey, or nil if it is not configured; pages then only name the commands.
    let entry: ConsoleEntry?
    let sources: ConsoleSources
    let api: PeopleAPI
    /// The looks that the browser of this request has chosen.
    private(set) var appearance = Appearance()
    /// The other work that waits for people, as far as the person may see it.
    private(set) var tasks: [InboxTask] = []
    /// The number of requests and tasks that wait for the person.
    private(set) var waiting = 0
    private let requests: PageRequest
    private let proofs: RequestProof

    var way: ApprovalMethod { api.operations.way }

    private static let formLimitBytes = 16 * 1024

    /// - Parameters:
    ///   - origins: scheme, host and any non-default port, as browsers write them.
    ///   - chart: Chart.js, or nil if it is not installed.
    ///   - mostStreams: the maximum number of open event streams of all persons together.
    package init(
        origins: [String], sessions: any PersonSessions, inbox: any ApprovalInbox,
        clock: any Clock, hashing: some Hashing, entry: ConsoleEntry? = nil,
        orders: (any OrderActions)? = nil, services: (any ServiceAccountAuthenticator)? = nil,
        halts: HaltService? = nil, sources: ConsoleSources = ConsoleSources(),
        chart: [UInt8]? = nil,
        mostStreams: Int = 128
    ) {
        let origins = OwnOrigins(texts: origins)
        requests = PageRequest(origins: origins)
        proofs = RequestProof(origins: origins, sessions: sessions, hashing: hashing)
        self.sessions = sessions
        self.inbox = inbox
        self.clock = clock
        self.entry = entry
        self.sources = sources
        assets = Assets(hashing, chart: chart)
        api = PeopleAPI(
            origins: origins, sessions: sessions,
            operations: OperationServices(
                inbox: inbox, sessions: sessions, clock: clock, hashing: hashing, entry: entry,
                orders: orders,
                services: services, halts: halts, sources: sources),
            proofs: proofs, streams: EventStreamLimiter(most: mostStreams))
    }

    package func judge(_ head: RequestHead) -> HeadDecision {
        if PeopleAPI.serves(head.path) { return api.judge(head) }
        let takes = Route(head.path).map { route -> PageRequest.Takes in
            route.isDeed ? .form(limitBytes: Self.formLimitBytes) : .reading
        }
        return requests.judge(
            head, takes: takes, none: problem(404, "Page not found"),
            refusal: { problem($0, $1) })
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        if PeopleAPI.serves(head.path) { return await api.handle(head, body: body, exchange) }
        var console = self
        console.appearance = Appearance(of: head, isZone: isZone)
        await console.answer(head, body: body, exchange)
    }

    private func answer(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        switch Route(head.path) {
        case nil: exchange.respond(problem(404, "Page not found"))
        case .asset(let path):
            exchange.respond(
                assets[path]?.response(to: head) ?? problem(404, "File not found"))
        case .open(let route) where sources.isOfCluster && route.enrols:
            exchange.respond(problem(409, "A node of a cluster enrols no one"))
        case .open(let route): exchange.respond(await open(route, head, body))
        case .own(let route): exchange.respond(await own(route, head, body))
        }
    }

    private func open(
        _ route: OpenRoute, _ head: RequestHead, _ body: [UInt8]
    ) async -> HTTPResponse {
        switch route {
        case .beat: await beat(head)
        case .signIn: signInPage(head.query)
        case .signInChallenge: await signInChallenge(head, body)
        case .signInAnswer: await signInAnswer(head, body)
        case .enrolment(let token): enrolmentPage(token)
        case .enrolmentChallenge(let token): await enrolmentChallenge(token, head)
        case .enrolmentAnswer(let token): await enrolmentAnswer(token, head, body)
        }
    }

    private func own(
        _ route: OwnRoute, _ head: RequestHead, _ body: [UInt8]
    ) async -> HTTPResponse {
        let isUse = !head.isRefresh
        guard let token = HostCookie.session.value(in: head),
            let session = await sessions.session(of: token, isUse: isUse)
        else { return stranger(route) }
        if route.needsProof, let fault = await proofs.fault(head, body: body, in: token) {
            return unproven(fault, session).giving(session)
        }
        var console = self
        // The requests are counted for pages alone: the others are on the loop that runs halts.
        if route.isPage {
            console.tasks = sources.tasks(of: session)
            console.waiting =
                await inbox.waitingCount(for: session.person)
                + console.tasks.count(where: \.isMine)
        }
        return await console.page(route, head, body, session, token).giving(session)
    }

    private func page(
        _ route: OwnRoute, _ head: RequestHead, _ body: [UInt8], _ session: PersonSession,
        _ token: String
    ) async -> HTTPResponse {
        switch route {
        case .home: .seeOther(frame.first)
        case .now: await nowPage(session)
        case .health: await healthPage(session)
        case .alerts(let route): await alertPage(route, head.query, body, session)
        case .policy(let route): await policyPage(route, head.query, session)
        case .agents(let route):
            await agents(route, head.query, body, session, isHead: head.method == "HEAD")
        case .evals: evalsPage(head.query, session)
        case .ready: await readinessPage(head.query, session)
        case .promotion(let evidence): await promotionPage(evidence, session)
        case .servers(let route): servers(route, head.query, session)
        case .audit(let route): await audit(route, head.query, body, session)
        case .runs(let route): await runs(route, head.query, body, session)
        case .hosts: await hostsPage(head.query, session)
        case .merges(let route): await mergePage(route, head.query, session)
        case .search: await searchPage(head.query, session)
        case .palette: await paletteList(head.query, session)
        case .inbox: await inboxPage(head.query, session)
        case .load: oldLoadPage(head.query, session)
        case .people(let route): await people(route, head.query, session)
        case .settings(let route): await settings(route, body, session)
        case .review(let id): await reviewPage(id, session, isHead: head.method == "HEAD")
        case .breakGlass(let id):
            await breakGlassPage(id, session, isHead: head.method == "HEAD")
        case .deny(let id): await deny(id, body, session)
        case .revoke(let id): await revoke(id, body, session)
        case .halts(let route): haltPage(route, head.query, session)
        case .signOut: await signOut(token, body, session)
        }
    }

    /// The response for visitors who are not signed in.
    private func stranger(_ route: OwnRoute) -> HTTPResponse {
        var header = PageHeader(
            "Sign in to continue",
            StatusBadge(.plain, "Signed out", from: "This browser sent no session that counts."))
        if entry != nil {
            header.primary = HeaderAction(
                "Sign in", Link("sign-in", query: [("to", route.link?.text)]))
        }
        return Page(title: "401", viewer: nil, header: header) {}.response(401, frame)
    }

    /// The response to a request without a valid proof: the cookie alone only permits reading pages.
    private func unproven(
        _ fault: SessionProofFault, _ session: PersonSession
    ) -> HTTPResponse {
        problem(
            fault == .tooMany ? 429 : 401,
            "Nothing was done: \(fault.sentence). This needs the script of the page, in the browser that signed in.",
            viewer: session, (SessionProof.faultHeader, fault.rawValue))
    }

    /// The frame of every page at this time.
    var frame: Frame {
        Frame(
            assets: assets, appearance: appearance, times: times, now: clock.wall, waiting: waiting,
            counts: counts,
            halts: sources.status?.halts ?? [],
            problems: sources.status?.checks.filter { $0.state == .problem } ?? [],
            isUnsigned: sources.status?.isPolicyUnsigned ?? false,
            sections: api.operations.sections, signer: orderSigner, personWord: personWord)
    }

    private var counts: [Page.Section: (number: Int, words: String)] {
        [
            .alerts: (openAlerts, "open"),
            .policy: (tasks.count { $0.kind == .revision && $0.isMine }, "to sign"),
        ]
    }

    /// The number of alerts without a disposition, as far as the person sees them.
    var openAlerts: Int {
        tasks.reduce(0) { sum, task in
            if case .alert(_, _, let count) = task.subject { sum + count } else { sum }
        }
    }

    /// Returns the content of a form of this session, or nil for any other form.
    func form(_ body: [UInt8], of session: PersonSession) -> FormBody? {
        FormBody(body).flatMap { sessions.made($0["form_token"], for: session) ? $0 : nil }
    }

    func foreign(_ session: PersonSession) -> HTTPResponse {
        problem(403, "This form is not of your session. Load the page again.", viewer: session)
    }

    func malformed(_ session: PersonSession) -> HTTPResponse {
        problem(400, "This address is malformed.", viewer: session)
    }

    func absent(_ session: PersonSession) -> HTTPResponse {
        problem(404, "Page not found", viewer: session)
    }

    /// A page of one sentence.
    func problem(
        _ status: Int, _ sentence: String, viewer: PersonSession? = nil,
        _ headers: (name: String, value: String)...
    ) -> HTTPResponse {
        var header = PageHeader(sentence, StatusBadge(ofError: status))
        if viewer != nil { header.add(HeaderAction("Open inbox", Link("approvals"))) }
        let page = Page(title: "\(status)", viewer: viewer, header: header) {}
        var response = page.response(status, frame)
        response.headers += headers
        return response
    }
}

extension HTTPResponse {
    /// Redirects to a page to read, after a form.
    static func seeOther(_ link: Link) -> HTTPResponse {
        HTTPResponse(
            status: 303,
            headers: [("location", link.text), ("cache-control", "no-store")] + SecurityHeaders.all)
    }
}
