package import InterlockModel
package import InterlockPorts

/// The calls that were allowed and refused in each minute of the last hour, and how long servers took for them, computed
/// from counters that only grow; those of before the start of the process come from the log (`RecentCalls`).
package struct LastHour: Sendable {
    package struct Minute: Sendable, Hashable {
        /// The start of the minute.
        package let start: Timestamp
        package var allowed: Int
        package var denied: Int
        /// Those of `allowed` that people approved.
        package var approved = 0
        package var times = DurationCounts()
    }

    package static let length = 60

    /// The minutes, oldest first; the last one has not ended.
    package private(set) var minutes: [Minute] = []
    private var began: BootTime?
    private var counted = (allowed: 0, denied: 0, approved: 0, times: DurationCounts())
    /// True once the calls of before the start are in it.
    package private(set) var isRefilled = false

    package init() {}

    /// - Parameter now: the start of the counters.
    package init(at now: ClockReading) {
        began = now.boot
        minutes = [Minute(start: now.wall, allowed: 0, denied: 0)]
    }

    package var allowed: Int { minutes.reduce(0) { $0 + $1.allowed } }
    package var denied: Int { minutes.reduce(0) { $0 + $1.denied } }
    /// Those of `allowed` that people approved.
    package var approved: Int { minutes.reduce(0) { $0 + $1.approved } }
    package var times: DurationCounts { minutes.reduce(DurationCounts()) { $0 + $1.times } }

    /// Adds the growth of the counters to the current minute. Called about twice a second.
    ///
    /// - Parameters:
    ///   - allowed: the count since the start of the process; so are the other counts and `times`.
    ///   - approved: those of `allowed` that people approved.
    ///   - times: of calls that were sent, from sending to the answer.
    package mutating func note(
        allowed: Int, denied: Int, approved: Int = 0, times: DurationCounts = DurationCounts(),
        at now: ClockReading
    ) {
        if let began {
            let passed = (now.boot - began).microseconds / 60_000_000
            if passed > 0 { pass(min(passed, Int64(Self.length)), before: now.wall) }
            self.began = began + .seconds(60 * passed)
        } else {
            began = now.boot
            minutes = [Minute(start: now.wall, allowed: 0, denied: 0)]
        }
        minutes[minutes.count - 1].allowed += allowed - counted.allowed
        minutes[minutes.count - 1].denied += denied - counted.denied
        minutes[minutes.count - 1].approved += approved - counted.approved
        minutes[minutes.count - 1].times =
            minutes[minutes.count - 1].times + (times - counted.times)
        counted = (allowed, denied, approved, times)
    }

    /// Puts the calls of before the start in front, as far back as the log goes. Has an effect once.
    package mutating func refill(_ recent: RecentCalls) {
        guard !isRefilled, let first = minutes.first else { return }
        isRefilled = true
        let room = min(Self.length - minutes.count, recent.known ?? Self.length)
        guard room > 0 else { return }
        let earlier = (0..<room).reversed().map { number in
            let calls = recent.minutes[number] ?? RecentCalls.Minute()
            return Minute(
                start: first.start - .seconds(60 * Int64(number + 1)),
                allowed: Int(clamping: calls.allowed), denied: Int(clamping: calls.denied),
                approved: Int(clamping: calls.approved), times: calls.times)
        }
        minutes = earlier + minutes
    }

    private mutating func pass(_ count: Int64, before now: Timestamp) {
        for place in 1...count {
            minutes.append(
                Minute(start: now - .seconds(60 * (count - place)), allowed: 0, denied: 0))
        }
        minutes.removeFirst(max(0, minutes.count - Self.length))
    }
}
