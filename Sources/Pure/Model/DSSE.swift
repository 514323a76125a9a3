package import InterlockJSON

/// A signed statement in the JSON form of DSSE v1: the payload, its type, and the signatures.
///
/// A signature covers the pre-authentication encoding of type and payload, so the same bytes under another type are
/// another message. A parsed envelope is unverified; `isSigned` and the verifiers of each kind of statement establish
/// its signers.
package struct Envelope: Sendable, Hashable {
    /// One signature over the message, by a key or a passkey. The verifier of each kind of statement decides who may
    /// sign it by passkey; a verifier without passkeys treats such a signature as one that does not verify.
    package enum Signature: Sendable, Hashable {
        /// An Ed25519 signature: the key that the signer claims to have used, and 64 bytes.
        case key(PublicKey, [UInt8])
        /// A WebAuthn assertion over a challenge, which is the SHA-256 of `message`.
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

        /// Returns true if both signatures come from one use of a passkey. ECDSA signatures are malleable: anyone can
        /// derive a second valid one from the first.
        package func isOfSameUse(as other: Signature) -> Bool {
            guard case .passkey(let one) = self, case .passkey(let two) = other else {
                return self == other
            }
            return one.credential == two.credential
                && one.authenticatorData == two.authenticatorData
                && one.clientDataJSON == two.clientDataJSON
        }

        /// Returns true if the signature is by a key and verifies over `message`.
        package func isMade(over message: [UInt8], verifiedBy verifier: some SignatureVerifier)
            -> Bool
        {
            guard case .key(let key, let bytes) = self else { return false }
            return verifier.verifies(bytes, of: message, by: key.bytes)
        }
    }

    package let payloadType: PayloadType
    package let payload: [UInt8]
    /// The unverified signatures, each by a different credential.
    package let signatures: [Signature]

    /// The bounds of an envelope: bytes of its JSON, bytes of its payload, and number of signatures.
    package static let largestJSON = 256 * 1024
    package static let largestPayload = 128 * 1024
    package static let mostSignatures = 16

    /// Returns true if both envelopes have the same payload, signed by the same uses of the same credentials.
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

    /// The bytes that the signatures cover.
    package var message: [UInt8] { preAuthenticationEncoding(payloadType.text, payload) }

    /// Returns the 32-byte challenge that a passkey signs in place of the message.
    package func challenge(_ hashing: some Hashing) -> Digest { hashing.sha256(message) }

    /// Returns true if there is at least one signature, all are by keys, and all of them verify.
    package func isSigned(by verifier: some SignatureVerifier) -> Bool {
        let message = message
        return !signatures.isEmpty
            && signatures.allSatisfy { $0.isMade(over: message, verifiedBy: verifier) }
    }

    /// Returns the signing key if the envelope has exactly one signature, by a key, and it verifies.
    package func soleSigner(verifiedBy verifier: some SignatureVerifier) -> PublicKey? {
        guard signatures.count == 1, isSigned(by: verifier) else { return nil }
        return signatures.first?.key
    }
}

/// The types of statement that people and nodes sign.
package enum PayloadType: String, Sendable, CaseIterable {
    case vote, halt, release, epoch
    /// The approval of several requests with one signature.
    case batch
    /// The report of a kill-switch drill.
    case drill
    /// The request, the approval and the end of an elevation: three types over the same bytes.
    case elevationRequest = "elevation-request"
    case elevationApproval = "elevation-approval"
    case elevationEnd = "elevation-end"
    /// The sign-off of a policy revision.
    case signOff = "signoff"
    /// The reviewed servers and tools.
    case lock
    /// A change to the people who may decide: invitations, confirmations, roles, revocations.
    case people
    /// The reduction of a quorum to one person, or its review.
    case breakGlass = "break-glass"
    /// An order that pauses or resumes a run.
    case run
    /// An order to quarantine or release a server, or to test its circuit breaker.
    case server
    /// The approval of flagged changes of a run.
    case workspace
    /// The result of an eval run: which fingerprint of an agent was tested, and what came of it.
    case evalResult = "eval-result"
    /// The permission of people that an agent works for a time without such a result.
    case evalException = "eval-exception"
    /// A statement of what the holder of one token runs.
    case releaseManifest = "release-manifest"
    /// The run of another eval tool, which counts as evidence and never for the change gate.
    case evalImport = "eval-import"
    /// The decision of people that an agent has more autonomy, and the ceiling that its owner sets.
    case promotion
    case stageDelegation = "stage-delegation"
    /// The decision of two people that an agent has more autonomy for a time without a promotion.
    case stageException = "stage-exception"
    /// The statement of the owner of an agent that the person still owns it.
    case ownership
    /// The sign-off of a periodic review, and the exception that moves one.
    case review
    case reviewPostponement = "review-postponement"
    /// A node's statement that it is alive.
    case alive
    /// The list of the files of an evidence pack.
    case evidence
    /// The results of the tests of a release or of a deployment.
    case testResults = "test-results"
    /// A node's statement of an entry of a cluster's control chain, and the admission or retirement of a node.
    case control, member
    /// A node's statement of a row of a cluster's store.
    case row

    /// The media type, such as `application/vnd.interlock.vote+json`.
    package var text: String { "application/vnd.interlock.\(rawValue)+json" }
    package init?(text: String) {
        guard let type = PayloadType.allCases.first(where: { $0.text == text }) else { return nil }
        self = type
    }
}

/// Returns the DSSE pre-authentication encoding, `DSSEv1 <bytes of type> <type> <bytes of body> <body>`.
package func preAuthenticationEncoding(_ type: String, _ body: [UInt8]) -> [UInt8] {
    var message = Array("DSSEv1 \(type.utf8.count) \(type) \(body.count) ".utf8)
    message += body
    return message
}

extension Envelope {
    /// The form `{"payloadType", "payload", "signatures": [{"keyid", "sig"}]}`, in standard base64 with padding. A
    /// signature by passkey is listed as its assertion.
    package var json: JSONValue {
        [
            "payloadType": .string(payloadType.text),
            "payload": .string(Base64.encode(payload)),
            "signatures": .array(signatures.map(\.json)),
        ]
    }

    package var bytes: [UInt8] { json.serialized() }

    /// - Parameter payloadLimit: the maximum size in bytes; only an epoch, a list of
    ///   an evidence pack and results of tests may exceed `largestPayload`.
    package init(parsing bytes: [UInt8], payloadLimit: Int = largestPayload) throws(FormError) {
        let limit = max(Envelope.largestJSON, payloadLimit * 2)
        try self.init(json: try StrictFields.value(bytes, limit: limit), payloadLimit: payloadLimit)
    }

    /// - Parameter path: the position of the envelope in a larger value, for messages.
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

    package init(json: JSONValue, at path: String) throws(FormError) {
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
