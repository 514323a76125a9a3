import InterlockAdministration
import InterlockApprovals
import InterlockJSON
package import InterlockModel
import InterlockSchemas

extension Operation {
    /// The operation that drafts orders about people and services for a passkey to sign.
    static let peopleDrafts: [Operation] = [
        Operation(
            name: "draftPeopleOrder", method: .post, path: "/people/orders/draft",
            summary:
                "An order about a person, a service, a token of an agent or a seat, in the name of the "
                + "signed-in person, for a passkey to sign and `orderPeople` to take. Only for the role "
                + "`security`, and for who revokes their own credentials or passes their own seat.",
            body: peopleDraft,
            answer: OrderDraft.form.shape,
            problems: [
                .notEligible, .notRead, .notConfirmed, .noSuchOrder, .digestMismatch, .staleOrder,
                .otherState,
            ],
            handler: .answer { api, call throws(Problem) in try api.draftPeopleOrder(call) })
    ]

    private static let peopleDraft = JSONSchemaType.record(
        "PeopleDraftRequest",
        .init(
            "deed",
            .choice([
                "invite", "role", "revoke", "confirm", "issue_token", "end_token",
                "delegate", "end_delegation", "issue_agent_token",
            ]),
            "As in the order."),
        .maybe(
            "person", .text(.plain(1...254)), "To invite, revoke or change, or to decide meanwhile."
        ),
        .maybe("add", roles, "Roles to give."),
        .maybe("remove", roles, "Roles to take."),
        .maybe(
            "digest", .text(.digest), "Of what `listPeople` shows as waiting, to confirm."),
        .maybe("service", .text(.agent), "Whose token it is."),
        .maybe("role", .choice(of: Role.self), "As whose holder the service sees."),
        .maybe("days", .whole(1...365), "For how long the token or the delegation counts."),
        .maybe("group", .text(.plain(Delegation.groupNames)), "Whose seat it is, by group."),
        .maybe("agent", .text(.agent), "For whom the token is."),
        .maybe(
            "purpose", .text(.plain(AgentTokenRequest.purposes)),
            "Of the run, on one line; required of agents at tier high."),
        .maybe(
            "only",
            .list(
                .text(.plain(AgentTokenRequest.names)), count: 0...ScopeSet.largestCount),
            "Servers, and tools as `server.tool`: the token is for these at most."),
        .maybe(
            "lasts_s", .whole(AgentTokenRequest.lifetimes),
            "For how long the token of an agent counts."),
        .maybe(
            "typed", .text(.plain(0...254)),
            "What the signer has typed: to confirm an enrolment the last 6 characters of its id, "
                + "to revoke the whole address."),
        .init("reason", .text(.plain(OrderLimits.reason)), "For people, on one line."))

    private static let roles = JSONSchemaType.list(
        .choice(of: Role.self), count: 0...Role.allCases.count)
}

extension OperationServices {
    fileprivate func draftPeopleOrder(_ call: APIMutation) throws(Problem) -> JSONValue {
        let (actions, author) = (try orderActions(), try call.person().pseudonym)
        let change = try PeopleDraftRequest(body: call.body, now: clock.wall).change {
            (digest) throws(Problem) in
            guard let book = actions.people else { return nil }
            return book.unconfirmed(at: clock.wall).first { $0.digest(hashing) == digest }
        }
        return try drafted(Problem.init(_:)) { () throws(PeopleRefusal) in
            try actions.draft(change, because: call.reason, by: author)
        }
    }
}

/// The body of a request for a draft, and what the person has typed to confirm it.
private struct PeopleDraftRequest {
    let body: JSONValue
    let now: Timestamp

    /// - Parameter unconfirmed: finds what waits by the digest that the page has shown. The id of an enrolment is on no
    ///   page, since its end must be read to the person who confirms.
    func change(
        _ unconfirmed: (Digest) throws(Problem) -> PeopleDirectory.Unconfirmed?
    ) throws(Problem) -> PeopleChange {
        switch body["deed"]?.string {
        case "invite": return .invite(try person(), roles: roles("add"))
        case "role": return .role(try person(), add: roles("add"), remove: roles("remove"))
        case "revoke":
            let person = try person()
            try check(typed: person.address, "the address of the person")
            return .revoke(person)
        case "confirm":
            let digest = try member("digest") { Digest(prefixed: $0) }
            guard let waiting = try unconfirmed(digest) else {
                throw Problem(PeopleRefusal.noSuchOrder)
            }
            if case .enrolment = waiting.change {
                try check(
                    typed: String(waiting.id.text.suffix(Self.readAloud)),
                    "the last \(Self.readAloud) characters of the id, as its holder reads them")
            }
            return .confirm(waiting.id, of: digest)
        case "issue_token":
            return .issueToken(
                try service(), role: try member("role", Role.init(rawValue:)), until: try end())
        case "delegate":
            return .delegate(group: try group(), to: try person(), until: try end())
        case "end_delegation": return .endDelegation(group: try group())
        case "issue_agent_token": return .issueAgentToken(try agentToken())
        default: return .endToken(try service())
        }
    }

    static let readAloud = 6

    private func end() throws(Problem) -> Timestamp {
        guard let days = body["days"]?.integer else { throw Self.missing("days") }
        return now + .seconds(days * 86_400)
    }

    private func group() throws(Problem) -> String { try member("group") { $0 } }

    private func agentToken() throws(Problem) -> AgentTokenRequest {
        guard let seconds = body["lasts_s"]?.integer else { throw Self.missing("lasts_s") }
        let request = AgentTokenRequest(
            agent: try member("agent", AgentName.init), purpose: body["purpose"]?.string ?? "",
            only: (body["only"]?.array ?? []).compactMap(\.string), seconds: seconds)
        guard let request else { throw Self.missing("only") }
        return request
    }

    private func person() throws(Problem) -> Person { try member("person", Person.init) }

    private func service() throws(Problem) -> ServiceAccountName {
        try member("service", ServiceAccountName.init)
    }

    private func roles(_ name: String) -> Set<Role> {
        Set((body[name]?.array ?? []).compactMap { $0.string.flatMap(Role.init(rawValue:)) })
    }

    private func check(typed wanted: String, _ what: String) throws(Problem) {
        let typed = body["typed"]?.string ?? ""
        guard sameBytes(typed, wanted) else {
            throw Problem(.notConfirmed, "type \(what)")
        }
    }

    private func member<Value>(
        _ name: String, _ make: (String) -> Value?
    ) throws(Problem) -> Value {
        guard let value = body[name]?.string.flatMap(make) else { throw Self.missing(name) }
        return value
    }

    private static func missing(_ name: String) -> Problem {
        Problem(.malformed, "member `\(name)` is missing or not fit")
    }
}

extension PeopleDirectory.Unconfirmed {
    /// The digest that a confirmation signs; nil if what waits cannot be written.
    package func digest(_ hashing: any Hashing) -> Digest? {
        (try? shown.canonical()).map { hashing.sha256($0.span) }
    }
}
