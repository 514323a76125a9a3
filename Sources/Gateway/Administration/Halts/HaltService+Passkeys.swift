import InterlockGovernor
import InterlockModel

/// What people sign about halts by passkey.
extension HaltService {
    /// Keeps the counter for a halt, which waits for no disk and stands whatever comes of this.
    func countLater(_ judged: VerifiedSignature?) {
        guard let judged, judged.passkey != nil else { return }
        Task {
            do throws(OrderRefusal) { try await passkeys.count([judged]) } catch {
                gateway.raise(alarm: "passkey.not_counted", subject: judged.signer.text)
            }
        }
    }

    /// Tells of an order that was not taken.
    ///
    /// - Returns: as it is to be answered.
    func refused(_ order: Envelope, _ refusal: OrderRefusal) async -> OrderRefusal {
        let refusal = await passkeys.suspendCopy(refusal, under: order)
        note(refused: refusal)
        return refusal
    }
}
