/// Wall-clock time: microseconds since 1970-01-01T00:00:00Z. For people and records, never for order.
package struct Timestamp: Hashable, Sendable, Comparable {
    package let microseconds: Int64
    package init(microseconds: Int64) { self.microseconds = microseconds }
    package var milliseconds: Int64 { microseconds / 1000 }
    package var seconds: Int64 { microseconds / 1_000_000 }
    /// Without the part of a second, as statements of people have their times.
    package var wholeSecond: Timestamp { Timestamp(microseconds: seconds * 1_000_000) }
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

/// Time since boot, suspend included (`CLOCK_BOOTTIME`), in microseconds. For deadlines and durations.
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

/// Both clocks, read together.
package struct ClockReading: Hashable, Sendable {
    package let wall: Timestamp
    package let boot: BootTime
    package init(wall: Timestamp, boot: BootTime) {
        self.wall = wall
        self.boot = boot
    }
}

/// The time, from outside. Never fails; `now` is called from any thread.
package protocol Clock: Sendable {
    var now: ClockReading { get }
    /// Each of `now`, for who needs no more: one clock is read.
    var wall: Timestamp { get }
    var boot: BootTime { get }
}

extension Clock {
    package var wall: Timestamp { now.wall }
    package var boot: BootTime { now.boot }
}

/// Randomness fit for keys, nonces and salts, from outside. Never fails (the process ends instead).
package protocol Entropy: Sendable {
    func bytes(_ count: Int) -> [UInt8]
}

extension Duration {
    /// Whole microseconds, rounded toward zero; saturates instead of overflowing.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let sum = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return sum.overflow ? (seconds < 0 ? .min : .max) : sum.partialValue
    }
}
