import InterlockGovernor
package import InterlockModel

/// Verifies the passkeys under the orders of one service and stores their counters. Counters increase with each use,
/// which eventually reveals a copied passkey.
///
/// INVARIANT: sending an order again does not suspend a passkey. Kept by `PasskeyHaltTests`, `ElevationPasskeyTests`,
/// `SignOffServiceTests`.
struct OrderPasskeys<Refusal: SignedOrderRefusal>: Sendable {
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void
    /// Is nil if signing by passkey is not configured.
    private let people: PeoplePasskeys?

    init(
        people: PeoplePasskeys?,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.people = people
        self.alarm = alarm
    }

    init(gateway: Gateway, people: PeoplePasskeys?) {
        self.init(people: people) { gateway.raise(alarm: $0, subject: $1) }
    }

    func judge(_ hashing: any Hashing) -> EnrolledPasskeyVerifier? { people?.judge(hashing) }

    /// Returns the result of `verify`. If it fails because a passkey's counter went back, suspends the passkey before
    /// it throws.
    func believed<Verified>(
        _ order: Envelope, _ verify: () throws(Refusal) -> Verified
    ) async throws(Refusal) -> Verified {
        do throws(Refusal) { return try verify() } catch {
            throw await suspendCopy(error, under: order)
        }
    }

    /// Suspends the passkey if the order is refused because its counter went back.
    ///
    /// - Returns: the refusal to report; `badAssertion` if the counter went back but the passkey was not suspended.
    func suspendCopy(_ refusal: Refusal, under order: Envelope) async -> Refusal {
        guard let id = refusal.copy else { return refusal }
        let isSuspended =
            await people?.suspend(id, under: order, alarm: alarm) ?? false
        return isSuspended ? refusal : Refusal(.badAssertion(.counterWentBack))
    }

    /// Stores the passkeys' counters, durable on return, before the order can take effect. Keys have no counter.
    func count(_ signatures: [VerifiedSignature]) async throws(Refusal) {
        for signature in signatures where signature.passkey != nil {
            switch await people?.count(signature) {
            case .kept: continue
            case .overtaken: throw Refusal(.badAssertion(.counterWentBack))
            case .notKept, nil: throw Refusal(.notRecorded("store"))
            }
        }
    }
}

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

    package init(
        _ type: PayloadType, _ payload: [UInt8], for person: Pseudonym, trust: AuthorizedKeys,
        hashing: any Hashing
    ) {
        self.init(
            type, payload,
            credentials: trust.passkeys.filter { $0.holder == person && !$0.isRevoked }.map(\.id),
            hashing: hashing)
    }

    init(
        _ type: PayloadType, _ payload: [UInt8], credentials: [PasskeyID], hashing: any Hashing
    ) {
        payloadType = type
        self.payload = payload
        self.credentials = credentials
        challenge =
            Envelope(payloadType: type, payload: payload, signatures: []).challenge(hashing).bytes
    }
}
