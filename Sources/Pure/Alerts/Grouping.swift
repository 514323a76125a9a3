package import InterlockModel

/// Keeps people from being flooded: alerts of one key are told once in ten minutes, with a count, and
/// a storm becomes one summary plus each alert that is to wake somebody. Of one channel, so that what floods
/// one of them silences no other. A value; it forgets at a restart, which tells at worst once more.
package struct AlertGrouping: Sendable {
    package static let window: Duration = .seconds(600)
    package static let stormWindow: Duration = .seconds(300)
    package static let stormSize = 30
    /// Keys that are remembered; beyond it the oldest is forgotten.
    package static let mostKeys = 10_000

    private struct Known: Sendable {
        var told: Timestamp
        var held = 0
    }
    private var keys: [String: Known] = [:]
    private var recent: [Timestamp] = []
    private var summarized: Timestamp?
    private var heldInStorm = 0

    package enum Verdict: Sendable, Equatable {
        /// To be told, together with the `held` before it of the same key.
        case tell(held: Int)
        /// Counted; told with the next one of its key.
        case hold
        /// Instead of this one: so many alerts within the last five minutes.
        case summarize(count: Int)
    }

    package init() {}

    package mutating func take(_ alert: Alert, now: Timestamp) -> Verdict {
        recent.removeAll { now - $0 > Self.stormWindow || $0 > now }
        recent.append(now)
        if alert.severity != .page, recent.count > Self.stormSize { return storm(now) }
        let known = keys[alert.dedupe]
        if let known, now >= known.told, now - known.told < Self.window, alert.severity != .page {
            keys[alert.dedupe]?.held += 1
            return .hold
        }
        if known == nil, keys.count >= Self.mostKeys {
            keys.min { $0.value.told < $1.value.told }.map { keys[$0.key] = nil }
        }
        keys[alert.dedupe] = Known(told: now)
        return .tell(held: known?.held ?? 0)
    }

    /// The alert could not be kept, so nobody was told: the next one of its key is.
    package mutating func forget(_ alert: Alert) { keys[alert.dedupe] = nil }

    private mutating func storm(_ now: Timestamp) -> Verdict {
        heldInStorm += 1
        if let summarized, now >= summarized, now - summarized < Self.stormWindow { return .hold }
        defer { heldInStorm = 0 }
        summarized = now
        return .summarize(count: max(recent.count, heldInStorm))
    }
}
