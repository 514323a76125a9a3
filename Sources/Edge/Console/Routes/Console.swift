package import InterlockGateway
package import InterlockModel

/// The pages of the people plane. Every request that exists is in `Route`; whatever is not is 404. A page is
/// for somebody who is signed in; what changes something is a form of this session, sent from this origin.
package struct Console: RequestHandler {
    let assets: Assets
    let sessions: any PeopleSessions
    let inbox: any ApprovalInbox
    let clock: any Clock
    let way: ApprovalWay
    /// As a browser spells it: `https://interlock.example`.
    private let origin: String

    private static let formLimitBytes = 16 * 1024

    /// - Parameter origin: scheme, host and, unless it is the scheme's own, port.
    package init(
        origin: String, sessions: any PeopleSessions, inbox: any ApprovalInbox, clock: any Clock,
        hashing: some Hashing, way: ApprovalWay = .command
    ) {
        self.origin = origin
        self.sessions = sessions
        self.inbox = inbox
        self.clock = clock
        self.way = way
        assets = Assets(hashing)
    }

    package func judge(_ head: RequestHead) -> HeadJudgement {
        // Another name in `Host` is another page's way to this machine.
        guard let host = head["host"], origin == "http://" + host || origin == "https://" + host
        else { return .refuse(problem(421, "This name is not served here.")) }
        guard head["authorization"] == nil else {
            return .refuse(problem(403, "Tokens of agents count for nothing here."))
        }
        guard let route = Route(head.path) else {
            return .refuse(problem(404, "There is no such page."))
        }
        if route.isDeed {
            guard head.method == "POST" else {
                return .refuse(problem(405, "This only takes a form.", ("allow", "POST")))
            }
            // Browsers say with each form where it comes from; who does not say so is not a page of ours.
            guard head["origin"] == origin, isOwnSite(head["sec-fetch-site"]) else {
                return .refuse(problem(403, "This form comes from another page."))
            }
            guard head["content-type"].map(FormBody.isForm) == true else {
                return .refuse(problem(415, "A form is expected."))
            }
            return .readBody(limitBytes: Self.formLimitBytes)
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            return .refuse(problem(405, "This can only be read.", ("allow", "GET, HEAD")))
        }
        return .readBody(limitBytes: 0)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        guard let route = Route(head.path) else {
            return exchange.respond(problem(404, "There is no such page."))
        }
        if case .asset(let path) = route {
            return exchange.respond(
                assets[path]?.response ?? problem(404, "There is no such file."))
        }
        guard let token = SessionCookie.token(in: head),
            let session = await sessions.session(of: token)
        else {
            return exchange.respond(problem(401, "You are not signed in, or not any more."))
        }
        switch route {
        case .asset: return
        case .home: exchange.respond(.seeOther(Link("approvals")))
        case .inbox: exchange.respond(await inboxPage(head.query, session))
        case .review(let id): exchange.respond(await reviewPage(id, session))
        case .deny(let id): exchange.respond(await deny(id, body, session))
        case .revoke(let id): exchange.respond(await revoke(id, body, session))
        case .changes: await stream(exchange, token)
        }
    }

    /// A page of one sentence.
    func problem(
        _ status: Int, _ sentence: String, viewer: PersonSession? = nil,
        _ headers: (name: String, value: String)...
    ) -> HTTPResponse {
        let page = Page("\(status)", viewer: viewer?.person.address) {
            element(.h1) { sentence }
            element(.p) {
                element(.a, .link(.href, Link("approvals"))) { "Approvals" }
            }
        }
        var response = page.response(status, assets)
        response.headers += headers
        return response
    }

    /// A browser that says nothing of it is judged by `Origin` alone.
    private func isOwnSite(_ said: String?) -> Bool { said == nil || said == "same-origin" }
}

extension HTTPResponse {
    /// Go there and read: what follows a form.
    static func seeOther(_ link: Link) -> HTTPResponse {
        HTTPResponse(
            status: 303,
            headers: [("location", link.text), ("cache-control", "no-store")] + SecurityHeaders.all)
    }
}
