package import InterlockModel

/// The time after an upgrade in which agents without a result, or runs without a proof, are not refused: 14 days from the first start
/// of a version with the change gate on this store.
///
/// INVARIANT: it never gets longer. It counts by the wall clock or by the time since boot, whichever is further, and it
/// is over once the wall clock is two days behind the time that the store has seen. Kept by `GatePeriodTests`. Who sets
/// the clock back at each of several restarts within an hour gains that hour.
package struct GatePeriod: Sendable, Hashable {
    package static let length = Duration.seconds(14 * 86_400)
    /// The step by which the wall clock may be behind the time that the store has seen; the period does not advance then.
    static let tolerance = Duration.seconds(2 * 86_400)
    /// The time after which `seen` is stored again.
    static let interval = Duration.seconds(3600)

    package let since: Timestamp
    /// The latest time that the store has.
    private(set) var seen: Timestamp
    private var latest: Timestamp
    private var boot: BootTime
    private let isBroken: Bool

    package init(since: Timestamp, seen: Timestamp, at now: ClockReading) {
        self.since = since
        self.seen = seen
        latest = max(seen, now.wall)
        boot = now.boot
        isBroken = now.wall + Self.tolerance < seen || seen < since
    }

    /// The time from which an agent without a result is refused.
    package var end: Timestamp { since + Self.length }

    /// Returns true if an agent without a result is only named.
    package func isOpen(at now: Timestamp) -> Bool {
        !isBroken && max(latest, now) < end
    }

    /// - Parameter atOnce: true if an entry is written anyway, so that the time is stored before it is due.
    /// - Returns: the time to store as `seen`, or nil if that is not due.
    mutating func advance(to now: ClockReading, atOnce: Bool = false) -> Timestamp? {
        let passed = max(now.boot - boot, .zero)
        boot = max(now.boot, boot)
        latest = max(latest + passed, now.wall)
        guard seen < end, latest > seen else { return nil }
        return atOnce || latest >= seen + Self.interval || latest >= end ? latest : nil
    }

    mutating func store(_ time: Timestamp) { seen = max(seen, time) }
}
