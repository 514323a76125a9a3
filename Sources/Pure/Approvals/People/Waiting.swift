package import InterlockJSON
package import InterlockModel

/// A permission for a person to enrol one credential with a token that exists only in the invitation link.
package struct Invitation: Hashable, Sendable {
    /// The hash of the token.
    package let hash: Digest
    package let person: Person
    package let pseudonym: Pseudonym
    package let roles: Set<Role>
    package let expires: Timestamp
    /// The signed order, or nil for founding people, who need no confirmation.
    package let order: Envelope?
    package let inviter: Pseudonym?

    package static let life = Duration.seconds(72 * 3600)

    package var isFounding: Bool { order == nil }

    package static let tokenBytes = 32

    /// The hash that is stored in place of the token.
    package static func hash(of token: String, _ hashing: any Hashing) -> Digest {
        hashing.sha256(Array("interlock/invitation/1\0\(token)".utf8).span)
    }
}

/// A credential that a person wants to enrol.
package enum NewCredential: Hashable, Sendable {
    /// An Ed25519 key for the command line.
    case key(PublicKey)
    /// A passkey with the fields that enrolment stores; holder and time are added when it is confirmed.
    case passkey(
        PasskeyID, PasskeyAlgorithm, publicKey: [UInt8], relyingParty: String, counter: UInt32)

    package var json: JSONValue {
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

    package init(json: JSONValue, at path: String) throws(FormError) {
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

    /// The JSON that the second person sees and whose digest they sign.
    ///
    /// - Parameter roles: all roles of the person after the confirmation.
    func shown(roles: Set<Role>) -> JSONValue {
        [
            "v": 1, "type": "enrolment", "id": .string(id.text),
            "person": .string(invitation.person.address), "roles": .roles(roles),
            "credential": credential.json,
        ]
    }
}

/// A change of roles that one person has signed and a second must sign.
package struct PendingRoles: Hashable, Sendable {
    package let first: AcceptedPeopleOrder
    package let person: Person
    package let add: Set<Role>
    package let remove: Set<Role>

    package static let life = Duration.seconds(24 * 3600)

    package var id: OrderID { first.order.id }
    package var expires: Timestamp { first.order.at + Self.life }
    /// The JSON that the second person sees: the order, and all roles of the person after the confirmation.
    func shown(roles: Set<Role>) -> JSONValue {
        ["v": 1, "type": "roles", "order": first.order.json, "roles": .roles(roles)]
    }
}
