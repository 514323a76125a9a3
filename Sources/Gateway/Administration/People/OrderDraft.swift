package import InterlockModel

/// An order for one person's passkey to sign. Drafts are not stored: the signed order alone decides whether the
/// signature counts.
package struct OrderDraft: Sendable {
    package let payloadType: PayloadType
    /// The canonical bytes of the order.
    package let payload: [UInt8]
    /// The SHA-256 of the pre-authentication encoding, 32 bytes.
    package let challenge: [UInt8]
    /// The person's passkeys that are not revoked.
    package let credentials: [PasskeyID]

    init<Order: SignedOrder>(
        _ order: Order, for person: Pseudonym, trust: AuthorizedKeys, hashing: any Hashing
    ) throws(FormError) {
        self.init(
            Order.payloadType, try order.canonical(), for: person, trust: trust, hashing: hashing)
    }

    init(
        _ type: PayloadType, _ payload: [UInt8], for person: Pseudonym, trust: AuthorizedKeys,
        hashing: any Hashing
    ) {
        payloadType = type
        self.payload = payload
        challenge =
            Envelope(payloadType: type, payload: payload, signatures: [])
            .challenge(hashing).bytes
        credentials = trust.passkeys.filter { $0.holder == person && !$0.isRevoked }.map(\.id)
    }
}
