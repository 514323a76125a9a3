package import InterlockModel

package typealias AcceptedPeopleOrder = VerifiedOrder<PeopleOrder>

extension SignedOrderVerifier {
    /// The key that somebody offers with an invitation: nobody can enrol a key that they do not hold.
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
