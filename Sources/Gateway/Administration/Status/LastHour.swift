package import InterlockModel

/// The calls that were let through and refused in each minute of the last hour, computed from counters that only grow.
package struct LastHour: Sendable {
    package struct Minute: Sendable, Hashable {
        /// The start of the minute.
        package let start: Timestamp
        package var allowed: Int
        package var denied: Int
    }

    package static let length = 60

    /// The minutes, oldest first; the last one has not ended.
    package private(set) var minutes: [Minute] = []
    private var began: BootTime?
    private var counted = (allowed: 0, denied: 0)

    package init() {}

    package var allowed: Int { minutes.reduce(0) { $0 + $1.allowed } }
    package var denied: Int { minutes.reduce(0) { $0 + $1.denied } }

    /// Adds the growth of the counters to the current minute. Called about twice a second.
    ///
    /// - Parameters:
    ///   - allowed: the count since the start of the process; so is `denied`.
    package mutating func note(allowed: Int, denied: Int, at now: ClockReading) {
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
        counted = (allowed, denied)
    }

    private mutating func pass(_ count: Int64, before now: Timestamp) {
        for place in 1...count {
            minutes.append(
                Minute(start: now - .seconds(60 * (count - place)), allowed: 0, denied: 0))
        }
        minutes.removeFirst(max(0, minutes.count - Self.length))
    }
}
