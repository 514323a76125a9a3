package import InterlockModel

/// A vote whose signature was verified and whose signer is known. Only `VoteVerifier` makes one; `ApprovalRequest`
/// decides whether it counts.
package struct VerifiedVote: Hashable, Sendable {
    package let statement: Vote
    package let proof: VoteProof
    package let person: Person
    /// The credential that signed the vote.
    package let credential: CredentialName
    /// The counter to store for the passkey; nil for a key.
    package let counter: UInt32?
    /// The payload for the vote's record.
    package let evidence: VoteEvidence
    package let at: Timestamp
    package var approver: Pseudonym { statement.approver }
    package var isByPasskey: Bool {
        if case .passkey = credential { true } else { false }
    }

    fileprivate init(
        statement: Vote, proof: VoteProof, by signer: VoteVerifier.Signer, at: Timestamp
    ) {
        self.statement = statement
        self.proof = proof
        person = signer.person.person
        credential = signer.credential
        counter = signer.counter
        evidence = VoteEvidence(proof: proof, publicKey: signer.publicKey)
        self.at = at
    }
}

/// Identifies the signer of a vote: the person by pseudonym, the key or passkey by enrolment.
///
/// INVARIANT: a use of an approval names enough distinct people who voted on what was shown last, in every verifier.
/// Kept by `test_verify_votes.py`, `test_approved_by_passkey.py`.
package struct VoteVerifier: Sendable {
    /// The waiting time before a new credential may vote at tier high; founding credentials are exempt.
    package static let waitAtTierHigh = Duration.seconds(24 * 3600)

    fileprivate struct Signer {
        let person: TrustedPerson
        let credential: CredentialName
        let counter: UInt32?
        /// The public key of a passkey, in COSE form.
        let publicKey: [UInt8]?
        let added: Timestamp
        let isFounding: Bool
        let isEnded: Bool
    }

    private let trust: AuthorizedKeys
    private let verifier: any SignatureVerifier
    private let passkeys: EnrolledPasskeyVerifier?

    /// - Parameter passkeys: nil if voting by passkey is not configured.
    package init(
        trust: AuthorizedKeys, verifier: any SignatureVerifier,
        passkeys: EnrolledPasskeyVerifier? = nil
    ) {
        self.trust = trust
        self.verifier = verifier
        self.passkeys = passkeys
    }

    /// - Parameters:
    ///   - at: the time of the vote; a stored vote is verified at its own time.
    ///   - isStored: true if the vote and its passkey's counter were verified before. The caller must then drop the
    ///     vote itself if its credential was revoked since (`PeopleDirectory.stands`).
    package func verify(
        _ proof: VoteProof, tier: Tier, at: Timestamp, isStored: Bool = false
    ) throws(ApprovalRefusal) -> VerifiedVote {
        let statement: Vote
        if case .key(let envelope) = proof, envelope.payloadType != .vote {
            throw .malformed(.badMember("payloadType", "`\(PayloadType.vote.text)`"))
        }
        do { statement = try Vote(parsing: proof.statement) } catch { throw .malformed(error) }
        let signer = try signer(of: proof, at: at, isStored: isStored)
        guard signer.person.pseudonym == statement.approver else { throw .badSignature }
        guard !signer.isEnded else { throw .notEligible(.credentialEnded) }
        if tier == .high, !signer.isFounding, at < signer.added + VoteVerifier.waitAtTierHigh {
            throw .notEligible(.credentialTooNew)
        }
        return VerifiedVote(statement: statement, proof: proof, by: signer, at: at)
    }

    private func keySigner(
        of envelope: Envelope, at: Timestamp, isStored: Bool
    ) throws(ApprovalRefusal) -> Signer {
        guard let signer = envelope.soleSigner(verifiedBy: verifier),
            let (person, key) = trust.holder(of: signer)
        else { throw .badSignature }
        return Signer(
            person: person, credential: .key(key.key), counter: nil, publicKey: nil,
            added: key.added, isFounding: key.founding,
            isEnded: (key.isRevoked && !isStored) || key.isExpired(at: at))
    }

    private func signer(
        of proof: VoteProof, at: Timestamp, isStored: Bool
    ) throws(ApprovalRefusal) -> Signer {
        switch proof {
        case .key(let envelope): return try keySigner(of: envelope, at: at, isStored: isStored)
        case .batch(let one): return try keySigner(of: one.envelope, at: at, isStored: isStored)
        case .passkey(let statement, let assertion):
            guard let passkeys, let passkey = passkeys.passkey(assertion.credential) else {
                throw .badAssertion(.wrongCredential)
            }
            let finding: AssertionFinding
            do throws(AssertionRefusal) {
                finding = try passkeys.judge(
                    assertion, over: preAuthenticationEncoding(PayloadType.vote.text, statement),
                    by: isStored ? passkey.withoutCounter : passkey)
            } catch { throw .badAssertion(error) }
            guard let person = trust.person(passkey.holder) else { throw .badSignature }
            return Signer(
                person: person, credential: .passkey(passkey.id), counter: finding.counter,
                publicKey: passkey.publicKey, added: passkey.added, isFounding: passkey.founding,
                isEnded: (passkey.isRevoked && !isStored) || passkey.isExpired(at: at))
        }
    }
}
