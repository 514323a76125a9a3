import InterlockJSON
package import InterlockModel

/// How often one origin may ask: once a second on average, with room for the tries that one checkpoint
/// may take.
package struct WitnessRateLimiter: Sendable {
    package static let burst = 4
    private static let interval = Duration.seconds(1)

    /// By origin, when all of its tries are there again. Bounded by the logs of a trust file, since
    /// only signed requests of known origins are counted.
    private var full: [ExactText: BootTime] = [:]

    package init() {}

    /// Counts a request; false when it comes too soon.
    package mutating func admits(_ origin: String, at now: BootTime) -> Bool {
        let next = max(full[origin] ?? now, now) + Self.interval
        guard next - now <= Self.interval * Self.burst else { return false }
        full[origin] = next
        return true
    }
}
