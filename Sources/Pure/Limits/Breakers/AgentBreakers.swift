package import InterlockModel

/// What a breaker did to a run.
package struct BreakerTrip: Sendable, Hashable {
    package enum Step: String, Sendable { case throttle, pause }

    package let run: RunID
    package let agent: AgentName
    package let signal: AgentSignal
    package let step: Step
    /// The end of a throttle; a pause has none.
    package let until: BootTime?

    package init(
        run: RunID, agent: AgentName, signal: AgentSignal, step: Step, until: BootTime?
    ) {
        self.run = run
        self.agent = agent
        self.signal = signal
        self.step = step
        self.until = until
    }
}

/// How a run stands that a breaker has slowed down or stopped.
package struct HeldRun: Sendable, Hashable {
    package let run: RunID
    package let agent: AgentName
    package let step: BreakerTrip.Step
    /// A signal, or `person`.
    package let reason: String
    /// The end of a throttle.
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

/// What a breaker says to one more call.
package enum BreakerVerdict: Sendable, Hashable {
    case free
    /// One call at a time: the next may come after this.
    case throttled(Duration)
    case paused
}

/// Stops loops of agents: what each run did lately, and which runs are slowed down or paused. A value, without clock.
///
/// A first trip lets a run's calls through one by one; a second within the hour, or the same call once more meanwhile,
/// pauses it until a person lets it go on (limits-and-monitoring.md, section 8).
package struct AgentBreakers: Sendable {
    /// Runs that are watched at the same time; above it those are forgotten that are not held.
    package static let most = 20_000

    fileprivate struct Run: Sendable {
        let agent: AgentName
        var watch: RunLoopDetector
        var hold: Hold?
        /// The last trip.
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

    /// One more call of a run, before it is decided.
    ///
    /// - Returns: whether it may go on, and what it tripped.
    package mutating func attempt(
        _ call: CallFingerprint, _ run: RunID, of agent: AgentName, at now: BootTime
    ) -> (BreakerVerdict, BreakerTrip?) {
        change(run, agent, at: now) { entry, settings in
            entry.newest = now
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

    /// What a look at the run says later on the way of a call that was let through before.
    package func isPaused(_ run: RunID) -> Bool {
        if case .paused? = runs[run]?.hold { true } else { false }
    }

    /// A permitted call, before people are asked about it.
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

    /// Whether a call that was let through before may still be sent: one of many at once may have tripped meanwhile.
    package func stops(_ call: WatchedCall, _ run: RunID, at now: BootTime) -> Bool {
        switch runs[run]?.hold {
        case .paused: true
        case .throttled(let until, _, let mark, .sameWrite): mark == call.mark && now < until
        case .throttled, nil: false
        }
    }

    /// It is about to be sent.
    package mutating func send(_ call: WatchedCall, _ run: RunID, at now: BootTime) -> BreakerTrip?
    {
        let settings = settings
        guard let signal = runs[run]?.watch.send(call, at: now, settings) else { return nil }
        return runs[run]?.trip(run, signal, by: call.mark, at: now)
    }

    /// What came back of it.
    package mutating func end(
        _ call: WatchedCall, with result: CallFingerprint, _ run: RunID, at now: BootTime
    ) -> BreakerTrip? {
        let settings = settings
        guard let signal = runs[run]?.watch.end(call, with: result, at: now, settings) else {
            return nil
        }
        return runs[run]?.trip(run, signal, by: call.mark, at: now)
    }

    /// The policy said no, for another reason than a limit.
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

    /// People said no to what the run asked for.
    package mutating func refuse(_ run: RunID, of agent: AgentName, at now: BootTime)
        -> BreakerTrip?
    {
        change(run, agent, at: now) { entry, settings in
            entry.watch.refuse(settings).flatMap { entry.trip(run, $0, by: nil, at: now) }
        }
    }

    /// Calls of the run come one by one from now on, as after a trip; what a trip knows of it stays.
    ///
    /// - Returns: until when; nil when it is paused, which is more.
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
                entry.hold = .throttled(until: now + time, next: now, by: nil, .sameAny)
                return now + time
            }
        }
    }

    /// - Returns: false when it is paused already.
    package mutating func pause(
        _ run: RunID, of agent: AgentName, _ reason: String, at now: BootTime
    ) -> Bool {
        change(run, agent, at: now) { entry, _ in
            if case .paused? = entry.hold { return false }
            entry.hold = .paused(reason)
            return true
        }
    }

    /// A person lets it go on; what it did before counts no more.
    ///
    /// - Returns: false when it is not paused.
    package mutating func unpause(_ run: RunID, at now: BootTime) -> Bool {
        guard let entry = runs[run], case .paused? = entry.hold else { return false }
        runs[run] = Run(agent: entry.agent, at: now)
        return true
    }

    /// As the log has it from before this process.
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

    /// The run has ended.
    package mutating func forget(_ run: RunID) { runs[run] = nil }

    /// Throttles that are over end.
    package mutating func endThrottles(at now: BootTime) -> [HeldRun] {
        let over = held.filter { $0.step == .throttle && ($0.until ?? now) <= now }
        for run in over { runs[run.run]?.hold = nil }
        return over
    }

    /// All runs that are slowed down or paused, in no order.
    package var held: [HeldRun] {
        runs.compactMap { run, entry in
            switch entry.hold {
            case nil: nil
            case .paused(let reason):
                HeldRun(
                    run: run, agent: entry.agent, step: .pause, reason: reason, until: nil)
            case .throttled(let until, _, _, let signal):
                HeldRun(
                    run: run, agent: entry.agent, step: .throttle, reason: signal.rawValue,
                    until: until)
            }
        }
    }

    /// In place, because what a run did is a table that nobody wants copied for each call.
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
