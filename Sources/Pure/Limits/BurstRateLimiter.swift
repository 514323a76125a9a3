package import InterlockModel

/// A rate limiter for one caller: `burst` requests at once, then one per interval. It stores one number, however many
/// requests there were.
package struct BurstRateLimiter: Sendable {
    /// The time at which the accepted requests are used up at the rate, in nanoseconds since boot.
    private var paid: Int64 = 0

    package init() {}

    /// - Returns: nil if one more request is admitted, which then counts; otherwise the time until one is.
    package mutating func take(_ rate: PaceRate, burst: Int, at now: BootTime) -> Duration? {
        // The interval is at least 1 ns, at a billion a second; a burst of 100,000 at one a day fits in 64 bits.
        let each = rate.seconds * 1_000_000_000 / rate.count
        let now = max(0, min(now.microseconds, Int64.max / 10_000)) * 1_000
        // A caller cannot be that far ahead by itself: the clock has restarted.
        if paid - now > Int64(burst) * each { paid = 0 }
        let start = max(paid, now)
        let late = (start - now) - Int64(burst - 1) * each
        guard late <= 0 else { return .nanoseconds(late) }
        paid = start + each
        return nil
    }

    /// Returns whether the state equals that of a new limiter.
    package func isIdle(at now: BootTime) -> Bool { paid <= now.microseconds * 1_000 }
}
