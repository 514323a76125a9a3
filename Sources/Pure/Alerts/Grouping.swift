package import InterlockModel

/// Keeps people from being flooded: alerts of one key are told once in ten minutes, with a count, and
/// a storm of one source becomes one summary, besides each alert that is to wake somebody. Of one channel, so that
/// what floods one of them silences no other. A value; it forgets at a restart, which tells at worst once more.
/// What is held back is told when its time is over, also when nothing follows: see `due`.
package struct NotificationGrouping: Sendable {
    package static let window: Duration = .seconds(600)
    package static let stormWindow: Duration = .seconds(300)
    package static let stormSize = 30
    /// Keys that are remembered; beyond it the oldest is forgotten.
    package static let mostKeys = 10_000
    /// Alerts of the last minutes that are counted one by one; a larger storm is told as this one.
    package static let mostCounted = 1_000
    /// Requests that one summary names; with more the next one follows at once.
    package static let mostListed = 50

    private struct Known: Sendable {
        var told: Timestamp
        var held = 0
        /// The newest that is held back.
        var last: OutgoingNotification?
    }
    private var keys: [String: Known] = [:]
    private var storms: [NotificationSource: StormCount] = [:]

    package enum Verdict: Sendable, Equatable {
        /// To be told, together with the `held` before it of the same key.
        case tell(held: Int)
        /// Counted; told with the next one of its key.
        case hold
        /// Instead of this one.
        case summarize(NotificationStorm)
    }

    package init() {}

    package mutating func take(_ alert: OutgoingNotification, now: Timestamp) -> Verdict {
        guard alert.severity != .page else { return tell(alert, now) }
        // What repeats itself is told once, and makes no storm for others.
        if let known = keys[alert.dedupe], now >= known.told, now - known.told < Self.window {
            keys[alert.dedupe]?.held += 1
            keys[alert.dedupe]?.last = alert
            return .hold
        }
        let source = NotificationSource(alert)
        switch storms[source, default: StormCount(source)].take(alert, now: now) {
        case .calm: return tell(alert, now)
        case .hold: return .hold
        case .summarize(let storm): return .summarize(storm)
        }
    }

    /// What was held back and is to be told now: of each key its newest, with how many before it nobody was
    /// told of; and what storms left over that no summary has counted.
    package mutating func due(
        now: Timestamp
    ) -> (alerts: [(alert: OutgoingNotification, held: Int)], storms: [NotificationStorm]) {
        var alerts: [(alert: OutgoingNotification, held: Int)] = []
        for (key, known) in keys where now < known.told || now - known.told >= Self.window {
            if let last = known.last { alerts.append((last, known.held - 1)) }
            keys[key] = known.last == nil ? nil : Known(told: now)
        }
        alerts.sort { ($0.alert.at, $0.alert.id.text) < ($1.alert.at, $1.alert.id.text) }
        var left: [NotificationStorm] = []
        for source in Array(storms.keys) {
            if let storm = storms[source]?.due(now: now) { left.append(storm) }
            if storms[source]?.isIdle == true { storms[source] = nil }
        }
        return (alerts, left)
    }

    /// Whether there is nothing that it remembers.
    package var isIdle: Bool { keys.isEmpty && storms.isEmpty }

    /// The alert could not be kept, so nobody was told: the next one of its key is.
    package mutating func forget(_ alert: OutgoingNotification) { keys[alert.dedupe] = nil }

    /// The summary could not be kept: what it stands for is due.
    package mutating func giveBack(_ storm: NotificationStorm) {
        storms[storm.source, default: StormCount(storm.source)].giveBack(storm)
    }

    private mutating func tell(_ alert: OutgoingNotification, _ now: Timestamp) -> Verdict {
        let known = keys[alert.dedupe]
        if known == nil, keys.count >= Self.mostKeys {
            keys.min { $0.value.told < $1.value.told }.map { keys[$0.key] = nil }
        }
        keys[alert.dedupe] = Known(told: now)
        return .tell(held: known?.held ?? 0)
    }
}
