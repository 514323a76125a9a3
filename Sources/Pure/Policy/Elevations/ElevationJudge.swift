package import InterlockModel

/// An approval whose signature was verified. Only `ElevationJudge` makes one; whether it counts is for
/// the request and the policy to say.
package struct ElevationApproval: Hashable, Sendable {
    package let person: Person
    package let pseudonym: Pseudonym
    package let hasSecurityRole: Bool
    package let envelope: Envelope
    package let at: Timestamp

    fileprivate init(_ person: TrustedPerson, _ envelope: Envelope, at: Timestamp) {
        self.person = person.person
        pseudonym = person.pseudonym
        hasSecurityRole = person.roles.contains(.security)
        self.envelope = envelope
        self.at = at
    }
}

/// An elevation that its author really signed. Only `ElevationJudge` makes one.
package struct ProposedElevation: Hashable, Sendable {
    package let order: ElevationOrder
    package let author: Person
    package let envelope: Envelope

    fileprivate init(order: ElevationOrder, author: Person, envelope: Envelope) {
        self.order = order
        self.author = author
        self.envelope = envelope
    }

    /// As a decision sees it, once it was granted.
    package var fact: StoreElevation {
        StoreElevation(
            id: order.id.text, agent: order.agent, grants: order.grants, from: order.from,
            until: order.until, proposer: author)
    }
}

/// Finds out who signed what about an elevation: the person by the enrolled key, never by a name.
package struct ElevationJudge: Sendable {
    private let trust: TrustFile
    private let verifier: any SignatureVerifier

    package init(trust: TrustFile, verifier: any SignatureVerifier) {
        self.trust = trust
        self.verifier = verifier
    }

    /// - Parameter at: when the statement came; a stored one is judged at its own time, but a key that
    ///   was revoked since counts no more.
    package func proposal(
        _ envelope: Envelope, at: Timestamp
    ) throws(ElevationRefusal) -> ProposedElevation {
        guard envelope.payloadType == .elevationRequest else { throw .otherKind }
        let order: ElevationOrder
        do { order = try ElevationOrder(parsing: envelope.payload) } catch { throw .form(error) }
        guard order.org == trust.org else { throw .otherOrganisation(order.org) }
        let author = try signer(of: envelope, at: at)
        guard author.pseudonym == order.author else { throw .notAuthor }
        return ProposedElevation(order: order, author: author.person, envelope: envelope)
    }

    /// An approval of exactly what was proposed.
    package func approval(
        _ envelope: Envelope, of proposal: ProposedElevation, at: Timestamp
    ) throws(ElevationRefusal) -> ElevationApproval {
        guard envelope.payloadType == .elevationApproval,
            envelope.payload == proposal.envelope.payload
        else { throw .otherKind }
        return ElevationApproval(try signer(of: envelope, at: at), envelope, at: at)
    }

    /// The person who ends what was proposed. Anyone enrolled may: it only takes away.
    package func ender(
        _ envelope: Envelope, of proposal: ProposedElevation, at: Timestamp
    ) throws(ElevationRefusal) -> Pseudonym {
        guard envelope.payloadType == .elevationEnd, envelope.payload == proposal.envelope.payload
        else { throw .otherKind }
        return try signer(of: envelope, at: at).pseudonym
    }

    private func signer(
        of envelope: Envelope, at: Timestamp
    ) throws(ElevationRefusal) -> TrustedPerson {
        guard let signer = envelope.soleSigner(verifiedBy: verifier) else { throw .badSignature }
        guard let (person, key) = trust.holder(of: signer) else { throw .unknownKey }
        guard !key.isRevoked else { throw .revokedKey }
        guard !key.isExpired(at: at) else { throw .expiredKey }
        return person
    }
}
