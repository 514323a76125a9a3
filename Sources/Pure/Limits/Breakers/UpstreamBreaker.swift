package import InterlockModel

/// The thresholds that stop calls to a failing server (docs/specs/limits-and-monitoring.md, section 7).
package struct UpstreamBreakerSettings: Sendable, Hashable {
    /// Failures in a row.
    package var failures = 5
    /// The percentage of failures among at least `calls` calls in `window`.
    package var percent = 50
    package var calls = 20
    package var window: Duration = .seconds(30)
    /// The duration of the first opening; each further opening doubles it, up to `longest`.
    package var open: Duration = .seconds(30)
    package var longest: Duration = .seconds(600)
    /// Tools whose tool errors count as failures of the server.
    package var countsErrors: Set<ToolAddress> = []

    package init() {}

    /// The range of each setting, by its name in `interlock.yaml`.
    package enum Bounds {
        package static let failures = 2...50
        package static let percent = 10...90
        package static let calls = 2...1_000
        package static let windowSeconds = 5...3_600
        package static let openSeconds = 5...3_600
    }
}

/// The circuit breaker of one server, or of one of its tools.
package struct UpstreamBreaker: Sendable {
    package enum State: Sendable, Hashable {
        case closed
        case open(until: BootTime)
        /// Single calls test whether the server has recovered.
        case halfOpen
    }
    /// The breaker's verdict on one call.
    package enum Verdict: Sendable, Hashable {
        case free
        /// The call is the only trial; the caller must report its end.
        case trial
        case refused(Duration)
    }
    private static let successes = 3

    package private(set) var state = State.closed
    private var inARow = 0
    /// The results of the calls in the last window, oldest first.
    private var ends: [(at: BootTime, failed: Bool)] = []
    /// The duration of the next opening.
    private var next: Duration
    private var opened: BootTime?
    /// The successful trials since the last opening.
    private var good = 0
    private var hasReadSucceeded = false
    private var isTrying = false

    package init(_ settings: UpstreamBreakerSettings) { next = settings.open }

    /// - Parameter hasRead: whether the server has a read-only tool that could be the trial instead of a write.
    package mutating func admit(
        isRead: Bool, hasRead: Bool, at now: BootTime, _ settings: UpstreamBreakerSettings
    ) -> Verdict {
        switch state {
        case .closed: return .free
        case .open(let until) where now < until: return .refused(until - now)
        case .open: state = .halfOpen
        case .halfOpen: break
        }
        if isTrying { return .refused(.seconds(1)) }
        if !isRead, !hasReadSucceeded {
            // If no read arrives, a write must eventually be the trial.
            let wait = lastOpen * (hasRead ? 4 : 2)
            guard let opened, now - opened >= wait else { return .refused(.seconds(5)) }
        }
        isTrying = true
        return .trial
    }

    /// The remaining time of an opening, without any change of state.
    package func refusal(at now: BootTime) -> Duration? {
        guard case .open(let until) = state, now < until else { return nil }
        return until - now
    }

    /// Records the end of a call.
    ///
    /// - Returns: the change of state, if the breaker opened or closed.
    package mutating func end(
        failed: Bool, wasTrial: Bool, isRead: Bool, at now: BootTime,
        _ settings: UpstreamBreakerSettings
    ) -> Change? {
        if wasTrial { return endTrial(failed, isRead, at: now, settings) }
        guard state == .closed else { return nil }
        inARow = failed ? inARow + 1 : 0
        ends.append((now, failed))
        ends.removeAll { now - $0.at > settings.window }
        if ends.count > 1_000 { ends.removeFirst(ends.count - 1_000) }
        let bad = ends.reduce(0) { $0 + ($1.failed ? 1 : 0) }
        let isRatio = ends.count >= settings.calls && bad * 100 >= ends.count * settings.percent
        guard failed, inARow >= settings.failures || isRatio else { return nil }
        return open(at: now, settings)
    }

    /// Ends a trial that certainly was not sent; it proves nothing.
    package mutating func dropTrial() { isTrying = false }

    /// Permits a trial now, by a person's decision.
    ///
    /// - Returns: false if the breaker is not open.
    package mutating func halfClose() -> Bool {
        guard case .open = state else { return false }
        state = .halfOpen
        return true
    }

    /// Restores a state that the log holds from before this process: half-open if the opening has ended.
    package mutating func recall(open until: BootTime, at now: BootTime) {
        state = until <= now ? .halfOpen : .open(until: until)
        opened = now
    }

    package enum Change: Sendable, Hashable {
        case opened(until: BootTime)
        case closed
    }

    private var lastOpen: Duration { next / 2 }

    private mutating func endTrial(
        _ failed: Bool, _ isRead: Bool, at now: BootTime, _ settings: UpstreamBreakerSettings
    ) -> Change? {
        isTrying = false
        guard state == .halfOpen else { return nil }
        if failed { return open(at: now, settings) }
        good += 1
        if isRead { hasReadSucceeded = true }
        guard good >= Self.successes else { return nil }
        state = .closed
        next = settings.open
        inARow = 0
        ends = []
        return .closed
    }

    private mutating func open(at now: BootTime, _ settings: UpstreamBreakerSettings) -> Change {
        let until = now + min(next, settings.longest)
        next = min(next, settings.longest) * 2
        state = .open(until: until)
        opened = now
        good = 0
        hasReadSucceeded = false
        isTrying = false
        return .opened(until: until)
    }
}
