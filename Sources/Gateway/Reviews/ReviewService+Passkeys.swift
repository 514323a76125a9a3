import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockReview

// The passkeys under a sign-off. A counter is compared and stored once, as its signature comes in.
extension ReviewService {
    /// Compares the counters of the passkeys that signed since, and stores them, durable on return. A passkey whose counter
    /// went back may be a copy, and is suspended.
    func count(_ envelope: Envelope, after before: Envelope?) async throws(Problem) {
        let counted = Set((before?.signatures ?? []).map(\.credential))
        for signature in envelope.signatures
        where signature.key == nil && !counted.contains(signature.credential) {
            guard let passkeys = sources.passkeys, let keys = registry.keys else {
                throw Problem(.notRead, "no passkey can sign here")
            }
            let orders = SignedOrderVerifier(
                trust: keys, verifier: registry.verifier,
                passkeys: passkeys.judge(registry.hashing))
            let judged: VerifiedSignature
            do throws(OrderRefusal) {
                judged = try orders.judge(signature, over: envelope.message, .now(registry.now()))
            } catch {
                if case .copiedPasskey(let id) = error {
                    let gateway = gateway
                    _ = await passkeys.suspend(id, under: envelope) { code, subject in
                        gateway.raise(alarm: code, subject: subject)
                    }
                }
                throw Problem(error)
            }
            guard !judged.isExpired else {
                throw Problem(.notEligible, "the passkey has expired")
            }
            switch await passkeys.count(judged) {
            case .kept: continue
            case .overtaken: throw Problem(OrderRefusal.badAssertion(.counterWentBack))
            case .notKept:
                throw Problem(.notRecorded, "the counter of the passkey cannot be stored")
            }
        }
    }
}
