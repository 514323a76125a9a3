package import InterlockJSON

/// A person's passkey as it was enrolled (docs/specs/approvals.md, section 8).
package struct EnrolledPasskey: Hashable, Sendable {
    package let id: PasskeyID
    package let holder: Pseudonym
    package let algorithm: PasskeyAlgorithm
    /// The COSE_Key of the registration, byte for byte.
    package let publicKey: [UInt8]
    /// The RP ID of the passkey: a domain name or `localhost`.
    package let relyingParty: String
    /// The counter of the last accepted assertion, or nil if a stored assertion is verified again: its counter was
    /// compared when it arrived.
    package let counter: UInt32?
    package let added: Timestamp
    /// True if the passkey was named at `interlock init`; it then needs no waiting period before it votes at tier high.
    package let founding: Bool
    package let expires: Timestamp?
    /// The time of the revocation, or of the suspension after the counter went back. It takes effect whatever time it
    /// names.
    package let revoked: Timestamp?

    package init(
        id: PasskeyID, holder: Pseudonym, algorithm: PasskeyAlgorithm, publicKey: [UInt8],
        relyingParty: String, counter: UInt32?, added: Timestamp, founding: Bool,
        expires: Timestamp? = nil, revoked: Timestamp? = nil
    ) {
        self.id = id
        self.holder = holder
        self.algorithm = algorithm
        self.publicKey = publicKey
        self.relyingParty = relyingParty
        self.counter = counter
        self.added = added
        self.founding = founding
        self.expires = expires
        self.revoked = revoked
    }

    package func isExpired(at now: Timestamp) -> Bool { expires.map { now >= $0 } ?? false }
    package var isRevoked: Bool { revoked != nil }

    /// The same passkey without its counter, for verifying a stored assertion again.
    package var withoutCounter: EnrolledPasskey {
        EnrolledPasskey(
            id: id, holder: holder, algorithm: algorithm, publicKey: publicKey,
            relyingParty: relyingParty, counter: nil, added: added, founding: founding,
            expires: expires, revoked: revoked)
    }

    /// The same passkey without expiry and revocation, for verifying again what was accepted at the time.
    package var whileItCounted: EnrolledPasskey {
        EnrolledPasskey(
            id: id, holder: holder, algorithm: algorithm, publicKey: publicKey,
            relyingParty: relyingParty, counter: nil, added: added, founding: founding)
    }
}

extension EnrolledPasskey {
    /// The JSON form; `counter` is omitted if it is nil.
    package var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id.text), "holder": .string(holder.text),
            "alg": .integer(algorithm.rawValue), "key": .string(Base64.encodeURL(publicKey)),
            "rp": .string(relyingParty), "added": .string(added.rfc3339(fractionDigits: 0)),
            "founding": .bool(founding),
        ]
        if let counter { object["counter"] = .integer(Int64(counter)) }
        if let expires { object["expires"] = .string(expires.rfc3339(fractionDigits: 0)) }
        if let revoked { object["revoked"] = .string(revoked.rfc3339(fractionDigits: 0)) }
        return .object(object)
    }

    package init(json: JSONValue, at path: String = "passkey") throws(FormError) {
        let fields = try StrictFields(
            json, at: path,
            required: ["id", "holder", "alg", "key", "rp", "added", "founding"],
            optional: ["counter", "expires", "revoked"])
        guard let algorithm = PasskeyAlgorithm(rawValue: try fields.integer("alg", in: -512...0))
        else { throw fields.bad("alg", "a known algorithm") }
        self.init(
            id: try fields.made("id", "a credential's id", PasskeyID.init(text:)),
            holder: try fields.pseudonym("holder"), algorithm: algorithm,
            publicKey: try fields.made("key", "base64url", { Base64.decodeURL($0) }),
            relyingParty: try fields.string("rp", length: 1...253),
            counter: fields.has("counter")
                ? UInt32(try fields.integer("counter", in: 0...Int64(UInt32.max))) : nil,
            added: try fields.time("added", fractionDigits: 0),
            founding: try fields.bool("founding"),
            expires: fields.has("expires") ? try fields.time("expires", fractionDigits: 0) : nil,
            revoked: fields.has("revoked") ? try fields.time("revoked", fractionDigits: 0) : nil)
    }
}

/// The credential ID that an authenticator assigned. Its written form is base64url without padding.
package struct PasskeyID: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    package static let lengths = 1...1023

    /// - Returns: nil unless there are 1 to 1,023 bytes.
    package init?(bytes: [UInt8]) {
        guard PasskeyID.lengths.contains(bytes.count) else { return nil }
        self.bytes = bytes
    }

    package init?(text: String) {
        guard let bytes = Base64.decodeURL(text) else { return nil }
        self.init(bytes: bytes)
    }

    package var text: String { Base64.encodeURL(bytes) }
    package var description: String { text }
}

/// The accepted signature algorithms, by their COSE numbers.
package enum PasskeyAlgorithm: Int64, Sendable, CaseIterable {
    case es256 = -7
    case eddsa = -8
    case rs256 = -257
}

/// The identity of the credential that made a signature.
package enum CredentialName: Hashable, Sendable {
    case key(PublicKey)
    case passkey(PasskeyID)
}
