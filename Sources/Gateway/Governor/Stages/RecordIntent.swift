package import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// A call whose intent is durable: exactly one further record closes it.
package final class RecordedCall: Sendable {
    package let decided: DecidedCall
    package let intent: Receipt
    /// The units reserved of its limits until it ends.
    let held: LimitReservation

    package var call: Call { decided.call }
    package var address: ToolAddress { decided.address }

    fileprivate init(decided: DecidedCall, intent: Receipt, held: LimitReservation) {
        self.decided = decided
        self.intent = intent
        self.held = held
    }
}

extension CallPipeline {
    /// Records the intent. Durable on return: the intent with arguments and decision input, and space for its closing
    /// record. If the process dies here nothing was sent; the next start closes the intent.
    func recordIntent(_ decided: DecidedCall) async -> Result<RecordedCall, PipelineExit> {
        let resolved = decided.resolved
        guard !gateway.logWatch.isStill else {
            gateway.countDenial(
                of: resolved.call.principal.agent, at: resolved.address,
                code: Refusal.unrecorded(.still).code)
            return .failure(.refused(.unrecorded(.still)))
        }
        if gateway.storeWatch.isDown { return .failure(refuseWithoutStore(resolved)) }
        gateway.runs.open(resolved.run, policy: resolved.policy.digest)
        let context = gateway.noteContext(
            of: resolved.call, resolved.run, under: resolved.policy.digest, isPermitted: true)
        let held: LimitReservation
        do throws(LimitExceeded) { held = try gateway.hold(decided) } catch {
            // A concurrent call took the units first.
            let refusal = gateway.refusal(error, of: resolved.call)
            gateway.countDenial(
                of: resolved.call.principal.agent, at: resolved.address, code: refusal.code)
            gateway.note(
                gateway.records.denied(
                    resolved.call.id, run: resolved.run, address: resolved.address,
                    arguments: resolved.canonicalArguments, policy: resolved.policy.digest,
                    code: refusal.code, rule: error.demand.limit.leafText, context),
                under: resolved.policy.digest)
            return .failure(.refused(refusal))
        }
        do {
            // Sums cannot be read from sealed arguments at a start, so they have records of their own, before the
            // intent.
            for record in gateway.sums(of: decided) { _ = try await gateway.ledger.append(record) }
            let receipt = try await gateway.ledger.append(
                gateway.records.intent(decided, context))
            gateway.begin(decided)
            return .success(RecordedCall(decided: decided, intent: receipt, held: held))
        } catch {
            gateway.limits.giveBack(held)
            gateway.countDenial(
                of: resolved.call.principal.agent, at: resolved.address, code: error.code)
            return .failure(.refused(.unrecorded(error)))
        }
    }

    /// Refuses the call because the store is down; the log works, so the refusal is recorded.
    private func refuseWithoutStore(_ resolved: ResolvedCall) -> PipelineExit {
        let refusal = Refusal.storeDown
        gateway.countDenial(
            of: resolved.call.principal.agent, at: resolved.address, code: refusal.code)
        gateway.note(
            gateway.records.denied(
                resolved.call.id, run: resolved.run, address: resolved.address,
                arguments: resolved.canonicalArguments, policy: resolved.policy.digest,
                code: refusal.code, rule: "store",
                gateway.noteContext(
                    of: resolved.call, resolved.run, under: resolved.policy.digest,
                    isPermitted: false)),
            under: resolved.policy.digest)
        return .refused(refusal)
    }
}

extension Refusal {
    package static func unrecorded(_ refusal: LedgerRefusal) -> Refusal {
        let reason = refusal.code.split(separator: ".").last.map(String.init) ?? "unavailable"
        return Refusal(
            .denied, "audit", reason, rule: refusal.code,
            "the audit log cannot record this call, so it was not sent (\(refusal.code))",
            retryAfterMilliseconds: 1000, outcome: .notExecuted)
    }
}
