package import InterlockJSON
package import InterlockModel

/// The signature on a person's statement: by a key at the command line, or by a passkey in a browser. Both sign the
/// pre-authentication encoding of the statement.
///
/// INVARIANT: a vote by passkey is checked from the bundle alone; any part of it changed is refused. Kept by
/// `test_verify_passkeys.py`, `test_approved_by_passkey.py`.
package enum VoteProof: Hashable, Sendable {
    case key(Envelope)
    /// A passkey's signature of a challenge, which is the SHA-256 of the encoding.
    case passkey(statement: [UInt8], PasskeyAssertion)
    /// A key's signature of a batch, of which the vote is one.
    case batch(BatchedVote)

    /// The limit of the canonical form, in bytes: that of a batch in base64 with its signature. A statement is also limited
    /// by `Vote.largest`, the assertion by `PasskeyAssertion.largest`.
    package static let largest = 64 * 1024

    /// The bytes of the vote, as signed.
    package var statement: [UInt8] {
        switch self {
        case .key(let envelope): envelope.payload
        case .passkey(let statement, _): statement
        case .batch(let one): one.statement
        }
    }

    /// The field `via` of the vote's record.
    package var via: String {
        switch self {
        case .key, .batch: "cli-key"
        case .passkey: "console-webauthn"
        }
    }

    /// A DSSE envelope; for a passkey, with the member `assertion` in place of `signatures`; of a batch, with the member
    /// `request`, which names the vote.
    package var json: JSONValue {
        switch self {
        case .key(let envelope): envelope.json
        case .passkey(let statement, let assertion):
            [
                "payloadType": .string(PayloadType.vote.text),
                "payload": .string(Base64.encode(statement)), "assertion": assertion.json,
            ]
        case .batch(let one): one.json
        }
    }

    package var bytes: [UInt8] { json.serialized() }

    package init(json: JSONValue, at path: String = "proof") throws(FormError) {
        guard json["request"] == nil else {
            self = .batch(try BatchedVote(json: json, at: path))
            return
        }
        guard json["assertion"] != nil else {
            self = .key(try Envelope(json: json, at: path))
            return
        }
        let fields = try StrictFields(
            json, at: path, required: ["payloadType", "payload", "assertion"])
        try fields.expect("payloadType", PayloadType.vote.text)
        let statement = try fields.made("payload", "base64 of a statement") { text -> [UInt8]? in
            guard let bytes = Base64.decode(text), bytes.count <= Vote.largest else { return nil }
            return bytes
        }
        self = .passkey(
            statement: statement,
            try PasskeyAssertion(json: try fields.value("assertion"), at: path + ".assertion"))
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        try self.init(json: try StrictFields.value(bytes, limit: VoteProof.largest))
    }

    /// The challenge of 32 bytes that a passkey signs for a statement.
    package static func challenge(_ statement: [UInt8], _ hashing: some Hashing) -> Digest {
        hashing.sha256(preAuthenticationEncoding(PayloadType.vote.text, statement))
    }
}

/// The `proof` payload in the record of a vote: the proof and, for a passkey, its public key, so that the signature can
/// be verified offline. The record `approver.enrolled` binds the key to its holder by the SHA-256 of the key and of the
/// credential's id.
package struct VoteEvidence: Hashable, Sendable {
    package let proof: VoteProof
    /// The public key of a passkey in COSE form, as it was enrolled; nil if the proof names its key itself.
    package let publicKey: [UInt8]?

    /// The length of the largest key in COSE form, RSA of 8,192 bits.
    package static let largestKey = 1200

    init(proof: VoteProof, publicKey: [UInt8]?) {
        self.proof = proof
        self.publicKey = publicKey
    }

    package var json: JSONValue {
        guard let publicKey, case .object(var object) = proof.json else { return proof.json }
        object["key"] = .string(Base64.encode(publicKey))
        return .object(object)
    }

    package var bytes: [UInt8] { json.serialized() }

    /// Parses the payload of a record.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value = try StrictFields.value(bytes, limit: VoteProof.largest)
        guard case .object(var object) = value, let key = object["key"] else {
            try self.init(proof: VoteProof(json: value), publicKey: nil)
            if case .passkey = proof { throw .missingMember("key") }
            return
        }
        object["key"] = nil
        guard let bytes = key.string.flatMap({ Base64.decode($0) }), bytes.count <= Self.largestKey
        else { throw .badMember("key", "base64 of a key") }
        self.init(proof: try VoteProof(json: .object(object)), publicKey: bytes)
        guard case .passkey = proof else { throw .badMember("key", "there with an assertion") }
    }
}
