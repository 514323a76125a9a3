import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts

/// Who decides: each deed is a signed order; looking, and spending an invitation's token, are not.
extension LocalAPI {
    /// The body is the signed order.
    func invite(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let (desk, order) = (try peopleDesk, try envelope(body))
        let pseudonyms = pseudonyms
        let invited = try await asked { () async throws(PeopleRefusal) in
            try await desk.invite(order) { pseudonyms.pseudonym(of: $0) }
        }
        let invitation = invited.invitation
        var object: JSONObject = [
            "person": .string(invitation.person.address), "token": .string(invited.token),
            "roles": names(of: desk.book.roles(after: invitation)),
            "expires": .string(invitation.expires.rfc3339(fractionDigits: 0)),
        ]
        object["link"] = console.enrolment(invited.token).map(JSONValue.string)
        return .object(object)
    }

    /// The body is `{token}`: whose credential is enrolled with it.
    func invited(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let desk = try peopleDesk
        let token = try token(in: body)
        let (invitation, roles) = try await asked { () throws(PeopleRefusal) in
            try desk.invited(token)
        }
        return [
            "person": .string(invitation.person.address),
            "pseudonym": .string(invitation.pseudonym.text),
            "invitation": .string(invitation.hash.prefixed), "roles": names(of: roles),
        ]
    }

    /// The body is `{token, offer}`: a key of the command line, and its own signature under the offer.
    func enrolKey(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let desk = try peopleDesk
        let token = try token(in: body)
        let offer = try envelope(body["offer"] ?? .null)
        let enrolment = try await asked { () async throws(PeopleRefusal) in
            try await desk.enrol(token: token, offer: offer)
        }
        switch enrolment {
        case .founding: return ["state": "enrolled"]
        case .waits(let pending): return ["state": "waits", "id": .string(pending.id.text)]
        }
    }

    /// What a second person signs for.
    func unconfirmed(_ text: String) async throws(LocalRefusal) -> JSONValue {
        let desk = try peopleDesk
        guard let id = OrderID(text) else { throw LocalRefusal(.noSuchOrder) }
        let waiting = try await asked { () throws(PeopleRefusal) in try desk.unconfirmed(id) }
        return .object(line(waiting, desk))
    }

    /// The body is the signed order.
    func confirmPeople(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let (desk, order) = (try peopleDesk, try envelope(body))
        let confirmed = try await asked { () async throws(PeopleRefusal) in
            try await desk.confirm(order)
        }
        switch confirmed {
        case .enrolment(let pending):
            return [
                "state": "enrolled", "person": .string(pending.invitation.person.address),
                "roles": rolesNow(pending.invitation.person, desk),
            ]
        case .roles(let pending):
            return [
                "state": "changed", "person": .string(pending.person.address),
                "roles": rolesNow(pending.person, desk),
            ]
        }
    }

    /// The body is the signed order.
    func askRoles(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let (desk, order) = (try peopleDesk, try envelope(body))
        let pending = try await asked { () async throws(PeopleRefusal) in
            try await desk.ask(order)
        }
        return [
            "state": "waits", "id": .string(pending.id.text),
            "expires": .string(pending.expires.rfc3339(fractionDigits: 0)),
        ]
    }

    /// The body is the signed order.
    func revokePerson(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let (desk, order) = (try peopleDesk, try envelope(body))
        let person = try await asked { () async throws(PeopleRefusal) in
            try await desk.revoke(order)
        }
        return ["state": "revoked", "person": .string(person.person.address)]
    }

    /// What the trust file does not have: passkeys, and what waits.
    func whoDecides() throws(LocalRefusal) -> JSONValue {
        let desk = try peopleDesk
        let now = gateway.clock.wall
        let passkeys = desk.book.passkeys.values.sorted {
            ($0.added, $0.id.text) < ($1.added, $1.id.text)
        }
        let invitations = desk.book.invitations.values.filter { now < $0.expires }
            .sorted { ($0.expires, $0.hash.hex) < ($1.expires, $1.hash.hex) }
        return [
            "passkeys": .array(passkeys.map(passkey)),
            "waiting": .array(
                invitations.map { invitation($0, desk) }
                    + desk.book.unconfirmed(at: now).map { .object(line($0, desk)) }),
        ]
    }

    private func passkey(_ passkey: EnrolledPasskey) -> JSONValue {
        var object: JSONObject = [
            "kind": "passkey", "id": .string(passkey.id.text),
            "holder": .string(passkey.holder.text), "rp": .string(passkey.relyingParty),
            "added": .string(passkey.added.rfc3339(fractionDigits: 0)),
            "founding": .bool(passkey.founding),
        ]
        object["expires"] = passkey.expires.map { .string($0.rfc3339(fractionDigits: 0)) }
        object["revoked"] = passkey.revoked.map { .string($0.rfc3339(fractionDigits: 0)) }
        return .object(object)
    }

    private func invitation(_ invitation: Invitation, _ desk: PeopleService) -> JSONValue {
        var object: JSONObject = [
            "waits": "invitation", "person": .string(invitation.person.address),
            "roles": names(of: desk.book.roles(after: invitation)),
            "founding": .bool(invitation.isFounding),
            "expires": .string(invitation.expires.rfc3339(fractionDigits: 0)),
        ]
        object["by"] = invitation.inviter.flatMap { address(of: $0, desk) }
        return .object(object)
    }

    private func line(_ waiting: PeopleDirectory.Unconfirmed, _ desk: PeopleService) -> JSONObject {
        var object: JSONObject = [
            "waits": waiting.shown["type"] ?? .null, "id": .string(waiting.id.text),
            "person": waiting.shown["person"] ?? waiting.shown["order"]?["person"] ?? .null,
            "shown": waiting.shown,
            "expires": .string(waiting.expires.rfc3339(fractionDigits: 0)),
        ]
        object["by"] = waiting.first.flatMap { address(of: $0, desk) }
        return object
    }

    private func address(of pseudonym: Pseudonym, _ desk: PeopleService) -> JSONValue? {
        desk.book.trust.person(pseudonym).map { .string($0.person.address) }
    }

    private func rolesNow(_ person: Person, _ desk: PeopleService) -> JSONValue {
        names(of: desk.book.trust.person(person)?.roles ?? [])
    }

    private func names(of roles: Set<Role>) -> JSONValue {
        .array(Role.allCases.filter(roles.contains).map { .string($0.rawValue) })
    }

    private func token(in body: JSONValue) throws(LocalRefusal) -> String {
        guard let token = body["token"]?.string else {
            throw LocalRefusal(400, "`token` is missing")
        }
        return token
    }

    var peopleDesk: PeopleService {
        get throws(LocalRefusal) {
            guard let people else {
                throw LocalRefusal(
                    503, "who is enrolled cannot be read",
                    help: "`interlock people list` says what is wrong with the trust file")
            }
            return people
        }
    }

    func asked<Answer>(
        _ body: () async throws(PeopleRefusal) -> Answer
    ) async throws(LocalRefusal) -> Answer {
        do throws(PeopleRefusal) { return try await body() } catch { throw LocalRefusal(error) }
    }
}

extension LocalRefusal {
    init(_ refusal: PeopleRefusal) {
        let (status, help) = Self.meaning(of: refusal)
        self.init(status, "\(refusal)", help: help)
    }

    private static func meaning(of refusal: PeopleRefusal) -> (status: Int, help: String?) {
        switch refusal {
        case .order(let order): meaning(of: order)
        case .staleOrder: (409, "sign it again; if this goes on, compare the two clocks")
        case .unknownPerson: (404, "interlock people list")
        case .noSuchInvitation: (404, "ask whoever invited you for another link")
        case .noSuchOrder: (404, "`interlock people list` shows what waits")
        case .otherContent: (422, "look at it again: interlock people confirm ID")
        case .knownCredential: (409, "a credential is one person's, once; make another key")
        case .tooMany: (409, "`interlock people list` and `interlock tokens list` show them")
        case .unfitEnd: (400, "write `--for 90d`")
        case .knownService:
            (409, "take another name, or end that one: interlock tokens revoke NAME")
        case .noSuchService: (404, "interlock tokens list")
        case .unfit: (409, nil)
        case .notRecorded: (503, "nothing has changed; try again")
        case .notKept: (503, "mend the disk; the next start finds it in the log")
        }
    }

    private static func meaning(of refusal: OrderRefusal) -> (status: Int, help: String?) {
        switch refusal {
        case .form, .otherKind, .otherOrganisation: (400, nil)
        case .badSignature: (422, nil)
        case .missingRole(.security): (403, "`interlock people list` shows who has the role")
        case .samePerson: (403, "somebody else with the role security has to sign")
        default: (403, nil)
        }
    }
}
