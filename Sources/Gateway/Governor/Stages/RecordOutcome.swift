import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A call whose end is durable, with the response for its caller.
package final class ClosedCall: Sendable {
    let resolved: ResolvedCall
    package let shown: InspectedCall.Output

    fileprivate init(_ inspected: InspectedCall, shown: InspectedCall.Output) {
        resolved = inspected.resolved
        self.shown = shown
    }
}

extension CallPipeline {
    /// Records the outcome. Durable on return: the outcome with the result. A result that could not be recorded is
    /// withheld: the agent never learns anything that is not in the log.
    func recordOutcome(_ inspected: InspectedCall) async -> ClosedCall {
        let call = inspected.call
        gateway.settle(inspected)
        gateway.judgeServer(by: inspected)
        gateway.end(inspected.executed.decided, with: inspected.result)
        // The result of a host's call is not shown by the gateway.
        let hasContent =
            inspected.found != nil && inspected.state != .withheld && call.host == nil
        if hasContent {
            // Once the call is closed, its run may end, and what is added later would stay.
            await gateway.index(
                sensitive: inspected.shown.document, of: inspected.executed.recorded)
        }
        // Ended first: a message with a marker makes the run hostile, and none comes after this.
        let notices = call.notices?.end()
        let closing = gateway.records.closing(
            inspected, gateway.runs.tainted.settledLevel(of: call.principal.run),
            gateway.runs.tainted.taint(of: call.principal.run),
            hasValues: gateway.runs.tainted.hasValues(call.principal.run), notices: notices)
        do {
            _ = try await gateway.ledger.append(closing)
            count(inspected, as: inspected.end)
            gateway.observe(inspected)
            if hasContent {
                await gateway.index(
                    content: inspected.shown.document, of: inspected.executed.recorded,
                    isAnswer: true)
            }
            guard await isReleased(inspected) else {
                return ClosedCall(inspected, shown: .refusal(.resultNotKept))
            }
            // A halt that came while the record was written still withholds the result.
            if case .result = inspected.shown,
                let halt = gateway.halt(of: call.principal, inspected.address)
            {
                return ClosedCall(inspected, shown: .refusal(.halted(by: halt)))
            }
            return ClosedCall(inspected, shown: inspected.shown)
        } catch {
            count(inspected, as: .withheld)
            // If only the payload could not be stored, the call is closed without it.
            if error.code == "audit.payload" {
                gateway.ledger.note(gateway.records.withholding(closing))
            }
            let refusal = Refusal(
                .upstreamFailed, "audit", "payload", rule: error.code,
                "the call ran; its result is withheld because it could not be recorded (\(error.code))",
                outcome: .executed)
            return ClosedCall(inspected, shown: .refusal(refusal))
        }
    }

    /// Returns true once the store of the cluster has the level that the result brought its run. The result of a host's call
    /// is not shown here, and a refusal brings nothing.
    private func isReleased(_ inspected: InspectedCall) async -> Bool {
        if case .refusal = inspected.shown { return true }
        guard inspected.call.host == nil else { return true }
        return await gateway.commitLevel(
            of: inspected.call.principal.run, for: inspected.call.id)
    }

    private func count(_ inspected: InspectedCall, as end: CallTally.End) {
        if case .failed = end, inspected.executed.haltedBy == nil,
            let refused = inspected.executed.refusedInput
        {
            return gateway.countDenial(
                of: inspected.call.principal.agent, at: inspected.address,
                code: refused.refusal.code)
        }
        switch end {
        case .allow:
            gateway.counters.allowed.count()
            let decision = inspected.executed.decided.decision
            if decision.verdict.needsPeople {
                gateway.counters.approved.count()
            }
        case .deny: gateway.counters.denied.count()
        case .withheld: gateway.counters.withheld.count()
        case .failed: gateway.counters.upstreamFailures.count()
        }
        gateway.tally.count(
            end, of: inspected.call.principal.agent,
            at: inspected.address)
    }
}

extension RecordedCall {
    /// Refuses a call that was not sent; the record closes its intent.
    ///
    /// - Parameter again: the decision at release, if one was made.
    func refused(_ refusal: Refusal, again: JudgedCall? = nil) -> RefusedRequest {
        RefusedRequest(.refused(refusal), .recorded(self, refusal, again: again))
    }
}

extension InspectedCall {
    fileprivate var end: CallTally.End {
        switch state {
        case .ok, .toolError: .allow
        case .withheld: .withheld
        case .error, .cancelled, .notExecuted, .unknown: .failed
        }
    }
}
