import InterlockAlerts
import InterlockJSON
import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockPolicy
import InterlockPorts

/// A call that the circuit breaker of its run has counted; the breaker's verdict is a fact of the decision.
struct AttemptedCall {
    let searched: SearchedCall
    var resolved: ResolvedCall { searched.resolved }
    /// The mark by which breakers identify equal calls.
    let mark: CallFingerprint
    let breaker: BreakerVerdict

    fileprivate init(searched: SearchedCall, mark: CallFingerprint, breaker: BreakerVerdict) {
        self.searched = searched
        self.mark = mark
        self.breaker = breaker
    }
}

extension CallPipeline {
    /// Passes one more call of a run to the breakers, before it is decided. Makes nothing durable; a trip is in force at
    /// once and recorded afterwards.
    func attempt(_ searched: SearchedCall) -> AttemptedCall {
        let resolved = searched.resolved
        let mark = CallFingerprint(resolved.address, resolved.canonicalArguments)
        let verdict = gateway.attempt(mark, by: resolved.call.principal)
        return AttemptedCall(searched: searched, mark: mark, breaker: verdict)
    }
}

extension Gateway {
    fileprivate func attempt(_ mark: CallFingerprint, by principal: Principal) -> BreakerVerdict {
        let now = clock.now
        let (verdict, trip) = breakers.withRuns {
            $0.attempt(mark, principal.run, of: principal.agent, at: now.boot)
        }
        note(trip, at: now)
        return verdict
    }

    /// Counts a call that the policy permits, possibly subject to approval. Those of canaries are not counted: a drill
    /// needs more of them than a run may make where the breaker is set low.
    func begin(_ decided: DecidedCall) {
        let principal = decided.call.principal
        guard !principal.agent.isCanary else { return }
        let now = clock.now
        let call = watched(decided)
        note(
            breakers.withRuns { $0.begin(call, principal.run, of: principal.agent, at: now.boot) },
            at: now)
    }

    /// Counts a call that is about to be sent.
    ///
    /// - Returns: false if an equal call has tripped a breaker since this one was decided.
    func send(_ decided: DecidedCall) -> Bool {
        let now = clock.now
        let call = watched(decided)
        guard !call.isRead else { return true }
        let run = decided.call.principal.run
        let (maySend, trip) = breakers.withRuns { runs in
            runs.stops(call, run, at: now.boot)
                ? (false, nil) : (true, runs.send(call, run, at: now.boot))
        }
        note(trip, at: now)
        return maySend
    }

    /// Counts the result of a read-only call.
    func end(_ decided: DecidedCall, with result: [UInt8]?) {
        let call = watched(decided)
        guard call.isRead, let result else { return }
        let now = clock.now
        note(
            breakers.withRuns {
                $0.end(
                    call, with: CallFingerprint(result), decided.call.principal.run, at: now.boot)
            }, at: now)
    }

    /// Counts a policy denial. Limits are not counted: an agent that exceeds one retries later and must not be paused
    /// for that.
    func deny(_ resolved: ResolvedCall, _ mark: CallFingerprint, for reason: DecisionReason) {
        switch reason {
        // The agent is not the cause: a limit has its own response, the others apply to every agent.
        case .limit, .halted, .noPolicy, .quarantined, .incomplete, .scanFailed, .evalMissing,
            .evalFailed, .evalStale, .evalUnsigned, .evalThin, .evalUnproven:
            return
        default: break
        }
        let principal = resolved.call.principal
        let now = clock.now
        let call = WatchedCall(denied: mark, resolved.address, resolved.arguments)
        note(
            breakers.withRuns { $0.deny(call, principal.run, of: principal.agent, at: now.boot) },
            at: now)
    }

    /// Counts a denial by people.
    func refuse(_ call: Call) {
        let now = clock.now
        note(
            breakers.withRuns {
                $0.refuse(call.principal.run, of: call.principal.agent, at: now.boot)
            }, at: now)
    }

    /// Pauses a run because a person marked one of its calls as suspicious; only a person can resume it.
    package func suspect(_ run: RunID, of agent: AgentName) {
        let now = clock.now
        let isNew = breakers.withRuns { $0.pause(run, of: agent, "suspicious", at: now.boot) }
        guard isNew else { return }
        note(
            BreakerTrip(run: run, agent: agent, signal: .suspicious, step: .pause, until: nil),
            at: now)
    }

    /// Ends the throttles whose time has passed, and records their ends.
    func endThrottles() {
        for run in breakers.withRuns({ $0.endThrottles(at: self.clock.boot) }) {
            guard let context = runs.known(run.run) else { continue }
            ledger.note(RecordDraft(.responseEnd, run: context, fields: ["code": "time"]))
        }
    }

    private func watched(_ decided: DecidedCall) -> WatchedCall {
        WatchedCall(
            decided.mark, isRead: decided.decision.toolClass == .read,
            poll: breakers.poll[decided.address])
    }

    /// Records a trip, which is already in force, and raises its alert.
    private func note(_ trip: BreakerTrip?, at now: ClockReading) {
        guard let trip else { return }
        switch trip.step {
        case .pause: counters.pauses.count()
        case .throttle: counters.throttles.count()
        }
        let context =
            runs.known(trip.run) ?? RunContext(run: trip.run, agent: trip.agent, subject: nil)
        var fields: JSONObject = ["code": .string(trip.signal.rawValue)]
        if let until = trip.until {
            fields["until"] = .integer((now.wall + (until - now.boot)).microseconds)
        }
        ledger.note(
            RecordDraft(
                trip.step == .pause ? .responsePause : .responseThrottle, run: context,
                fields: fields))
        var alarm = records.alarm("breaker.agent", subject: trip.agent.text)
        alarm.agent = trip.agent
        alarm.run = trip.run
        alarm.response = trip.step.rawValue
        alarm.summary = """
            a run of \(trip.agent.text) is \(trip.step == .pause ? "paused" : "slowed down"): \
            \(trip.signal.rawValue)
            """
        raise(
            alarm, ["signal": .string(trip.signal.rawValue), "step": .string(trip.step.rawValue)])
    }
}

extension Gateway {
    /// The refusal of a run that is paused, with the reason and the id by which a person resumes it.
    func pausedRefusal(of run: RunID) -> Refusal {
        Refusal(
            .limited, "limit", "breaker-agent",
            "this run is paused: \(breakers.reason(of: run) ?? "a breaker stopped it"); the agent's owner "
                + "can resume it (`interlock runs unpause \(run.text)`)",
            retryAfterMilliseconds: 60_000, outcome: .notExecuted)
    }

    func throttledRefusal(of run: RunID, for wait: Duration) -> Refusal {
        let milliseconds = max(1_000, wait.microseconds / 1_000)
        return Refusal(
            .limited, "limit", "breaker-agent",
            "this run is slowed down to one call in \(AgentBreakerTimes.pace.components.seconds) s: "
                + "\(breakers.reason(of: run) ?? "a breaker slowed it down"); the next may come in "
                + "\((milliseconds + 999) / 1_000) s",
            retryAfterMilliseconds: Int(milliseconds), outcome: .notExecuted)
    }
}
