import InterlockModel

/// What orders about people and about break-glass have in common: one person signs them, for one organisation, now.
protocol SignedOrder {
    static var payloadType: PayloadType { get }
    var org: String { get }
    var author: Pseudonym { get }
    var at: Timestamp { get }
    init(parsing bytes: [UInt8]) throws(FormError)
}

extension BreakGlassOrder: SignedOrder {
    static var payloadType: PayloadType { .breakGlass }
}

extension PeopleOrder: SignedOrder {
    static var payloadType: PayloadType { .people }
}

/// What is asked of every such order, in the order in which its faults are told. Which role its author needs is
/// for the judge of its kind to say.
package struct SignedOrderVerifier: Sendable {
    /// Between signing and coming in, either way.
    package static let leeway = Duration.seconds(600)

    private let trust: AuthorizedKeys
    private let verifier: any SignatureVerifier

    init(trust: AuthorizedKeys, verifier: any SignatureVerifier) {
        self.trust = trust
        self.verifier = verifier
    }

    /// The order and the one key that signed it, whoever's that is.
    func read<Order: SignedOrder>(
        _ envelope: Envelope
    ) throws(OrderRefusal) -> (order: Order, signer: PublicKey) {
        guard envelope.payloadType == Order.payloadType else { throw .otherKind }
        let order: Order
        do { order = try Order(parsing: envelope.payload) } catch { throw .form(error) }
        guard order.org == trust.org else { throw .otherOrganisation(order.org) }
        guard let signer = envelope.soleSigner(verifiedBy: verifier) else { throw .badSignature }
        return (order, signer)
    }

    /// The order's author, if it is who signed it, by a key that counts now.
    private func author(
        of order: some SignedOrder, by signer: PublicKey, at now: Timestamp
    ) throws(OrderRefusal) -> TrustedPerson {
        guard let (person, key) = trust.holder(of: signer) else { throw .unknownKey }
        guard person.pseudonym == order.author else { throw .notAuthor }
        guard !key.isRevoked else { throw .revokedKey }
        guard !key.isExpired(at: now) else { throw .expiredKey }
        return person
    }

    /// The order and its author, who signed it by a key that counts now.
    func accepted<Order: SignedOrder>(
        _ envelope: Envelope, at now: Timestamp
    ) throws(OrderRefusal) -> (order: Order, author: TrustedPerson) {
        let (order, signer): (Order, PublicKey) = try read(envelope)
        return (order, try author(of: order, by: signer, at: now))
    }

    static func isTimely(_ order: some SignedOrder, at now: Timestamp) -> Bool {
        order.at <= now + leeway && now <= order.at + leeway
    }
}
