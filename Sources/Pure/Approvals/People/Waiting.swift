import InterlockJSON
package import InterlockModel

/// A person may enrol one credential with the token of this invitation, which stands nowhere but in the link.
package struct Invitation: Hashable, Sendable {
    /// Of the token.
    package let hash: Digest
    package let person: Person
    package let pseudonym: Pseudonym
    package let roles: Set<Role>
    package let expires: Timestamp
    /// The signed order; nil for the founding people, who are confirmed by nobody.
    package let order: Envelope?
    package let inviter: Pseudonym?

    package static let life = Duration.seconds(72 * 3600)

    package init(
        hash: Digest, person: Person, pseudonym: Pseudonym, roles: Set<Role>,
        expires: Timestamp, order: Envelope?, inviter: Pseudonym?
    ) {
        self.hash = hash
        self.person = person
        self.pseudonym = pseudonym
        self.roles = roles
        self.expires = expires
        self.order = order
        self.inviter = inviter
    }

    package var isFounding: Bool { order == nil }

    package static let tokenBytes = 32

    /// All that is kept of a token.
    package static func hash(of token: String, _ hashing: any Hashing) -> Digest {
        hashing.sha256(Array("interlock/invitation/1\0\(token)".utf8).span)
    }
}

/// What somebody can prove to be by.
package enum NewCredential: Hashable, Sendable {
    /// An Ed25519 key for the command line.
    case key(PublicKey)
    /// With the fields that enrolment keeps; whose it is and since when is added when it is confirmed.
    case passkey(
        PasskeyID, PasskeyAlgorithm, publicKey: [UInt8], relyingParty: String, counter: UInt32)

    var json: JSONValue {
        switch self {
        case .key(let key): ["kind": "ed25519", "key": .string(key.base64)]
        case .passkey(let id, let algorithm, let key, let party, let counter):
            [
                "kind": "passkey", "id": .string(id.text),
                "alg": .integer(algorithm.rawValue), "key": .string(Base64.encodeURL(key)),
                "rp": .string(party), "counter": .integer(Int64(counter)),
            ]
        }
    }

    init(json: JSONValue, at path: String) throws(FormError) {
        if json["kind"]?.string == "ed25519" {
            let fields = try StrictFields(json, at: path, required: ["kind", "key"])
            self = .key(try fields.made("key", "base64 of 32 bytes", PublicKey.init(base64:)))
            return
        }
        let fields = try StrictFields(
            json, at: path, required: ["kind", "id", "alg", "key", "rp", "counter"])
        try fields.expect("kind", "passkey")
        guard let algorithm = PasskeyAlgorithm(rawValue: try fields.integer("alg", in: -512...0))
        else { throw fields.bad("alg", "a known algorithm") }
        self = .passkey(
            try fields.made("id", "a credential's id", PasskeyID.init(text:)), algorithm,
            publicKey: try fields.made("key", "base64url", { Base64.decodeURL($0) }),
            relyingParty: try fields.string("rp", length: 1...253),
            counter: UInt32(try fields.integer("counter", in: 0...Int64(UInt32.max))))
    }
}

/// A credential that was made with an invitation and waits for a second person.
package struct PendingEnrolment: Hashable, Sendable {
    package let id: OrderID
    package let invitation: Invitation
    package let credential: NewCredential
    package let expires: Timestamp

    package static let life = Duration.seconds(72 * 3600)

    /// What a second person is shown, and signs the digest of.
    ///
    /// - Parameter roles: all that the person has once it is confirmed.
    func shown(roles: Set<Role>) -> JSONValue {
        [
            "v": 1, "type": "enrolment", "id": .string(id.text),
            "person": .string(invitation.person.address), "roles": .roles(roles),
            "credential": credential.json,
        ]
    }
}

/// A change of roles that one person signed and a second has to.
package struct PendingRoles: Hashable, Sendable {
    package let first: AcceptedPeopleOrder
    package let person: Person
    package let add: Set<Role>
    package let remove: Set<Role>

    package static let life = Duration.seconds(24 * 3600)

    package var id: OrderID { first.order.id }
    package var expires: Timestamp { first.order.at + Self.life }
    /// What a second person is shown: the order, and all roles that the person has once it is confirmed.
    func shown(roles: Set<Role>) -> JSONValue {
        ["v": 1, "type": "roles", "order": first.order.json, "roles": .roles(roles)]
    }
}
