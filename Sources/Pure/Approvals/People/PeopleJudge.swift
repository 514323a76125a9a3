package import InterlockModel

/// An order about people whose signature and signer were found good. Only `PeopleJudge` makes one.
package struct AcceptedPeopleOrder: Hashable, Sendable {
    package let order: PeopleOrder
    package let envelope: Envelope
    package let signer: Pseudonym

    fileprivate init(order: PeopleOrder, envelope: Envelope, signer: Pseudonym) {
        self.order = order
        self.envelope = envelope
        self.signer = signer
    }
}

/// Judges who ordered what about people: a person with the role `security`; of the own credentials anybody.
package struct PeopleJudge: Sendable {
    /// Between signing and coming in, either way.
    package static let leeway = Duration.seconds(600)

    private let trust: TrustFile
    private let verifier: any SignatureVerifier

    package init(trust: TrustFile, verifier: any SignatureVerifier) {
        self.trust = trust
        self.verifier = verifier
    }

    package func judge(
        _ envelope: Envelope, at now: Timestamp
    ) throws(PeopleRefusal) -> AcceptedPeopleOrder {
        let (order, signer) = try read(envelope)
        guard let (person, key) = trust.holder(of: signer) else { throw .order(.unknownKey) }
        guard person.pseudonym == order.author else { throw .order(.notAuthor) }
        guard !key.isRevoked else { throw .order(.revokedKey) }
        guard !key.isExpired(at: now) else { throw .order(.expiredKey) }
        guard isWithin(order.at, now) else { throw .staleOrder }
        guard person.roles.contains(.security) || isOwn(order.deed, person) else {
            throw .order(.missingRole(.security))
        }
        return AcceptedPeopleOrder(
            order: order, envelope: envelope, signer: person.pseudonym)
    }

    /// The key that somebody offers with an invitation: nobody can enrol a key that they do not hold.
    package func key(
        offeredBy envelope: Envelope, with invitation: Invitation, at now: Timestamp
    ) throws(PeopleRefusal) -> PublicKey {
        let (order, signer) = try read(envelope)
        guard order.deed == .enrol(invitation.hash) else { throw .order(.otherKind) }
        guard order.author == invitation.pseudonym else { throw .order(.notAuthor) }
        guard isWithin(order.at, now) else { throw .staleOrder }
        return signer
    }

    private func read(
        _ envelope: Envelope
    ) throws(PeopleRefusal) -> (order: PeopleOrder, signer: PublicKey) {
        guard envelope.payloadType == .people else { throw .order(.otherKind) }
        let order: PeopleOrder
        do { order = try PeopleOrder(parsing: envelope.payload) } catch {
            throw .order(.form(error))
        }
        guard order.org == trust.org else { throw .order(.otherOrganisation(order.org)) }
        guard let signer = envelope.soleSigner(verifiedBy: verifier) else {
            throw .order(.badSignature)
        }
        return (order, signer)
    }

    /// Whoever lost a device must not have to find somebody first.
    private func isOwn(_ deed: PeopleOrder.Deed, _ person: TrustedPerson) -> Bool {
        deed == .revoke(person.person)
    }

    private func isWithin(_ signed: Timestamp, _ now: Timestamp) -> Bool {
        signed <= now + Self.leeway && now <= signed + Self.leeway
    }
}
