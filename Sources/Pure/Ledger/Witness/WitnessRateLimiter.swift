import InterlockJSON
package import InterlockModel

/// Limits the requests of one origin to one per second on average, with a burst for the attempts that one checkpoint
/// may need.
package struct WitnessRateLimiter: Sendable {
    package static let burst = 4
    private static let interval = Duration.seconds(1)

    /// The time at which the burst of each origin is fully restored. The trust policy bounds the number of entries,
    /// because only signed requests of known origins are counted.
    private var full: [ExactText: BootTime] = [:]

    package init() {}

    /// Counts a request. Returns false if it exceeds the rate; it is then not counted.
    package mutating func admits(_ origin: String, at now: BootTime) -> Bool {
        let next = max(full[origin] ?? now, now) + Self.interval
        guard next - now <= Self.interval * Self.burst else { return false }
        full[origin] = next
        return true
    }
}
