package import InterlockModel

/// An order about people whose signature and signer were found good. Only `PeopleOrderVerifier` makes one.
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
package struct PeopleOrderVerifier: Sendable {
    private let orders: SignedOrderVerifier

    package init(trust: AuthorizedKeys, verifier: any SignatureVerifier) {
        orders = SignedOrderVerifier(trust: trust, verifier: verifier)
    }

    package func judge(
        _ envelope: Envelope, at now: Timestamp
    ) throws(PeopleRefusal) -> AcceptedPeopleOrder {
        let order: PeopleOrder
        let person: TrustedPerson
        do throws(OrderRefusal) {
            (order, person) = try orders.accepted(envelope, at: now)
        } catch {
            throw .order(error)
        }
        guard SignedOrderVerifier.isTimely(order, at: now) else { throw .staleOrder }
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
        let order: PeopleOrder
        let signer: PublicKey
        do throws(OrderRefusal) { (order, signer) = try orders.read(envelope) } catch {
            throw .order(error)
        }
        guard order.deed == .enrol(invitation.hash) else { throw .order(.otherKind) }
        guard order.author == invitation.pseudonym else { throw .order(.notAuthor) }
        guard SignedOrderVerifier.isTimely(order, at: now) else { throw .staleOrder }
        return signer
    }

    /// Whoever lost a device must not have to find somebody first.
    private func isOwn(_ deed: PeopleOrder.Action, _ person: TrustedPerson) -> Bool {
        deed == .revoke(person.person)
    }
}
