package import InterlockModel
import Synchronization

/// Puts on record whom the people plane refuses what, each up to a pace, so that nobody fills the log by being refused.
package final class RefusalRecorder<Key: Hashable & Sendable>: Sendable {
    private let code: String
    private let clock: any Clock
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void
    private let pace = Mutex(RefusalRateLimiter<Key>())

    /// - Parameter code: of the alarms.
    package init(
        _ code: String, clock: any Clock,
        alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void
    ) {
        self.code = code
        self.clock = clock
        self.alarm = alarm
    }

    /// Whether this one was refused so often lately that no more of it is recorded.
    func isOver(_ key: Key) -> Bool {
        let now = clock.wall
        return pace.withLock { $0.isOver(key, at: now) }
    }

    func note(_ key: Key, _ subject: String) {
        let now = clock.wall
        if pace.withLock({ $0.count(key, at: now) }) { alarm(code, subject) }
    }
}

/// How often one is refused. A value, without clock.
struct RefusalRateLimiter<Key: Hashable & Sendable>: Sendable {
    /// Refusals at once, and the time after which there may be one more.
    static var burst: Int { 60 }
    static var refill: Duration { .seconds(1) }
    /// Keys that are remembered; those that have all theirs again are forgotten first. Beyond it nothing counts.
    static var most: Int { 4096 }

    /// When all may come again.
    private var full: [Key: Timestamp] = [:]

    func isOver(_ key: Key, at now: Timestamp) -> Bool {
        (full[key] ?? now) - now > Self.refill * (Self.burst - 1)
    }

    /// - Returns: false when there were too many.
    mutating func count(_ key: Key, at now: Timestamp) -> Bool {
        if full[key] == nil, full.count >= Self.most { full = full.filter { now < $0.value } }
        guard !isOver(key, at: now), full[key] != nil || full.count < Self.most else {
            return false
        }
        full[key] = max(full[key] ?? now, now) + Self.refill
        return true
    }
}
