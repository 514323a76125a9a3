import InterlockGovernor
import InterlockModel

/// The passkeys that a desk's orders are signed with. The counter of each goes up, so a copy of a passkey shows sooner
/// or later.
struct OrderPasskeys<Refusal: SignedOrderRefusal>: Sendable {
    let gateway: Gateway
    /// nil where nobody can sign by passkey.
    let people: PeoplePasskeys?

    func judge(_ hashing: any Hashing) -> EnrolledPasskeyVerifier? { people?.judge(hashing) }

    /// Verifies what people signed in this order. A passkey that may have been copied signs nothing more.
    func believed<Verified>(
        _ order: Envelope, _ verify: () throws(Refusal) -> Verified
    ) async throws(Refusal) -> Verified {
        do throws(Refusal) { return try verify() } catch {
            throw await suspendCopy(error, under: order)
        }
    }

    /// Suspends the passkey whose counter went back, if that is why the order is refused.
    ///
    /// - Returns: how the order is refused.
    func suspendCopy(_ refusal: Refusal, under order: Envelope) async -> Refusal {
        guard let id = refusal.copy else { return refusal }
        let isSuspended =
            await people?.suspend(id, under: order) { gateway.raise(alarm: $0, subject: $1) }
            ?? false
        return isSuspended ? refusal : Refusal(.badAssertion(.counterWentBack))
    }

    /// Keeps the counters, durable on return, before what was signed can act. A key has none.
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
