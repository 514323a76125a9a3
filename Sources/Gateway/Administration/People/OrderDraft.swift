package import InterlockModel

/// An order as one person's passkey is to sign it. It says what the signature will stand for, and nothing is kept of
/// it here: whether the signature counts is judged by the order alone, when it comes in.
package struct OrderDraft: Sendable {
    package let payloadType: PayloadType
    /// The canonical bytes.
    package let payload: [UInt8]
    /// 32 bytes: SHA-256 of the pre-authentication encoding.
    package let challenge: [UInt8]
    /// The person's passkeys that were not revoked.
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
