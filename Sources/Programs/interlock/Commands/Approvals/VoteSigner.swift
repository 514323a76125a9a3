import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

/// The signing key of a vote or of an order. The signature of a command-line key has been verified; `isFor` verifies that of a
/// passkey.
struct VoteSigner {
    /// An Ed25519 key, or the SHA-256 of a passkey's public key, as in `approver.enrolled`.
    let key: Digest
    /// The SHA-256 of a passkey's id.
    let credential: Digest?
    private let assertion: Assertion?

    private struct Assertion {
        let challenge: [UInt8]
        let proof: PasskeyAssertion
        let publicKey: [UInt8]
    }

    /// - Returns: nil if a key's signature is invalid or a passkey's public key is missing. `isFor` verifies a
    ///   passkey's signature, since it needs the domain from the log.
    init?(_ evidence: VoteEvidence) {
        switch evidence.proof {
        case .key(let envelope): self.init(soleSigner: envelope)
        case .batch(let one): self.init(soleSigner: one.envelope)
        case .passkey(let statement, let proof):
            guard let publicKey = evidence.publicKey else { return nil }
            let challenge = VoteProof.challenge(statement, OpenSSLHashing())
            self.init(Assertion(challenge: challenge.bytes, proof: proof, publicKey: publicKey))
        }
    }

    /// - Parameter evidence: the envelope of an order as its record has it, see `VerifiedOrder.evidence`.
    /// - Returns: the order's envelope and its signer; nil for the same reasons, or if it is no envelope.
    static func order(_ evidence: [UInt8]) -> (Envelope, VoteSigner)? {
        guard let value = try? JSONValue(parsing: evidence, limits: .upstream) else { return nil }
        guard let signatures = value["signatures"]?.array, signatures.count == 1 else { return nil }
        guard var signature = signatures[0].object, let key = signature["key"] else {
            return (try? Envelope(json: value)).flatMap { envelope in
                envelope.soleSigner(verifiedBy: OpenSSLVerifier())
                    .flatMap { Digest(bytes: $0.bytes) }
                    .map { (envelope, VoteSigner(key: $0, credential: nil, assertion: nil)) }
            }
        }
        guard case .object(var whole) = value, let publicKey = key.string.flatMap(Base64.decode)
        else { return nil }
        signature["key"] = nil
        whole["signatures"] = .array([.object(signature)])
        guard let envelope = try? Envelope(json: .object(whole)),
            case .passkey(let proof)? = envelope.signatures.first
        else { return nil }
        let challenge = envelope.challenge(OpenSSLHashing()).bytes
        return (
            envelope,
            VoteSigner(Assertion(challenge: challenge, proof: proof, publicKey: publicKey))
        )
    }

    private init?(soleSigner envelope: Envelope) {
        guard let signer = envelope.soleSigner(verifiedBy: OpenSSLVerifier()),
            let key = Digest(bytes: signer.bytes)
        else { return nil }
        self.init(key: key, credential: nil, assertion: nil)
    }

    private init(_ assertion: Assertion) {
        let hashing = OpenSSLHashing()
        self.init(
            key: hashing.sha256(assertion.publicKey),
            credential: hashing.sha256(assertion.proof.credential.bytes), assertion: assertion)
    }

    private init(key: Digest, credential: Digest?, assertion: Assertion?) {
        self.key = key
        self.credential = credential
        self.assertion = assertion
    }

    /// Verifies a passkey's signature for this domain. For a command-line key, returns whether `relyingParty` is nil.
    func isFor(_ relyingParty: String?, holder: Pseudonym) -> Bool {
        guard let assertion else { return relyingParty == nil }
        guard let relyingParty,
            let client = try? ClientData(parsing: assertion.proof.clientDataJSON),
            let party = RelyingParty(id: relyingParty, origins: [client.origin]),
            let key = try? CredentialKey(parsing: assertion.publicKey)
        else { return false }
        // The holder was checked before; the counter was checked when the vote was cast.
        let passkey = EnrolledPasskey(
            id: assertion.proof.credential, holder: holder, algorithm: key.algorithm,
            publicKey: assertion.publicKey, relyingParty: relyingParty, counter: nil,
            added: Timestamp(microseconds: 0), founding: false)
        return
            (try? PasskeyVerifier(party).verify(
                assertion.proof, challenge: assertion.challenge, by: passkey)) != nil
    }
}
