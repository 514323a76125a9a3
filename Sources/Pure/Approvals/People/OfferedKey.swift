package import InterlockModel

package typealias AcceptedPeopleOrder = VerifiedOrder<PeopleOrder>

extension SignedOrderVerifier {
    /// Returns the key that is offered with an invitation. The key itself must have signed the offer, so a person can
    /// enrol only a key that they hold.
    package func key(
        offeredBy envelope: Envelope, with invitation: Invitation, at now: Timestamp
    ) throws(PeopleRefusal) -> PublicKey {
        let order: PeopleOrder = try read(envelope)
        guard let key = key(of: envelope) else { throw .order(.badSignature) }
        guard order.deed == .enrol(invitation.hash) else { throw .order(.otherKind) }
        guard order.author == invitation.pseudonym else { throw .order(.notAuthor) }
        if let refusal = order.staleness(at: now) { throw refusal }
        return key
    }
}
