import InterlockJSON
package import InterlockModel

/// A token with which a service account may read the people plane with the visibility of its role, but change nothing
/// (decision 0036). Only its hash is stored.
///
/// INVARIANT: a service account has the visibility of its role and cannot change anything; its token ends on
/// revocation, on expiry and with its issuer's role. Kept by `ServiceAccountTokenTests`, `ServiceAccountTests`,
/// `test_service_tokens.py`.
package struct ServiceAccountToken: Hashable, Sendable {
    /// The hash of the token.
    package let hash: Digest
    /// The id of the signed order, which distinguishes tokens of the same name in records.
    package let id: OrderID
    package let name: ServiceAccountName
    package let role: Role
    /// The signer of the order. The token is valid only while this person has the role `security` and a credential.
    package let issuer: Pseudonym
    package let made: Timestamp
    package let expires: Timestamp

    package static let longestLife = Duration.seconds(365 * 86_400)
    package static let most = 100
    package static let tokenBytes = 32
    /// The prefix of the 43 characters of base64url, by which a leaked token can be recognised.
    package static let prefix = "ils_"

    /// The token for these random bytes.
    package static func text(_ random: [UInt8]) -> String { prefix + Base64.encodeURL(random) }

    /// The hash that is stored in place of the token.
    package static func hash(of token: String, _ hashing: any Hashing) -> Digest {
        hashing.sha256(Array("interlock/service/1\0\(token)".utf8).span)
    }

    /// Returns whether the text has the form of a token.
    package static func isFit(_ token: String) -> Bool {
        token.hasPrefix(prefix)
            && Base64.decodeURL(String(token.dropFirst(prefix.count)))?.count == tokenBytes
    }
}

extension ServiceAccountToken {
    var json: JSONValue {
        [
            "hash": .string(hash.prefixed), "id": .string(id.text), "service": .string(name.text),
            "role": .string(role.rawValue), "issuer": .string(issuer.text),
            "made": .string(made.rfc3339()), "expires": .string(expires.rfc3339()),
        ]
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "service",
            required: ["hash", "id", "service", "role", "issuer", "made", "expires"])
        self.init(
            hash: try fields.made("hash", "a digest") { Digest(prefixed: $0) },
            id: try fields.made("id", "an order's id") { OrderID($0) },
            name: try fields.made("service", "a service's name", ServiceAccountName.init),
            role: try fields.made("role", "a known role", Role.init(rawValue:)),
            issuer: try fields.pseudonym("issuer"),
            made: try fields.time("made", fractionDigits: 6),
            expires: try fields.time("expires", fractionDigits: 6))
    }
}
