import InterlockJSON
import InterlockMCP
package import InterlockModel

/// A call that was sent, or surely not sent, with what came back.
package final class ExecutedCall: Sendable {
    package let cleared: ClearedCall
    package let answer: UpstreamAnswer
    /// From the call's start to the upstream's answer.
    package let duration: Duration
    /// Set when a halt cancelled the call or came before its answer could leave.
    package let haltedBy: OrderID?

    package var recorded: RecordedCall { cleared.recorded }
    package var call: Call { cleared.call }

    fileprivate init(
        cleared: ClearedCall, answer: UpstreamAnswer, duration: Duration, haltedBy: OrderID?
    ) {
        self.cleared = cleared
        self.answer = answer
        self.duration = duration
        self.haltedBy = haltedBy
    }
}

extension CallPipeline {
    /// Sends the canonical arguments and waits; what the server asks meanwhile goes through
    /// `GovernedInput`. On disk when it returns: what was asked and answered. If the process dies here
    /// the next start marks the intent as unknown.
    func execute(_ witnessed: WitnessedCall, _ caller: Caller) async -> ExecutedCall {
        let cleared = witnessed.cleared
        let call = cleared.call
        let input = GovernedInput(cleared, gateway)
        // From here on the answer may be more than one message.
        if call.progress != nil || (input != nil && !caller.version.isModern) {
            caller.startStream()
        }
        let started = gateway.clock.now
        // INVARIANT: enter the table first, read the halts after; see InFlightTable.
        gateway.inFlight.enter(
            InFlightTable.Entry(
                call: call.id, principal: call.principal,
                owner: gateway.policy.owner(of: call.principal.agent), address: cleared.address,
                since: started, cancel: call.cancel))
        defer { gateway.inFlight.leave(call.id) }
        if let halt = gateway.halt(of: call.principal, cleared.address) {
            return ExecutedCall(
                cleared: cleared, answer: .cancelled(confirmed: true), duration: .zero,
                haltedBy: halt)
        }
        let answer = await gateway.upstreams.call(
            UpstreamCall(
                call: call.id, agent: call.principal.agent, address: cleared.address,
                arguments: cleared.recorded.decided.resolved.canonicalArguments,
                idleLimit: gateway.settings.upstreamIdleLimit,
                hardLimit: gateway.settings.upstreamHardLimit, cancel: call.cancel,
                progress: progress(of: cleared), input: input))
        return ExecutedCall(
            cleared: cleared, answer: answer, duration: gateway.clock.now.boot - started.boot,
            haltedBy: gateway.halt(of: call.principal, cleared.address))
    }

    /// Where fields of the result are kept back, only how far the server is goes on to the agent.
    private func progress(of cleared: ClearedCall) -> (@Sendable (JSONObject) -> Void)? {
        guard cleared.keepsFieldsBack, let progress = cleared.call.progress else {
            return cleared.call.progress
        }
        return { object in
            var object = object
            object["message"] = nil
            progress(object)
        }
    }
}
