package import InterlockModel

/// The effect of a breaker's trip on a run.
package struct BreakerTrip: Sendable, Hashable {
    package enum Step: String, Sendable { case throttle, pause }

    package let run: RunID
    package let agent: AgentName
    package let signal: AgentSignal
    package let step: Step
    /// The end of a throttle; is nil for a pause.
    package let until: BootTime?

    package init(run: RunID, agent: AgentName, signal: AgentSignal, step: Step, until: BootTime?) {
        self.run = run
        self.agent = agent
        self.signal = signal
        self.step = step
        self.until = until
    }
}

/// The state of a run that a breaker throttles or pauses.
package struct HeldRun: Sendable, Hashable {
    package let run: RunID
    package let agent: AgentName
    package let step: BreakerTrip.Step
    /// A signal, or `person`.
    package let reason: String
    /// The end of a throttle; is nil for a pause.
    package let until: BootTime?

    package init(
        run: RunID, agent: AgentName, step: BreakerTrip.Step, reason: String, until: BootTime?
    ) {
        self.run = run
        self.agent = agent
        self.step = step
        self.reason = reason
        self.until = until
    }
}

/// The breaker's verdict on one call.
package enum BreakerVerdict: Sendable, Hashable {
    case free
    /// One call at a time: the next call is admitted after this duration.
    case throttled(Duration)
    case paused
}

/// The circuit breakers that stop loops of agents: the recent behaviour of each run, and the runs that are throttled or
/// paused. A value type without a clock. The length of a run and the number of its calls are counted by session: from one
/// silence of half an hour to the next, since a token, and so a run, can live for a month (decision 0057).
///
/// The first trip lets a run's calls through one by one; a second within the hour, or the same call again during the
/// throttle, pauses the run until a person resumes it (docs/specs/limits-and-monitoring.md, section 8).
package struct AgentBreakers: Sendable {
    /// The most runs that are watched at the same time; above it, runs that are not held are forgotten.
    package static let most = 20_000

    fileprivate struct Run: Sendable {
        let agent: AgentName
        var watch: RunLoopDetector
        var hold: Hold?
        /// The time of the last trip.
        var tripped: BootTime?
        var newest: BootTime
    }
    fileprivate enum Hold: Sendable {
        case throttled(until: BootTime, next: BootTime, by: CallFingerprint?, AgentSignal)
        case paused(String)
    }
    private struct Agent: Sendable {
        var denials = 0
        var times = RecentTimes()
    }

    private var runs: [RunID: Run] = [:]
    private var agents: [AgentName: Agent] = [:]
    package var settings: AgentBreakerSettings

    package init(_ settings: AgentBreakerSettings) { self.settings = settings }

    /// Takes one more call of a run, before it is decided.
    ///
    /// - Returns: whether the call may continue, and what it tripped.
    package mutating func attempt(
        _ call: CallFingerprint, _ run: RunID, of agent: AgentName, at now: BootTime
    ) -> (BreakerVerdict, BreakerTrip?) {
        change(run, agent, at: now) { entry, settings in
            entry.beginSession(at: now)
            switch entry.hold {
            case .paused: return (.paused, nil)
            case .throttled(let until, let next, let mark, let signal) where now < until:
                if mark == call { return (.paused, entry.pause(run, signal, at: now)) }
                guard now >= next else { return (.throttled(next - now), nil) }
                entry.hold = .throttled(
                    until: until, next: now + AgentBreakerTimes.pace, by: mark, signal)
            case .throttled, nil: break
            }
            guard let signal = entry.watch.outgrown(at: now, settings) else { return (.free, nil) }
            let trip = entry.trip(run, signal, by: nil, at: now)
            if case .paused? = entry.hold { return (.paused, trip) }
            return (.free, trip)
        }
    }

    /// Returns the reason for which the run is throttled or paused, a signal or `person`, or nil if it is not.
    package func reason(of run: RunID) -> String? {
        switch runs[run]?.hold {
        case nil: nil
        case .paused(let reason): reason
        case .throttled(_, _, _, let signal): signal.rawValue
        }
    }

    /// Checks again, later in the pipeline, a call that was admitted before.
    package func isPaused(_ run: RunID) -> Bool {
        if case .paused? = runs[run]?.hold { true } else { false }
    }

    /// Takes a permitted call, before people are asked about it.
    package mutating func begin(
        _ call: WatchedCall, _ run: RunID, of agent: AgentName, at now: BootTime
    ) -> BreakerTrip? {
        if !agents.isEmpty { agents[agent]?.denials = 0 }
        return change(run, agent, at: now) { entry, settings in
            entry.watch.begin(call, at: now, settings).flatMap {
                entry.trip(run, $0, by: call.mark, at: now)
            }
        }
    }

    /// Returns whether an admitted call must not be sent: a concurrent call may have tripped the breaker meanwhile.
    package func stops(_ call: WatchedCall, _ run: RunID, at now: BootTime) -> Bool {
        switch runs[run]?.hold {
        case .paused: true
        case .throttled(let until, _, let mark, .sameWrite): mark == call.mark && now < until
        case .throttled, nil: false
        }
    }

    /// Takes a call that is about to be sent.
    package mutating func send(_ call: WatchedCall, _ run: RunID, at now: BootTime) -> BreakerTrip?
    {
        let settings = settings
        guard let signal = runs[run]?.watch.send(call, at: now, settings) else { return nil }
        return runs[run]?.trip(run, signal, by: call.mark, at: now)
    }

    /// Takes the result of a call.
    package mutating func end(
        _ call: WatchedCall, with result: CallFingerprint, _ run: RunID, at now: BootTime
    ) -> BreakerTrip? {
        let settings = settings
        guard let signal = runs[run]?.watch.end(call, with: result, at: now, settings) else {
            return nil
        }
        return runs[run]?.trip(run, signal, by: call.mark, at: now)
    }

    /// Counts a call that the policy denied for a reason other than a limit.
    package mutating func deny(
        _ call: WatchedCall, _ run: RunID, of agent: AgentName, at now: BootTime
    ) -> BreakerTrip? {
        var state = agents[agent] ?? Agent()
        state.denials += 1
        var signal: AgentSignal?
        if state.times.note(now, Repeats(settings.denialsMinute, in: .seconds(60))) {
            state.times.clear()
            signal = .denialsMinute
        }
        if state.denials >= settings.denials {
            state.denials = 0
            signal = .denials
        }
        if agents.count >= Self.most, agents[agent] == nil { agents = [:] }
        agents[agent] = state
        return change(run, agent, at: now) { entry, settings in
            (entry.watch.deny(call, at: now, settings) ?? signal).flatMap {
                entry.trip(run, $0, by: call.mark, at: now)
            }
        }
    }

    /// Counts a request of the run that people denied.
    package mutating func refuse(_ run: RunID, of agent: AgentName, at now: BootTime)
        -> BreakerTrip?
    {
        change(run, agent, at: now) { entry, settings in
            entry.watch.refuse(settings).flatMap { entry.trip(run, $0, by: nil, at: now) }
        }
    }

    /// Throttles the run from now on, as after a trip; the record of its last trip is unchanged.
    ///
    /// - Returns: the end of the throttle, or nil if the run is paused, which is stricter.
    package mutating func throttle(
        _ run: RunID, of agent: AgentName, for time: Duration, at now: BootTime
    ) -> BootTime? {
        change(run, agent, at: now) { entry, _ in
            switch entry.hold {
            case .paused: return nil
            case .throttled(let until, let next, let mark, let signal) where now < until:
                let later = max(until, now + time)
                entry.hold = .throttled(until: later, next: next, by: mark, signal)
                return later
            case .throttled, nil:
                entry.hold = .throttled(until: now + time, next: now, by: nil, .unusual)
                return now + time
            }
        }
    }

    /// - Returns: false if the run is paused already.
    package mutating func pause(
        _ run: RunID, of agent: AgentName, _ reason: String, at now: BootTime
    ) -> Bool {
        change(run, agent, at: now) { entry, _ in
            if case .paused? = entry.hold { return false }
            entry.hold = .paused(reason)
            return true
        }
    }

    /// Resumes a paused run by a person's decision; its earlier behaviour no longer counts.
    ///
    /// - Returns: false if the run is not paused.
    package mutating func unpause(_ run: RunID, at now: BootTime) -> Bool {
        guard let entry = runs[run], case .paused? = entry.hold else { return false }
        runs[run] = Run(agent: entry.agent, at: now)
        return true
    }

    /// Restores a state that the log holds from before this process.
    package mutating func recall(_ held: HeldRun, at now: BootTime) {
        change(held.run, held.agent, at: now) { entry, _ in
            switch held.step {
            case .pause: entry.hold = .paused(held.reason)
            case .throttle:
                entry.hold = .throttled(
                    until: held.until ?? now, next: now, by: nil,
                    AgentSignal(rawValue: held.reason) ?? .sameAny)
                entry.tripped = now
            }
        }
    }

    /// Forgets a run that has ended.
    package mutating func forget(_ run: RunID) { runs[run] = nil }

    /// Ends the throttles whose time has passed, and returns them.
    package mutating func endThrottles(at now: BootTime) -> [HeldRun] {
        let over = held.filter { $0.step == .throttle && ($0.until ?? now) <= now }
        for run in over { runs[run.run]?.hold = nil }
        return over
    }

    /// All runs that are throttled or paused, unordered.
    package var held: [HeldRun] {
        runs.compactMap { run, entry in
            switch entry.hold {
            case nil: nil
            case .paused(let reason):
                HeldRun(run: run, agent: entry.agent, step: .pause, reason: reason, until: nil)
            case .throttled(let until, _, _, let signal):
                HeldRun(
                    run: run, agent: entry.agent, step: .throttle, reason: signal.rawValue,
                    until: until)
            }
        }
    }

    /// Changes the entry in place, to avoid copying a run's table for each call.
    private mutating func change<Result>(
        _ run: RunID, _ agent: AgentName, at now: BootTime,
        _ body: (inout Run, AgentBreakerSettings) -> Result
    ) -> Result {
        if runs.count >= Self.most, runs[run] == nil { makeRoom() }
        let settings = settings
        return body(&runs[run, default: Run(agent: agent, at: now)], settings)
    }

    /// Forgets the older half of the runs that are not held.
    private mutating func makeRoom() {
        let idle = runs.filter { $0.value.hold == nil }.sorted { $0.value.newest < $1.value.newest }
        for (run, _) in idle.prefix(max(1, idle.count / 2)) { runs[run] = nil }
    }
}

extension AgentBreakers.Run {
    fileprivate init(agent: AgentName, at now: BootTime) {
        self.init(
            agent: agent, watch: RunLoopDetector(at: now), hold: nil, tripped: nil, newest: now)
    }

    /// Notes a call. The first one after a silence begins another session of the run, with limits of its own, unless a
    /// breaker holds the run or tripped lately: no pause between calls undoes what a run did.
    fileprivate mutating func beginSession(at now: BootTime) {
        let isNew = now - newest >= AgentBreakerTimes.silence
        newest = now
        if let tripped, now - tripped < AgentBreakerTimes.inherited { return }
        if isNew, hold == nil { watch.beginSession(at: now) }
    }

    fileprivate mutating func trip(
        _ run: RunID, _ signal: AgentSignal, by call: CallFingerprint?, at now: BootTime
    ) -> BreakerTrip? {
        if case .paused? = hold { return nil }
        if let last = tripped, now - last <= AgentBreakerTimes.memory {
            return pause(run, signal, at: now)
        }
        tripped = now
        let until = now + AgentBreakerTimes.throttle
        hold = .throttled(until: until, next: now + AgentBreakerTimes.pace, by: call, signal)
        return BreakerTrip(run: run, agent: agent, signal: signal, step: .throttle, until: until)
    }

    fileprivate mutating func pause(
        _ run: RunID, _ signal: AgentSignal, at now: BootTime
    ) -> BreakerTrip {
        tripped = now
        hold = .paused(signal.rawValue)
        return BreakerTrip(run: run, agent: agent, signal: signal, step: .pause, until: nil)
    }
}
