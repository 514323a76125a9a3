package import InterlockModel
import Synchronization

/// Raises an alert for each refusal on the people plane, rate-limited per key, so that refused requests cannot fill the
/// log.
package final class RefusalRecorder<Key: Hashable & Sendable>: Sendable {
    private let code: String
    private let clock: any Clock
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void
    private let pace = Mutex(RefusalRateLimiter<Key>())

    /// - Parameter code: the code of the alerts.
    package init(
        _ code: String, clock: any Clock,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.code = code
        self.clock = clock
        self.alarm = alarm
    }

    /// Returns whether this key has reached the limit, so that further refusals are not recorded.
    func isOver(_ key: Key) -> Bool {
        let now = clock.wall
        return pace.withLock { $0.isOver(key, at: now) }
    }

    func note(_ key: Key, _ subject: String) {
        let now = clock.wall
        if pace.withLock({ $0.count(key, at: now) }) { alarm(code, subject) }
    }
}

/// A rate limit per key. A value without a clock.
struct RefusalRateLimiter<Key: Hashable & Sendable>: Sendable {
    /// The number of refusals at once, and the time until one more is available.
    static var burst: Int { 60 }
    static var refill: Duration { .seconds(1) }
    /// The number of keys that are remembered. Keys whose limit has recovered are forgotten first; if all are in use,
    /// new keys are not counted.
    static var most: Int { 4096 }

    /// The time at which each key's limit is fully recovered.
    private var full: [Key: Timestamp] = [:]

    func isOver(_ key: Key, at now: Timestamp) -> Bool {
        (full[key] ?? now) - now > Self.refill * (Self.burst - 1)
    }

    /// - Returns: false if the limit is exceeded.
    mutating func count(_ key: Key, at now: Timestamp) -> Bool {
        if full[key] == nil, full.count >= Self.most { full = full.filter { now < $0.value } }
        guard !isOver(key, at: now), full[key] != nil || full.count < Self.most else {
            return false
        }
        full[key] = max(full[key] ?? now, now) + Self.refill
        return true
    }
}
