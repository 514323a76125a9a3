import InterlockGovernor
import InterlockModel

/// What people sign about halts by passkey.
extension HaltService {
    /// Keeps their counters, durable on return, before what they signed can act.
    func count(_ judged: [VerifiedSignature]) async throws(OrderRefusal) {
        for signature in judged { try await passkeys.count(signature) }
    }

    /// The same for a halt, which waits for no disk and stands whatever comes of this.
    func countLater(_ judged: VerifiedSignature?) {
        guard let judged, judged.passkey != nil else { return }
        Task {
            do throws(OrderRefusal) { try await passkeys.count(judged) } catch {
                gateway.raise(alarm: "passkey.not_counted", subject: judged.signer.text)
            }
        }
    }

    /// Tells of an order that was not taken.
    ///
    /// - Returns: as it is to be answered.
    func refused(_ order: Envelope, _ refusal: OrderRefusal) async -> OrderRefusal {
        var refusal = refusal
        if case .copiedPasskey(let id) = refusal {
            refusal = await passkeys.suspend(id, under: order)
        }
        note(refused: refusal)
        return refusal
    }
}
