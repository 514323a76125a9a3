/// Wall-clock time in microseconds since 1970-01-01T00:00:00Z, for people and records. It must not be used for
/// ordering.
package struct Timestamp: Hashable, Sendable, Comparable {
    package let microseconds: Int64
    package init(microseconds: Int64) { self.microseconds = microseconds }
    package var milliseconds: Int64 { microseconds / 1000 }
    package var seconds: Int64 { microseconds / 1_000_000 }
    /// The time without its fraction of a second, the form in people's statements.
    package var wholeSecond: Timestamp { Timestamp(microseconds: seconds * 1_000_000) }
    /// The time without its fraction of a millisecond, rounded down.
    package var wholeMillisecond: Timestamp {
        Timestamp(microseconds: microseconds - microseconds.flooredRemainder(1000))
    }
    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }
    package static func + (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(microseconds: a.microseconds + b.microseconds)
    }
    package static func - (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(microseconds: a.microseconds - b.microseconds)
    }
    package static func - (a: Timestamp, b: Timestamp) -> Duration {
        .microseconds(a.microseconds - b.microseconds)
    }
}

/// The time since boot, including suspend (`CLOCK_BOOTTIME`), in microseconds, for deadlines and durations.
package struct BootTime: Hashable, Sendable, Comparable {
    package let microseconds: Int64
    package init(microseconds: Int64) { self.microseconds = microseconds }
    package static func < (a: BootTime, b: BootTime) -> Bool { a.microseconds < b.microseconds }
    package static func + (a: BootTime, b: Duration) -> BootTime {
        BootTime(microseconds: a.microseconds + b.microseconds)
    }
    package static func - (a: BootTime, b: BootTime) -> Duration {
        .microseconds(a.microseconds - b.microseconds)
    }
}

/// The readings of both clocks, taken together.
package struct ClockReading: Hashable, Sendable {
    package let wall: Timestamp
    package let boot: BootTime
    package init(wall: Timestamp, boot: BootTime) {
        self.wall = wall
        self.boot = boot
    }
}

/// The source of time, injected. It never fails, and any thread may call it.
package protocol Clock: Sendable {
    var now: ClockReading { get }
    /// One of the clocks alone, for callers that need no more: only that clock is read.
    var wall: Timestamp { get }
    var boot: BootTime { get }
}

extension Clock {
    package var wall: Timestamp { now.wall }
    package var boot: BootTime { now.boot }
}

/// The source of randomness for keys, nonces and salts, injected. It never fails; the process ends instead.
package protocol Entropy: Sendable {
    func bytes(_ count: Int) -> [UInt8]
}

extension Duration {
    /// The duration in whole microseconds, rounded toward zero; saturates instead of overflowing.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let sum = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return sum.overflow ? (seconds < 0 ? .min : .max) : sum.partialValue
    }
}
