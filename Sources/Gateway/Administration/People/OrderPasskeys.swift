import InterlockGovernor
import InterlockModel

/// Verifies the passkeys under the orders of one service and stores their counters. Counters increase with each use,
/// which eventually reveals a copied passkey.
struct OrderPasskeys<Refusal: SignedOrderRefusal>: Sendable {
    let gateway: Gateway
    /// Is nil if signing by passkey is not configured.
    let people: PeoplePasskeys?

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
            await people?.suspend(id, under: order) { gateway.raise(alarm: $0, subject: $1) }
            ?? false
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
