package import InterlockLedger
package import InterlockModel
import InterlockPolicy

/// A call whose intent is durable: from here on exactly one record closes it.
package final class RecordedCall: Sendable {
    package let decided: DecidedCall
    package let intent: Receipt

    package var call: Call { decided.call }
    package var address: ToolAddress { decided.address }

    fileprivate init(decided: DecidedCall, intent: Receipt) {
        self.decided = decided
        self.intent = intent
    }
}

extension CallPipeline {
    /// On disk when it returns: the intent with arguments and decision input, and room for its end.
    /// If the process dies here nothing was sent; the next start closes the intent.
    func recordIntent(_ decided: DecidedCall) async -> Result<RecordedCall, Stop> {
        let resolved = decided.resolved
        gateway.runs.open(resolved.run, policy: resolved.policy.digest)
        let context = gateway.noteContext(
            of: resolved.call, resolved.run, under: resolved.policy.digest, isPermitted: true)
        do {
            let receipt = try await gateway.ledger.append(
                gateway.records.intent(decided, context))
            return .success(RecordedCall(decided: decided, intent: receipt))
        } catch {
            gateway.countDenial(
                of: resolved.call.principal.agent, at: resolved.address, code: error.code)
            return .failure(.refused(.unrecorded(error)))
        }
    }
}

extension Refusal {
    static func unrecorded(_ refusal: LedgerRefusal) -> Refusal {
        let reason = refusal.code.split(separator: ".").last.map(String.init) ?? "unavailable"
        return Refusal(
            .denied, "audit", reason, rule: refusal.code,
            "the audit log cannot record this call, so it was not sent (\(refusal.code))",
            retryAfterMilliseconds: 1000, outcome: .notExecuted)
    }
}
