package import InterlockMarkup
package import InterlockModel

/// Every address of the console, except those of `PeopleAPI`.
package enum Route: Equatable {
    case asset(String)
    /// Open to every visitor.
    case open(OpenRoute)
    /// Requires a signed-in person.
    case own(OwnRoute)

    package init?(_ path: String) {
        if path.hasPrefix(Assets.prefix) {
            self = .asset(path)
            return
        }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        if let route = OwnRoute(parts) {
            self = .own(route)
        } else if let route = OpenRoute(parts) {
            self = .open(route)
        } else {
            return nil
        }
    }

    /// True if the route changes something.
    package var isDeed: Bool {
        switch self {
        case .asset: false
        case .open(let route): route.isDeed
        case .own(let route): route.isDeed
        }
    }

    /// The address to return to after signing in, or nil if the route is not a page to read.
    package var link: Link? {
        if case .own(let route) = self { route.link } else { nil }
    }
}

/// The addresses for signing in and enrolment, and for contact.
package enum OpenRoute: Equatable {
    /// The sign of life of the gateway; signed-in people get the state of its parts too.
    case beat
    case signIn
    case signInChallenge
    case signInAnswer
    /// The token of an invitation.
    case enrolment(String)
    case enrolmentChallenge(String)
    case enrolmentAnswer(String)

    private static let tokenLengths = 16...128

    /// True if it leads to a new key of a person.
    package var enrols: Bool {
        switch self {
        case .enrolment, .enrolmentChallenge, .enrolmentAnswer: true
        case .beat, .signIn, .signInChallenge, .signInAnswer: false
        }
    }

    init?(_ parts: [String]) {
        switch parts {
        case ["beat"]: self = .beat
        case ["sign-in"]: self = .signIn
        case ["sign-in", "challenge"]: self = .signInChallenge
        case ["sign-in", "answer"]: self = .signInAnswer
        default:
            guard parts.first == "enrol", let route = Self.enrolment(parts) else { return nil }
            self = route
        }
    }

    private static func enrolment(_ parts: [String]) -> OpenRoute? {
        guard (2...3).contains(parts.count), tokenLengths.contains(parts[1].utf8.count),
            Base64.decodeURL(parts[1]) != nil
        else { return nil }
        switch parts.count == 3 ? parts[2] : nil {
        case nil: return .enrolment(parts[1])
        case "challenge": return .enrolmentChallenge(parts[1])
        case "answer": return .enrolmentAnswer(parts[1])
        default: return nil
        }
    }

    var isDeed: Bool {
        switch self {
        case .signInChallenge, .signInAnswer, .enrolmentChallenge, .enrolmentAnswer: true
        case .beat, .signIn, .enrolment: false
        }
    }
}

/// The pages and actions of a signed-in person.
package enum OwnRoute: Equatable {
    case home
    case now
    case health
    case policy(PolicyRoute)
    case agents(AgentsRoute)
    /// The change gate and the agents.
    case evals
    /// The readiness of the organisation.
    case ready
    /// A proposal of a promotion, by the digest of its evidence.
    case promotion(Digest)
    case servers(ServersRoute)
    case audit(AuditRoute)
    case runs(RunsRoute)
    /// The sessions of coding agents.
    case hosts
    case merges(MergesRoute)
    case alerts(AlertsRoute)
    case search
    /// The rows of the palette.
    case palette
    case inbox
    /// The old address of the workload, which leads to the new one.
    case load
    case people(PeopleRoute)
    case settings(SettingsRoute)
    case review(ApprovalID)
    case breakGlass(ApprovalID)
    case deny(ApprovalID)
    case revoke(ApprovalID)
    case signOut
    case halts(HaltRoute)

    init?(_ parts: [String]) {
        switch parts {
        case [""]: self = .home
        case ["now"]: self = .now
        case ["search"]: self = .search
        case ["search", "list"]: self = .palette
        case ["health"]: self = .health
        case ["hosts"]: self = .hosts
        case ["evals"]: self = .evals
        case ["ready"]: self = .ready
        case ["approvals"]: self = .inbox
        case ["approvals", "load"]: self = .load
        case ["sign-out"]: self = .signOut
        default:
            guard let route = Self.section(parts) else { return nil }
            self = route
        }
    }

    private static func section(_ parts: [String]) -> OwnRoute? {
        switch parts.first {
        case "approvals": approval(parts)
        case "agents": AgentsRoute(parts).map(OwnRoute.agents)
        case "servers": ServersRoute(parts).map(OwnRoute.servers)
        case "audit": AuditRoute(parts).map(OwnRoute.audit)
        case "runs": RunsRoute(parts).map(OwnRoute.runs)
        case "merges": MergesRoute(parts).map(OwnRoute.merges)
        case "alerts": AlertsRoute(parts.dropFirst()).map(OwnRoute.alerts)
        case "people": PeopleRoute(parts.dropFirst()).map(OwnRoute.people)
        case "settings": SettingsRoute(parts.dropFirst()).map(OwnRoute.settings)
        case "policy": PolicyRoute(parts.dropFirst()).map(OwnRoute.policy)
        case "halt", "halts": HaltRoute(parts).map(OwnRoute.halts)
        case "promotions": proposal(parts)
        default: nil
        }
    }

    private static func proposal(_ parts: [String]) -> OwnRoute? {
        guard parts.count == 2, let evidence = Digest(hex: parts[1]), evidence.hex == parts[1]
        else {
            return nil
        }
        return .promotion(evidence)
    }

    private static func approval(_ parts: [String]) -> OwnRoute? {
        guard (2...3).contains(parts.count), let id = ApprovalID(shown: parts[1]) else {
            return nil
        }
        switch parts.count == 3 ? parts[2] : nil {
        case nil: return .review(id)
        case "break-glass": return .breakGlass(id)
        case "deny": return .deny(id)
        case "revoke": return .revoke(id)
        default: return nil
        }
    }

    var isDeed: Bool {
        switch self {
        case .deny, .revoke, .signOut: true
        case .settings(let route): route.isDeed
        case .runs(let route): route.isDeed
        case .alerts(let route): route.isDeed
        case .audit(let route): route.isDeed
        case .agents(let route): route.isDeed
        case .home, .now, .search, .palette, .health, .evals, .ready, .promotion, .servers,
            .hosts, .merges, .policy, .people, .inbox, .load, .review, .breakGlass, .halts:
            false
        }
    }

    /// True if the route requires a proof in addition to the cookie: for changes and for files.
    package var needsProof: Bool {
        switch self {
        case .audit(let route): route.isFile || route.isDeed
        case .runs(let route): route.isFile || route.isDeed
        case .agents(let route): route.isFile || route.isDeed
        case .deny, .revoke, .signOut, .settings, .alerts: isDeed
        case .home, .now, .search, .palette, .health, .evals, .ready, .promotion, .servers,
            .hosts, .merges, .policy, .people, .inbox, .load, .review, .breakGlass, .halts:
            false
        }
    }

    /// True if the answer is a page, and not a file, a redirection or the end of a session.
    package var isPage: Bool {
        switch self {
        case .home, .load, .signOut: false
        case .audit(let route): !route.isFile
        case .runs(let route): !route.isFile
        case .agents(let route): !route.isFile
        case .now, .health, .hosts, .merges, .search, .palette, .policy, .evals, .ready,
            .promotion, .servers, .people, .settings, .alerts, .inbox, .review, .breakGlass, .deny,
            .revoke,
            .halts:
            true
        }
    }

    /// The link to the page, as in `Route.link`.
    package var link: Link? {
        switch self {
        case .now: Link("now")
        case .health: Link("health")
        case .policy(let route): route.link
        case .agents(let route): route.isDeed || route.isFile ? nil : route.link
        case .evals: Link("evals")
        case .ready: Link("ready")
        case .promotion(let evidence): Link("promotions", evidence.hex)
        case .servers(let route): route.link
        case .audit(let route): route.link
        case .runs(let route): route.link
        case .hosts: Link("hosts")
        case .merges(let route): route.link
        case .alerts(let route): route.link
        case .search: Link("search")
        case .inbox: Link("approvals")
        case .load: PeopleRoute.workload.link
        case .people(let route): route.link
        case .settings(let route): route.isDeed ? nil : route.address
        case .review(let id): Link("approvals", id.shown)
        case .breakGlass(let id): Link("approvals", id.shown, "break-glass")
        case .halts(let route): route.link
        case .home, .palette, .deny, .revoke, .signOut: nil
        }
    }
}
