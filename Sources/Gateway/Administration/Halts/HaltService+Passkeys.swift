import InterlockGovernor
import InterlockModel

/// The passkey signatures under halts and releases.
extension HaltService {
    /// Stores the passkey's counter in the background. The halt does not wait for it and stays in force if it fails.
    func countLater(_ judged: VerifiedSignature?) {
        guard let judged, judged.passkey != nil else { return }
        Task {
            do throws(OrderRefusal) { try await passkeys.count([judged]) } catch {
                gateway.raise(alarm: "passkey.not_counted", subject: judged.signer.text)
            }
        }
    }

    /// Notes that an order was refused, and suspends its passkey if that may have been copied.
    ///
    /// - Returns: the refusal to report.
    func refused(_ order: Envelope, _ refusal: OrderRefusal) async -> OrderRefusal {
        let refusal = await passkeys.suspendCopy(refusal, under: order)
        note(refused: refusal)
        return refusal
    }
}
