package import InterlockModel

/// Requests of one caller: `burst` at once, and from then on one each so often. Two numbers at most are looked at,
/// however many requests there were.
package struct BurstRateLimiter: Sendable {
    /// When all that was taken has passed at the pace, in nanoseconds since boot.
    private var paid: Int64 = 0

    package init() {}

    /// - Returns: nil when there is room for one more, which then counts; else the time until there is.
    package mutating func take(_ rate: PaceRate, burst: Int, at now: BootTime) -> Duration? {
        // A billion a second is one each nanosecond; 100,000 days at once fit.
        let each = rate.seconds * 1_000_000_000 / rate.count
        let now = max(0, min(now.microseconds, Int64.max / 10_000)) * 1_000
        // No caller is that far ahead by its own doing: the time has begun anew.
        if paid - now > Int64(burst) * each { paid = 0 }
        let start = max(paid, now)
        let late = (start - now) - Int64(burst - 1) * each
        guard late <= 0 else { return .nanoseconds(late) }
        paid = start + each
        return nil
    }

    /// Whether it is as one that has not begun.
    package func isIdle(at now: BootTime) -> Bool { paid <= now.microseconds * 1_000 }
}
