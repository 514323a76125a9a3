package import InterlockModel

/// A vote whose signature was verified and whose signer is known. Only `VoteJudge` makes one; whether
/// it counts is for the request to say.
package struct VerifiedVote: Hashable, Sendable {
    package let statement: Vote
    package let envelope: Envelope
    package let person: Person
    package let at: Timestamp
    package var approver: Pseudonym { statement.approver }

    fileprivate init(statement: Vote, envelope: Envelope, person: Person, at: Timestamp) {
        self.statement = statement
        self.envelope = envelope
        self.person = person
        self.at = at
    }
}

/// Finds out who signed a vote: person by pseudonym, key by enrolment.
package struct VoteJudge: Sendable {
    /// A new credential waits this long before it may vote at tier high; founding ones need not.
    package static let waitAtTierHigh = Duration.seconds(24 * 3600)

    private let trust: TrustFile
    private let verifier: any SignatureVerifier

    package init(trust: TrustFile, verifier: any SignatureVerifier) {
        self.trust = trust
        self.verifier = verifier
    }

    /// - Parameter at: when the vote came; a stored vote is judged at its own time, but a key that was
    ///   revoked since does not count any more.
    package func verify(
        _ envelope: Envelope, tier: Tier, at: Timestamp
    ) throws(ApprovalRefusal) -> VerifiedVote {
        guard envelope.payloadType == .vote else {
            throw .malformed(.badMember("payloadType", "`\(PayloadType.vote.text)`"))
        }
        let statement: Vote
        do { statement = try Vote(parsing: envelope.payload) } catch { throw .malformed(error) }
        guard let signer = envelope.soleSigner(verifiedBy: verifier),
            let (person, key) = trust.holder(of: signer), person.pseudonym == statement.approver
        else { throw .badSignature }
        guard !key.isRevoked, !key.isExpired(at: at) else {
            throw .notEligible(.credentialEnded)
        }
        if tier == .high, !key.founding, at < key.added + VoteJudge.waitAtTierHigh {
            throw .notEligible(.credentialTooNew)
        }
        return VerifiedVote(
            statement: statement, envelope: envelope, person: person.person, at: at)
    }
}
