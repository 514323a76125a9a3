import InterlockLimits
import InterlockMCP
package import InterlockModel
package import InterlockPorts

/// A call that was sent, or certainly not sent, with the upstream's answer.
package final class ExecutedCall: Sendable {
    package let cleared: ClearedCall
    package let answer: UpstreamResponse
    let sent: BootTime
    /// True if the call is a trial that shows whether its server has recovered.
    let wasTrial: Bool
    /// The time from the call's start to the upstream's answer.
    package let duration: Duration
    /// The halt that cancelled the call or came before its answer was returned.
    package let haltedBy: OrderID?
    /// The decision that ended the call because its server asked for input; nil if there was none.
    let refusedInput: RefusedInput?
    /// The search for markers of injections in its answer; nil if it is not searched for them.
    let markers: MarkerSearch?

    package var recorded: RecordedCall { cleared.recorded }
    var decided: DecidedCall { cleared.decided }
    var resolved: ResolvedCall { cleared.resolved }
    package var call: Call { cleared.call }
    var address: ToolAddress { cleared.address }

    fileprivate init(
        cleared: ClearedCall, answer: UpstreamResponse, sent: BootTime, wasTrial: Bool = false,
        duration: Duration, haltedBy: OrderID?, refusedInput: RefusedInput? = nil,
        markers: MarkerSearch? = nil
    ) {
        self.sent = sent
        self.wasTrial = wasTrial
        self.cleared = cleared
        self.answer = answer
        self.duration = duration
        self.haltedBy = haltedBy
        self.refusedInput = refusedInput
        self.markers = markers
    }
}

extension CallPipeline {
    /// Sends the canonical arguments and waits; the server's input requests pass through `GovernedInput`. Durable on
    /// return: the input requests and answers. If the process dies here the next start marks the intent as unknown.
    func execute(_ confirmed: ConfirmedCall, _ caller: Caller) async -> ExecutedCall {
        let cleared = confirmed.witnessed.cleared
        let call = cleared.call
        let caller = caller.current(of: call)
        let input = GovernedInput(cleared, gateway)
        // The response may now consist of more than one message.
        if call.notices?.preferences.isEmpty == false || (input != nil && !caller.version.isModern)
        {
            caller.startStream()
        }
        let started = gateway.clock.now
        // INVARIANT: enter the table first, read the halts afterwards; see `InFlightTable`.
        gateway.inFlight.enter(
            InFlightTable.Entry(
                call: call.id, principal: call.principal,
                owner: gateway.policy.owner(of: call.principal.agent), address: cleared.address,
                since: started, cancel: call.cancel))
        defer { gateway.inFlight.leave(call.id) }
        func unsent(_ answer: UpstreamResponse, haltedBy halt: OrderID? = nil) -> ExecutedCall {
            ExecutedCall(
                cleared: cleared, answer: answer, sent: started.boot, duration: .zero,
                haltedBy: halt)
        }
        if let reason = await gateway.noteWriting(of: cleared) {
            return unsent(.failed(.notExecuted, reason: reason))
        }
        if let halt = gateway.halt(of: call.principal, cleared.address) {
            call.cancel.note(.undone)
            return unsent(.cancelled(confirmed: true), haltedBy: halt)
        }
        guard gateway.send(cleared.decided) else {
            return unsent(.breakerOpen(AgentBreakerTimes.pace))
        }
        let admission = gateway.admit(cleared.recorded)
        if case .refused(let wait) = admission { return unsent(.breakerOpen(wait)) }
        let markers = gateway.noteReading(of: cleared)
        if let markers {
            call.notices?.attach(markers)
            input?.attach(markers)
        }
        let answer = await send(cleared, input)
        if call.cancel.cause == .halt { call.cancel.note(CutEnd(answer)) }
        let refusedInput = input?.refused
        return ExecutedCall(
            cleared: cleared, answer: answer, sent: started.boot, wasTrial: admission == .trial,
            duration: gateway.clock.boot - started.boot,
            // A value that was refused as an answer stops the run, after it has ended the call.
            haltedBy: refusedInput == nil ? gateway.halt(of: call.principal, cleared.address) : nil,
            refusedInput: refusedInput, markers: markers)
    }

    /// Sends the call. A subscription is not a request to its server: the subscriptions of all callers there are
    /// merged.
    private func send(_ cleared: ClearedCall, _ input: (any InputSink)?) async -> UpstreamResponse {
        let call = cleared.call
        guard !call.method.isSubscription else { return gateway.subscribe(cleared) }
        if let host = call.host { return await host.execute(cleared) }
        return await gateway.upstreams.call(
            UpstreamCall(
                call: call.id, agent: call.principal.agent, address: cleared.address,
                request: cleared.resolved.request,
                idleLimit: gateway.settings.upstreamIdleLimit,
                hardLimit: gateway.settings.upstreamHardLimit, cancel: call.cancel,
                notices: notices(of: cleared), input: input))
    }

    private func notices(of cleared: ClearedCall) -> (any NotificationSink)? {
        guard let notices = cleared.call.notices else { return nil }
        let sink: any NotificationSink =
            cleared.keepsFieldsBack ? WithheldNotifications(notices: notices) : notices
        guard !gateway.runs.labelled.isEmpty else { return sink }
        return LabelledNotifications(notices: sink, recorded: cleared.recorded, gateway: gateway)
    }
}

extension CutEnd {
    fileprivate init(_ answer: UpstreamResponse) {
        switch answer {
        case .result, .rpcError, .unmet: self = .answered
        case .breakerOpen, .cancelled(confirmed: true), .failed(.notExecuted, _),
            .timedOut(.notExecuted):
            self = .undone
        case .cancelled, .failed, .timedOut, .exceeded: self = .unknown
        }
    }
}
