import InterlockJSON

/// An order that enough of the people whom it names have signed, each by a valid credential and with the required role.
/// Only `SignedOrderVerifier` makes one.
package struct VerifiedOrder<Order: SignedOrder>: Hashable, Sendable {
    package let order: Order
    package let envelope: Envelope
    /// The signatures, at least one, each by a different person.
    package let signatures: [VerifiedSignature]

    fileprivate init(_ order: Order, _ envelope: Envelope, _ signatures: [VerifiedSignature]) {
        self.order = order
        self.envelope = envelope
        self.signatures = signatures
    }

    package var signers: [Pseudonym] { signatures.map(\.signer) }
    /// The person who signed, or the first of several.
    package var person: TrustedPerson { signatures[0].person }
    package var signer: Pseudonym { person.pseudonym }
    /// The evidence for the record of the order.
    package var evidence: [UInt8] { envelope.evidence(signatures).serialized() }
}

/// Verifies signed orders of every kind against the authorized keys. An order is checked in a fixed sequence: kind,
/// form, organisation, signature, credential, author, freshness, role.
///
/// INVARIANT: signed orders of every kind are verified alike; of two faults of an order the earlier is reported. Kept
/// by `SignedOrderVerifierTests`, `HaltOrderVerifierTests`, `PasskeyOrderTests`.
package struct SignedOrderVerifier: Sendable {
    /// Returns the person who needs no role to give the order, or nil if there is no such person.
    package typealias Owner<Order: SignedOrder> = (Order) throws(Order.Refusal) -> Pseudonym?

    package let trust: AuthorizedKeys
    let verifier: any SignatureVerifier
    let passkeys: EnrolledPasskeyVerifier?
    /// This node's own key, which may sign halts even if the trust file does not list it.
    let ownKey: PublicKey?
    /// The keys that this node had before, for orders that were verified when it had them.
    let formerKeys: [PublicKey]

    /// - Parameter passkeys: the verifier of passkeys, or nil if signing by passkey is not configured.
    package init(
        trust: AuthorizedKeys, verifier: any SignatureVerifier, ownKey: PublicKey? = nil,
        formerKeys: [PublicKey] = [],
        passkeys: EnrolledPasskeyVerifier? = nil
    ) {
        self.trust = trust
        self.verifier = verifier
        self.passkeys = passkeys
        self.ownKey = ownKey
        self.formerKeys = formerKeys
    }

    package func verify<Order: SignedOrder>(
        _ envelope: Envelope, as kind: Order.Type = Order.self, _ time: Time,
        owner: Owner<Order> = { _ in nil }
    ) throws(Order.Refusal) -> VerifiedOrder<Order> {
        let order: Order = try read(envelope)
        let quorum = Order.quorum(trust)
        guard quorum != nil || envelope.signatures.count == 1 else {
            throw Order.Refusal(.badSignature)
        }
        var verified: [VerifiedSignature] = []
        for signature in envelope.signatures {
            let judged = try verify(signature, under: envelope, of: order, time, owner: owner)
            guard !verified.contains(where: { $0.signer == judged.signer }) else {
                throw Order.Refusal(.samePerson)
            }
            verified.append(judged)
        }
        let need = quorum ?? 1
        guard verified.count >= max(need, 1) else {
            throw Order.Refusal(.tooFewPeople(have: verified.count, need: need))
        }
        return VerifiedOrder(order, envelope, verified)
    }

    /// Verifies one signature under an order, and that its signer may give the order.
    package func verify<Order: SignedOrder>(
        _ signature: Envelope.Signature, under envelope: Envelope, of order: Order, _ time: Time,
        owner: Owner<Order> = { _ in nil }
    ) throws(Order.Refusal) -> VerifiedSignature {
        let judged = try judge(signature, over: envelope.message, as: Order.self, time)
        guard order.authors.contains(judged.signer) else { throw Order.Refusal(.notAuthor) }
        if case .judgedBefore = time { return judged }
        if case .now(let now) = time, let refusal = order.staleness(at: now) { throw refusal }
        let owner = try owner(order)
        if judged.signer != owner, let role = order.missingRole(of: judged.person) {
            throw Order.Refusal(.missingRole(role))
        }
        return judged
    }

    /// Verifies one person's signature over exactly the bytes of an order, under another payload type. The service
    /// decides whether this person may sign.
    package func verify<Order: SignedOrder>(
        _ envelope: Envelope, as type: PayloadType, over order: VerifiedOrder<Order>, _ time: Time
    ) throws(Order.Refusal) -> VerifiedSignature {
        guard envelope.payloadType == type, envelope.payload == order.envelope.payload else {
            throw Order.Refusal(.otherKind)
        }
        guard envelope.signatures.count == 1 else { throw Order.Refusal(.badSignature) }
        return try judge(envelope.signatures[0], over: envelope.message, as: Order.self, time)
    }

    /// Returns the key of the only signature, enrolled or not. Returns nil unless a key made it and it verifies.
    package func key(of envelope: Envelope) -> PublicKey? {
        envelope.soleSigner(verifiedBy: verifier)
    }

    /// Parses the order in an envelope of its kind and of this organisation. Its signatures are not verified.
    package func read<Order: SignedOrder>(_ envelope: Envelope) throws(Order.Refusal) -> Order {
        try Self.read(envelope, org: trust.org)
    }

    static func read<Order: SignedOrder>(
        _ envelope: Envelope, org: String
    ) throws(Order.Refusal) -> Order {
        let order = try Order(envelope)
        guard order.org == org else { throw Order.Refusal(.otherOrganisation(order.org)) }
        return order
    }

    private func judge<Order: SignedOrder>(
        _ signature: Envelope.Signature, over message: [UInt8], as kind: Order.Type, _ time: Time
    ) throws(Order.Refusal) -> VerifiedSignature {
        guard Order.takesPasskeys || signature.key != nil else {
            throw Order.Refusal(.badSignature)
        }
        let judged: VerifiedSignature
        do throws(OrderRefusal) { judged = try judge(signature, over: message, time) } catch {
            throw Order.Refusal(error)
        }
        guard Order.takesExpiredCredentials || !judged.isExpired else {
            throw Order.Refusal(.expiredKey)
        }
        return judged
    }
}
