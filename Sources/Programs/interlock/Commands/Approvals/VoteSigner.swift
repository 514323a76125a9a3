import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockModel

/// The signing key of a vote. The signature of a command-line key has been verified; `isFor` verifies that of a
/// passkey.
struct VoteSigner {
    /// An Ed25519 key, or the SHA-256 of a passkey's public key, as in `approver.enrolled`.
    let key: Digest
    /// The SHA-256 of a passkey's id.
    let credential: Digest?
    private let assertion: Assertion?

    private struct Assertion {
        let statement: [UInt8]
        let proof: PasskeyAssertion
        let publicKey: [UInt8]
    }

    /// - Returns: nil if a key's signature is invalid or a passkey's public key is missing. `isFor` verifies a
    ///   passkey's signature, since it needs the domain from the log.
    init?(_ evidence: VoteEvidence) {
        switch evidence.proof {
        case .key(let envelope):
            guard let signer = envelope.soleSigner(verifiedBy: OpenSSLVerifier()),
                let key = Digest(bytes: signer.bytes)
            else { return nil }
            self.key = key
            credential = nil
            assertion = nil
        case .passkey(let statement, let proof):
            guard let publicKey = evidence.publicKey else { return nil }
            let hashing = OpenSSLHashing()
            key = hashing.sha256(publicKey)
            credential = hashing.sha256(proof.credential.bytes)
            assertion = Assertion(statement: statement, proof: proof, publicKey: publicKey)
        }
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
        let challenge = VoteProof.challenge(assertion.statement, OpenSSLHashing()).bytes
        return
            (try? PasskeyVerifier(party).verify(
                assertion.proof, challenge: challenge, by: passkey)) != nil
    }
}
