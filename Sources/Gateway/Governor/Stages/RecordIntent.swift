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

    package var resolved: ResolvedCall { decided.resolved }
    var decision: Decision { decided.decision }
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
    func recordIntent(_ decided: DecidedCall) async -> Result<RecordedCall, RefusedRequest> {
        let resolved = decided.resolved
        func unrecorded(_ why: LedgerRefusal, code: String) -> Result<RecordedCall, RefusedRequest>
        {
            .failure(
                RefusedRequest(
                    .refused(.unrecorded(why)),
                    .counted(resolved.run.agent, resolved.address, code: code)))
        }
        guard !gateway.monitors.log.isStill else {
            return unrecorded(.still, code: Refusal.unrecorded(.still).code)
        }
        // The store is down and the log works, so the refusal is recorded.
        guard !gateway.monitors.store.isDown else {
            return .failure(
                RefusedRequest(
                    .refused(.storeDown),
                    .undecided(resolved.refused, code: Refusal.storeDown.code, rule: "store")))
        }
        // Asked before anything is taken for the call; `obstacle` asks again before it is sent.
        let entry: ChainReference?
        switch gateway.nodeEntry(of: decided) {
        case .success(let newest): entry = newest
        case .failure(let refusal):
            return .failure(
                RefusedRequest(
                    .refused(refusal),
                    .undecided(resolved.refused, code: refusal.code, rule: refusal.rule)))
        }
        let policy = resolved.policy.digest
        gateway.runs.open(resolved.run, policy: policy)
        let context = gateway.noteContext(
            resolved.call.context, of: resolved.call.id, resolved.run, under: policy,
            isPermitted: true)
        if gateway.recipients.limits(decided.address),
            let refusal = await gateway.takeRecipients(of: decided, context)
        {
            return .failure(refusal)
        }
        let held: LimitReservation
        do throws(LimitUnitsFailure) {
            // Only a call that waits has a frame for it.
            let hold =
                if let known = gateway.holdAtHand(decided) { known } else {
                    try await gateway.hold(decided)
                }
            switch hold {
            case .held(let units): held = units
            case .exceeded(let exceeded):
                // A concurrent call took the units first.
                return .failure(gateway.refused(resolved, exceeded, context))
            }
        } catch {
            let refusal = Refusal.unitsUnknown(error)
            return .failure(
                RefusedRequest(
                    .refused(refusal),
                    .undecided(
                        resolved.refused, code: refusal.code, rule: "limits", context: context,
                        limit: "unavailable")))
        }
        do {
            // Sums cannot be read from sealed arguments at a start, so they have records of their own, before the
            // intent.
            for record in gateway.sums(of: decided) { _ = try await gateway.ledger.append(record) }
            let intent = gateway.records.intent(decided, context, at: entry)
            let receipt = try await gateway.ledger.append(intent)
            gateway.begin(decided)
            return .success(RecordedCall(decided: decided, intent: receipt, held: held))
        } catch {
            gateway.units.giveBack(held)
            return unrecorded(error, code: error.code)
        }
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
