import InterlockApprovals
import InterlockGovernor
package import InterlockJSON
import InterlockModel
import InterlockPorts

/// Requests about people that need no signed order: reads, and enrolment with an invitation's token.
extension LocalServices {
    /// Returns the person that an invitation is for, and their roles. The body is `{token}`.
    package func invited(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let service = try peopleDesk
        let token = try token(in: call.body)
        let (invitation, roles) = try await asked { () throws(PeopleRefusal) in
            try service.invited(token)
        }
        return [
            "person": .string(invitation.person.address),
            "pseudonym": .string(invitation.pseudonym.text),
            "invitation": .string(invitation.hash.prefixed), "roles": names(of: roles),
        ]
    }

    /// Enrols a key with an invitation's token. The body is `{token, offer}`: the offer names the key and is signed by
    /// it.
    package func enrolKey(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let service = try peopleDesk
        let token = try token(in: call.body)
        let offer = try envelope(call.body["offer"] ?? .null)
        let enrolment = try await asked { () async throws(PeopleRefusal) in
            try await service.enrol(token: token, offer: offer)
        }
        switch enrolment {
        case .founding: return ["state": "enrolled"]
        case .waits(let pending): return ["state": "waits", "id": .string(pending.id.text)]
        }
    }

    /// Returns an order or enrolment that waits for the signature of a second person.
    package func unconfirmed(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let service = try peopleDesk
        guard let id = OrderID(call["order"]) else { throw Problem(PeopleRefusal.noSuchOrder) }
        let waiting = try await asked { () throws(PeopleRefusal) in try service.unconfirmed(id) }
        return .object(line(waiting, service))
    }

    /// Returns what the file of authorized keys does not contain: passkeys, open invitations, and orders and enrolments
    /// that wait for a second signature.
    package func whoDecides(_: LocalCall) throws(Problem) -> JSONValue {
        let service = try peopleDesk
        let now = gateway.clock.wall
        let passkeys = service.book.passkeys.values.sorted {
            ($0.added, $0.id.text) < ($1.added, $1.id.text)
        }
        let invitations = service.book.invitations.values.filter { now < $0.expires }
            .sorted { ($0.expires, $0.hash.hex) < ($1.expires, $1.hash.hex) }
        return [
            "passkeys": .array(passkeys.map(passkey)),
            "waiting": .array(
                invitations.map { invitation($0, service) }
                    + service.book.unconfirmed(at: now).map { .object(line($0, service)) }),
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

    private func invitation(_ invitation: Invitation, _ service: PeopleService) -> JSONValue {
        var object: JSONObject = [
            "waits": "invitation", "person": .string(invitation.person.address),
            "roles": names(of: service.book.roles(after: invitation)),
            "founding": .bool(invitation.isFounding),
            "expires": .string(invitation.expires.rfc3339(fractionDigits: 0)),
        ]
        object["by"] = invitation.inviter.flatMap { address(of: $0, service) }
        return .object(object)
    }

    private func line(_ waiting: PeopleDirectory.Unconfirmed, _ service: PeopleService)
        -> JSONObject
    {
        var object: JSONObject = [
            "waits": waiting.shown["type"] ?? .null, "id": .string(waiting.id.text),
            "person": waiting.shown["person"] ?? waiting.shown["order"]?["person"] ?? .null,
            "shown": waiting.shown, "expires": .string(waiting.expires.rfc3339(fractionDigits: 0)),
        ]
        object["by"] = waiting.first.flatMap { address(of: $0, service) }
        return object
    }

    private func address(of pseudonym: Pseudonym, _ service: PeopleService) -> JSONValue? {
        service.book.trust.person(pseudonym).map { .string($0.person.address) }
    }

    private func names(of roles: Set<Role>) -> JSONValue {
        .array(Role.allCases.filter(roles.contains).map { .string($0.rawValue) })
    }

    private func token(in body: JSONValue) throws(Problem) -> String {
        guard let token = body["token"]?.string else {
            throw Problem(.malformed, "`token` is missing")
        }
        return token
    }

    var peopleDesk: PeopleService {
        get throws(Problem) {
            guard let people else {
                throw Problem(
                    .notRead, "who is enrolled cannot be read",
                    help: "`interlock people list` says what is wrong with the trust file")
            }
            return people
        }
    }

    func asked<Answer>(
        _ body: () async throws(PeopleRefusal) -> Answer
    ) async throws(Problem) -> Answer {
        do throws(PeopleRefusal) { return try await body() } catch { throw Problem(error) }
    }
}
