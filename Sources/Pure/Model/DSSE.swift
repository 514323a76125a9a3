package import InterlockJSON

/// A signed statement in the JSON form of DSSE v1: what was signed, what kind it is, by which keys.
///
/// A signature covers the pre-authentication encoding of type and payload, so the same bytes under
/// another type are another message. An envelope says nothing yet: who signed is found by `verify`.
package struct Envelope: Sendable, Hashable {
    /// Over the same bytes, by whatever somebody signs with. Who may sign a kind of statement by passkey is for its
    /// judge to say; one that knows of none takes such a signature for one that does not verify.
    package enum Signature: Sendable, Hashable {
        /// The Ed25519 key that the signer claims to have used, and 64 bytes.
        case key(PublicKey, [UInt8])
        /// A passkey signed a challenge, which is the SHA-256 of `message`.
        case passkey(PasskeyAssertion)

        package var credential: CredentialName {
            switch self {
            case .key(let key, _): .key(key)
            case .passkey(let assertion): .passkey(assertion.credential)
            }
        }

        package var key: PublicKey? {
            if case .key(let key, _) = self { key } else { nil }
        }

        /// Whether both are of one use of a passkey: out of a good signature by ECDSA anybody makes another one.
        package func isOfSameUse(as other: Signature) -> Bool {
            guard case .passkey(let one) = self, case .passkey(let two) = other else {
                return self == other
            }
            return one.credential == two.credential
                && one.authenticatorData == two.authenticatorData
                && one.clientDataJSON == two.clientDataJSON
        }

        /// Whether a key has made it, and has signed this.
        package func isMade(over message: [UInt8], verifiedBy verifier: some SignatureVerifier)
            -> Bool
        {
            guard case .key(let key, let bytes) = self else { return false }
            return verifier.verifies(bytes, of: message, by: key.bytes)
        }
    }

    package let payloadType: PayloadType
    package let payload: [UInt8]
    /// By distinct credentials; none of them verified.
    package let signatures: [Signature]

    /// Bounds of an envelope in JSON: bytes in all, bytes of payload, signatures.
    package static let largestJSON = 256 * 1024
    package static let largestPayload = 128 * 1024
    package static let mostSignatures = 16

    /// Whether the same people signed the same by the same uses of their keys and passkeys.
    package func isOfSameUses(as other: Envelope) -> Bool {
        payloadType == other.payloadType && payload == other.payload
            && signatures.count == other.signatures.count
            && zip(signatures, other.signatures).allSatisfy { $0.isOfSameUse(as: $1) }
    }

    package init(payloadType: PayloadType, payload: [UInt8], signatures: [Signature]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
    }

    /// What is signed.
    package var message: [UInt8] { preAuthenticationEncoding(payloadType.text, payload) }

    /// What a passkey signs in place of the message: 32 bytes.
    package func challenge(_ hashing: some Hashing) -> Digest { hashing.sha256(message) }

    /// Every signature, or none: true only when there is at least one, all are by keys and all of them verify.
    package func isSigned(by verifier: some SignatureVerifier) -> Bool {
        let message = message
        return !signatures.isEmpty
            && signatures.allSatisfy { $0.isMade(over: message, verifiedBy: verifier) }
    }

    /// The key of the one signature, if there is exactly one, by a key, and it verifies.
    package func soleSigner(verifiedBy verifier: some SignatureVerifier) -> PublicKey? {
        guard signatures.count == 1, isSigned(by: verifier) else { return nil }
        return signatures.first?.key
    }
}

/// The kinds of statement that people and nodes sign.
package enum PayloadType: String, Sendable, CaseIterable {
    case vote, halt, release, epoch
    /// What a drill of the kill switch found.
    case drill
    /// Asking for an elevation, approving one and ending one: three kinds over the same bytes.
    case elevationRequest = "elevation-request"
    case elevationApproval = "elevation-approval"
    case elevationEnd = "elevation-end"
    /// A revision of the policy.
    case signOff = "signoff"
    /// The reviewed servers and tools.
    case lock
    /// Who may decide: invitations, confirmations, roles, revocations.
    case people
    /// A quorum lowered to one person, and the review of that.
    case breakGlass = "break-glass"
    /// A run paused, or let go on.
    case run
    /// That a node is alive.
    case alive

    /// `application/vnd.interlock.vote+json`
    package var text: String { "application/vnd.interlock.\(rawValue)+json" }
    package init?(text: String) {
        guard let type = PayloadType.allCases.first(where: { $0.text == text }) else { return nil }
        self = type
    }
}

/// `DSSEv1 <bytes of type> <type> <bytes of body> <body>`
package func preAuthenticationEncoding(_ type: String, _ body: [UInt8]) -> [UInt8] {
    var message = Array("DSSEv1 \(type.utf8.count) \(type) \(body.count) ".utf8)
    message += body
    return message
}

extension Envelope {
    /// `{"payloadType", "payload", "signatures": [{"keyid", "sig"}]}`, standard base64 with padding; of a passkey the
    /// assertion stands in the list.
    package var json: JSONValue {
        [
            "payloadType": .string(payloadType.text),
            "payload": .string(Base64.encode(payload)),
            "signatures": .array(signatures.map(\.json)),
        ]
    }

    package var bytes: [UInt8] { json.serialized() }

    /// - Parameter payloadLimit: only an epoch is larger than `largestPayload`.
    package init(
        parsing bytes: [UInt8], payloadLimit: Int = largestPayload
    ) throws(FormError) {
        let limit = max(Envelope.largestJSON, payloadLimit * 2)
        try self.init(
            json: try StrictFields.value(bytes, limit: limit), payloadLimit: payloadLimit)
    }

    /// - Parameter path: where the envelope stands in a larger value, for messages.
    package init(
        json: JSONValue, at path: String = "", payloadLimit: Int = largestPayload
    ) throws(FormError) {
        let fields = try StrictFields(
            json, at: path, required: ["payloadType", "payload", "signatures"])
        payloadType = try fields.made(
            "payloadType", "a known payload type", PayloadType.init(text:))
        payload = try fields.made("payload", "base64 of at most \(payloadLimit) bytes") {
            guard let bytes = Base64.decode($0), bytes.count <= payloadLimit else {
                return nil
            }
            return bytes
        }
        var credentials: Set<CredentialName> = []
        var signatures: [Signature] = []
        for element in try fields.array("signatures", count: 1...Envelope.mostSignatures) {
            let signature = try Signature(json: element, at: "signatures")
            guard credentials.insert(signature.credential).inserted else {
                throw fields.bad("signatures", "by distinct keys")
            }
            signatures.append(signature)
        }
        self.signatures = signatures
    }
}

extension Envelope.Signature {
    package var json: JSONValue {
        switch self {
        case .key(let key, let bytes):
            ["keyid": .string(key.base64), "sig": .string(Base64.encode(bytes))]
        case .passkey(let assertion): assertion.json
        }
    }

    init(json: JSONValue, at path: String) throws(FormError) {
        guard json["credential"] == nil else {
            self = .passkey(try PasskeyAssertion(json: json, at: path))
            return
        }
        let entry = try StrictFields(json, at: path, required: ["keyid", "sig"])
        self = .key(
            try entry.made("keyid", "base64 of 32 bytes", PublicKey.init(base64:)),
            try entry.made("sig", "base64 of 64 bytes") { text -> [UInt8]? in
                guard let bytes = Base64.decode(text), bytes.count == 64 else { return nil }
                return bytes
            })
    }
}
