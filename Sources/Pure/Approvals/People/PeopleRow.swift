package import InterlockJSON
package import InterlockModel

/// One row of the people directory in the store. People, their roles and command-line keys are in the trust file
/// instead.
package struct PeopleRow: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case passkey, invitation, enrolment, service, delegation
    }

    package let kind: Kind
    package let id: String
    /// The content, or nil if the row is to be deleted.
    package let body: JSONValue?

    package init(_ kind: Kind, _ id: String, _ body: JSONValue?) {
        self.kind = kind
        self.id = id
        self.body = body
    }
}

extension PeopleDirectory {
    package var rows: [PeopleRow] {
        passkeys.values.map { PeopleRow(.passkey, $0.id.text, $0.json) }
            + invitations.values.map { PeopleRow(.invitation, $0.hash.hex, $0.json) }
            + enrolments.values.map { PeopleRow(.enrolment, $0.id.text, $0.json) }
            + services.values.map { PeopleRow(.service, $0.hash.hex, $0.json) }
            + delegations.values.map { PeopleRow(.delegation, $0.id.text, $0.json) }
    }

    /// The rows to write and delete so that the store holds this directory instead of an older one.
    package func changes(since old: PeopleDirectory) -> [PeopleRow] {
        let before = Set(old.rows)
        let now = rows
        let kept = Set(now.map { "\($0.kind) \($0.id)" })
        return now.filter { !before.contains($0) }
            + before.filter { !kept.contains("\($0.kind) \($0.id)") }
            .map { PeopleRow($0.kind, $0.id, nil) }
    }

    /// Restores the directory from the trust file and the store.
    ///
    /// - Throws: an error about the first invalid row; the whole directory is unusable then.
    package init(trust: AuthorizedKeys, rows: [PeopleRow]) throws(FormError) {
        var passkeys: [EnrolledPasskey] = []
        var invitations: [Invitation] = []
        var enrolments: [PendingEnrolment] = []
        var services: [ServiceAccountToken] = []
        var delegations: [Delegation] = []
        for row in rows {
            let body = row.body ?? .null
            switch row.kind {
            case .passkey: passkeys.append(try EnrolledPasskey(json: body))
            case .invitation: invitations.append(try Invitation(json: body, at: "invitation"))
            case .enrolment: enrolments.append(try PendingEnrolment(json: body))
            case .service: services.append(try ServiceAccountToken(json: body))
            case .delegation: delegations.append(try Delegation(json: body))
            }
        }
        for passkey in passkeys {
            guard trust.person(passkey.holder) != nil else {
                throw .badMember("holder", "of `\(passkey.id)` a person in the trust file")
            }
            guard passkey.counter != nil else { throw .missingMember("counter") }
        }
        self.init(
            trust: trust, passkeys: passkeys, invitations: invitations, enrolments: enrolments,
            services: services, delegations: delegations)
    }
}

extension Invitation {
    var json: JSONValue {
        var object: JSONObject = [
            "hash": .string(hash.prefixed), "person": .string(person.address),
            "pseudonym": .string(pseudonym.text), "roles": .roles(roles),
            "expires": .string(expires.rfc3339()),
        ]
        object["order"] = order?.json
        object["inviter"] = inviter.map { .string($0.text) }
        return .object(object)
    }

    init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(
            json, at: path, required: ["hash", "person", "pseudonym", "roles", "expires"],
            optional: ["order", "inviter"])
        guard fields.has("order") == fields.has("inviter") else {
            throw fields.bad("order", "there with `inviter`, or neither")
        }
        self.init(
            hash: try fields.made("hash", "a digest") { Digest(prefixed: $0) },
            person: try fields.made("person", "an e-mail address", Person.written),
            pseudonym: try fields.pseudonym("pseudonym"), roles: try fields.roles("roles"),
            expires: try fields.time("expires", fractionDigits: 6),
            order: fields.has("order")
                ? try Envelope(json: try fields.value("order"), at: path + ".order") : nil,
            inviter: fields.has("inviter") ? try fields.pseudonym("inviter") : nil)
    }
}

extension PendingEnrolment {
    var json: JSONValue {
        [
            "id": .string(id.text), "invitation": invitation.json, "credential": credential.json,
            "expires": .string(expires.rfc3339()),
        ]
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "enrolment", required: ["id", "invitation", "credential", "expires"])
        self.init(
            id: try fields.made("id", "an order's id") { OrderID($0) },
            invitation: try Invitation(
                json: try fields.value("invitation"), at: "enrolment.invitation"),
            credential: try NewCredential(
                json: try fields.value("credential"), at: "enrolment.credential"),
            expires: try fields.time("expires", fractionDigits: 6))
    }
}
