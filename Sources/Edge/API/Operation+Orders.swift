import InterlockAdministration
import InterlockApprovals
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas

extension Operation {
    /// Operations on people and on break-glass, whose orders are signed by key or passkey.
    static let orders: [Operation] = [
        Operation(
            name: "listPeople", method: .get, path: "/people",
            summary:
                "Who is enrolled, with which roles and credentials: everybody, for who has the "
                + "role `security`, and oneself for all others.",
            query: [PeopleListing.Sorting.parameter],
            answer: .record(
                "People",
                .init(
                    "people", .list(of: PersonView.self, 0...100_000),
                    "By address unless `sort` says otherwise."),
                .maybe(
                    "waiting", .list(of: PendingSecondSignature.self, 0...10_000),
                    "What a second person has to sign; only for `security`."),
                .maybe(
                    "invitations", .list(of: OpenInvitation.self, 0...1000),
                    "The links that can still be used; only for `security`.")),
            problems: [.notRead],
            handler: .reading { api, call throws(Problem) in try await api.people(call) }),
        Operation(
            name: "orderPeople", method: .post, path: "/people/orders",
            summary:
                "Takes a signed order to invite, confirm, change roles or revoke, or about the token of a "
                + "service, for a token of an agent, or to pass one's seat in a group: a DSSE envelope of `\(PayloadType.people.text)`. What it orders, its payload says.",
            body: signed("PeopleEnvelope", .people, most: PeopleOrder.largest),
            isSigned: true, answer: outcome, problems: people, isLocal: true,
            handler: .answer { api, call throws(Problem) in try await api.order(call) }),
        Operation(
            name: "breakGlass", method: .post, path: "/approvals/{approval}/break-glass",
            summary:
                "Takes a signed order that one person decides this request: a DSSE envelope of "
                + "`\(PayloadType.breakGlass.text)`.",
            body: glassBody, isSigned: true, answer: ReviewView.whole.shape,
            problems: signing + [.nothingToLower, .requestClosed, .revisionChanged],
            handler: .answer { api, call throws(Problem) in try await api.breakGlass(call) }),
        Operation(
            name: "reviewBreakGlass", method: .post, path: "/approvals/{approval}/review",
            summary: "Takes another person's signed review of a break-glass use.",
            body: glassBody, isSigned: true, problems: signing + [.noUse, .reviewed],
            handler: .answer { api, call throws(Problem) in
                try await api.reviewBreakGlass(call)
                return nil
            }),
    ]

    private static let signing: [ProblemKind] = [
        .badSignature, .badAssertion, .notEligible, .staleOrder, .digestMismatch, .notRecorded,
        .notRead,
    ]
    private static let people: [ProblemKind] =
        signing + [
            .noSuchPerson, .noSuchOrder, .noSuchInvitation, .knownCredential, .tooManyWait,
            .unfit, .notKept, .unfitEnd, .knownService, .noSuchService,
            .unfitDelegate, .delegatedAlready, .noSuchDelegation, .otherState,
        ]

    /// The body of an operation that takes a signed order. Each has a name of its own, so that the document
    /// distinguishes them.
    ///
    /// - Parameters:
    ///   - most: the largest payload, in bytes.
    ///   - signers: the signatures, with a note on who makes them.
    static func signed(
        _ name: String, _ type: PayloadType, most: Int = largestOrder, of what: String = "order",
        by signers: (JSONSchemaType, String) = oneSigner
    ) -> JSONSchemaType {
        .record(
            name, .init("payloadType", .choice([type.text]), "Of DSSE."),
            .init("payload", .text(.base64(most)), "The canonical bytes of the \(what)."),
            .init("signatures", signers.0, signers.1))
    }

    /// The largest payload of an order, in bytes: its base64 and the signatures must fit into a body.
    static let largestOrder = OrderLimits.bytes / 2

    static let oneSigner = (
        JSONSchemaType.list(.either([signature, assertionShape]), count: 1...1),
        "By an enrolled key or passkey."
    )
    static let several = (
        JSONSchemaType.list(
            .either([signature, assertionShape]), count: 1...Envelope.mostSignatures),
        "By enrolled keys and passkeys, each another."
    )
    private static let glassBody = signed(
        "BreakGlassEnvelope", .breakGlass, most: BreakGlassOrder.largest)

    static let signature = JSONSchemaType.record(
        "Signature",
        .init("keyid", .text(.key), "The public key."),
        .init("sig", .text(.signature), "Ed25519, over the pre-authentication encoding."))

    private static let roles = JSONSchemaType.list(
        .choice(of: Role.self), count: 0...Role.allCases.count)

    private static let outcome = JSONSchemaType.record(
        "OrderOutcome",
        .init(
            "state",
            .choice([
                "invited", "waits", "enrolled", "changed", "revoked", "issued", "ended",
                "delegated",
            ]),
            "`waits` for a second person."),
        .maybe("person", .text(.plain(1...254)), "Whom it is about."),
        .maybe("roles", roles, "What this person then has, for who sees everybody."),
        .maybe("service", .text(.agent), "Whose token it is about."),
        .maybe("agent", .text(.agent), "For whom the token is."),
        .maybe("run", .text(.id), "That the token of an agent begins."),
        .maybe("group", .text(.plain(Delegation.groupNames)), "In which a seat is passed."),
        .maybe("voters", .count, "How many people hold the group's seats now."),
        .maybe("role", .choice(of: Role.self), "As whose holder it sees."),
        .maybe(
            "token", .text(.plain(43...4096)),
            "For the link `/enrol/TOKEN`, or of a service or an agent; shown once."),
        .maybe("id", .text(.id), "What the second person confirms."),
        .maybe("expires", .text(.time), "Of what waits."))
}

extension OperationServices {
    fileprivate func people(_ call: APIQuery) async throws(Problem) -> JSONValue {
        let listing = try people(for: try call.asker())
        var lines: [JSONValue] = []
        for person in listing.people(by: PeopleListing.Sorting(call.query)) {
            let sessions = await sessions?.liveSessions(of: person.pseudonym)
            lines.append(PersonView.form.json(listing.view(of: person, sessions: sessions)))
        }
        var answer: JSONObject = ["people": .array(lines)]
        answer["waiting"] = listing.unconfirmed?.inResponse
        answer["invitations"] = listing.invitations?.inResponse
        return .object(answer)
    }

    fileprivate func order(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (actions, envelope) = (try orderActions(), try call.envelope())
        let (carrier, seesAll) = (try call.author(), try visibility(call).readsAll)
        do throws(PeopleRefusal) {
            let taken = try await actions.take(envelope, from: carrier)
            var answer = outcome(of: taken)
            // Only a sender who sees all people receives the roles of the person that the order concerns.
            if seesAll, let roles = roles(after: taken, actions) {
                answer["roles"] = .array(
                    Role.allCases.filter(roles.contains).map { .string($0.rawValue) })
            }
            return .object(answer)
        } catch {
            throw Problem(error)
        }
    }

    private func outcome(of taken: TakenOrder) -> JSONObject {
        switch taken {
        case .invited(let invitation, let token):
            [
                "state": "invited", "person": .string(invitation.person.address),
                "token": .string(token), "expires": invitation.expires.inResponse,
            ]
        case .waits(let id, let end):
            ["state": "waits", "id": .string(id.text), "expires": end.inResponse]
        case .enrolled(let person):
            ["state": "enrolled", "person": .string(person.address)]
        case .changed(let person):
            ["state": "changed", "person": .string(person.address)]
        case .revoked(let person):
            ["state": "revoked", "person": .string(person.address)]
        case .tokenIssued(let service, let token):
            [
                "state": "issued", "service": .string(service.name.text),
                "role": .string(service.role.rawValue), "token": .string(token),
                "expires": service.expires.inResponse,
            ]
        case .tokenEnded(let service):
            ["state": "ended", "service": .string(service.text)]
        case .delegated(let delegation, let person, let voters):
            [
                "state": "delegated", "group": .string(delegation.group),
                "person": .string(person.address), "voters": .integer(Int64(voters)),
                "expires": delegation.expires.inResponse,
            ]
        case .delegationEnded(let group): ["state": "ended", "group": .string(group)]
        case .agentTokenIssued(let issued, let agent):
            [
                "state": "issued", "agent": .string(agent.text), "token": .string(issued.token),
                "run": .string(issued.run.text), "expires": issued.expires.inResponse,
            ]
        }
    }

    private func roles(after taken: TakenOrder, _ actions: any OrderActions) -> Set<Role>? {
        switch taken {
        case .invited(let invitation, _): actions.people?.roles(after: invitation)
        case .enrolled(let person), .changed(let person):
            actions.people?.trust.person(person)?.roles ?? []
        case .waits, .revoked, .tokenIssued, .tokenEnded, .delegated, .delegationEnded,
            .agentTokenIssued:
            nil
        }
    }

    fileprivate func breakGlass(_ call: APIMutation) async throws(Problem) -> JSONValue {
        let (actions, envelope) = (try orderActions(), try call.envelope())
        let request = try await request(call)
        let viewer = try call.person()
        do throws(BreakGlassRefusal) {
            _ = try await actions.breakGlass(envelope, at: request.id, from: viewer.pseudonym)
        } catch {
            throw Problem(error)
        }
        return await shownNow(request, viewer)
    }

    fileprivate func reviewBreakGlass(_ call: APIMutation) async throws(Problem) {
        let (actions, envelope) = (try orderActions(), try call.envelope())
        // The request is not looked up: the log may contain a use whose request can no longer be found.
        let (id, carrier) = (try call.approval(), try call.person().pseudonym)
        do throws(BreakGlassRefusal) {
            try await actions.review(envelope, at: id, from: carrier)
        } catch {
            throw Problem(error)
        }
    }

    func orderActions() throws(Problem) -> any OrderActions {
        guard let orders else {
            throw Problem(
                .notRead, "who is enrolled cannot be read",
                help: "`interlock people list` says what is wrong with the trust file")
        }
        return orders
    }
}
