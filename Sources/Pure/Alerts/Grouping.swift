package import InterlockModel

/// Keeps people from being flooded: alerts of one key are told once in ten minutes, with a count, and
/// a storm becomes one summary plus each alert that is to wake somebody. Of one channel, so that what floods
/// one of them silences no other. A value; it forgets at a restart, which tells at worst once more. What is held
/// back is told when its time is over, also when nothing follows: see `due`.
package struct AlertGrouping: Sendable {
    package static let window: Duration = .seconds(600)
    package static let stormWindow: Duration = .seconds(300)
    package static let stormSize = 30
    /// Keys that are remembered; beyond it the oldest is forgotten.
    package static let mostKeys = 10_000
    /// Alerts of the last minutes that are counted one by one; a larger storm is told as this one.
    package static let mostCounted = 1_000

    private struct Known: Sendable {
        var told: Timestamp
        var held = 0
        /// The newest that is held back.
        var last: Alert?
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
        if recent.count > Self.mostCounted { recent.removeFirst() }
        if alert.severity != .page, recent.count > Self.stormSize { return storm(now) }
        let known = keys[alert.dedupe]
        if let known, now >= known.told, now - known.told < Self.window, alert.severity != .page {
            keys[alert.dedupe]?.held += 1
            keys[alert.dedupe]?.last = alert
            return .hold
        }
        if known == nil, keys.count >= Self.mostKeys {
            keys.min { $0.value.told < $1.value.told }.map { keys[$0.key] = nil }
        }
        keys[alert.dedupe] = Known(told: now)
        return .tell(held: known?.held ?? 0)
    }

    /// What was held back and is to be told now: of each key its newest, with how many before it nobody was
    /// told of; and how many a storm left over that no summary has counted.
    package mutating func due(now: Timestamp) -> (alerts: [(alert: Alert, held: Int)], storm: Int) {
        var alerts: [(alert: Alert, held: Int)] = []
        for (key, known) in keys where now < known.told || now - known.told >= Self.window {
            if let last = known.last { alerts.append((last, known.held - 1)) }
            keys[key] = known.last == nil ? nil : Known(told: now)
        }
        alerts.sort { ($0.alert.at, $0.alert.id.text) < ($1.alert.at, $1.alert.id.text) }
        guard heldInStorm > 0, let told = summarized, now < told || now - told >= Self.stormWindow
        else { return (alerts, 0) }
        defer { heldInStorm = 0 }
        summarized = now
        return (alerts, heldInStorm)
    }

    /// Whether a look with `due` could find anything, now or later.
    package var isIdle: Bool { keys.isEmpty && heldInStorm == 0 }

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
