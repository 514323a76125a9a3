package import InterlockModel

/// Protects people from floods: notifications of one key are sent once in ten minutes, with a count, and a storm of one
/// source becomes one summary; notifications of severity `page` are always sent. One value serves one channel and
/// recipient, so that a flood there silences no other. A value type; it is lost at a restart, which at worst repeats a
/// notification. Held notifications are sent when their window ends, also if no other follows: see `due`.
package struct NotificationGrouping: Sendable {
    package static let window: Duration = .seconds(600)
    package static let stormWindow: Duration = .seconds(300)
    package static let stormSize = 30
    /// The most keys that are remembered; beyond that the oldest is forgotten.
    package static let mostKeys = 10_000
    /// The most recent notifications of a source that are counted one by one; a larger storm is reported with this
    /// number.
    package static let mostCounted = 1_000
    /// The most requests that one summary names; if there are more, the next summary follows at once.
    package static let mostListed = 50

    private struct Known: Sendable {
        var told: Timestamp
        var held = 0
        /// The newest notification that is held back.
        var last: OutgoingNotification?
    }
    private var keys: [String: Known] = [:]
    private var storms: [NotificationSource: StormCount] = [:]

    package enum Verdict: Sendable, Equatable {
        /// Send it, with the `held` earlier ones of the same key.
        case tell(held: Int)
        /// Hold it; it is counted and sent with the next one of its key.
        case hold
        /// Send this summary instead.
        case summarize(NotificationStorm)
    }

    package init() {}

    package mutating func take(_ alert: OutgoingNotification, now: Timestamp) -> Verdict {
        guard alert.severity != .page else { return tell(alert, now) }
        // A repetition of one key is sent once, and counts towards no storm.
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

    /// Returns the held notifications that are due now: the newest of each key with the number held before it, and the
    /// storms' notifications that no summary has counted.
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

    /// True if nothing is remembered.
    package var isIdle: Bool { keys.isEmpty && storms.isEmpty }

    /// Forgets a notification that could not be stored, so that the next one of its key is sent.
    package mutating func forget(_ alert: OutgoingNotification) { keys[alert.dedupe] = nil }

    /// Forgets the held notifications that fit; they are not sent.
    package mutating func forget(where fits: (OutgoingNotification) -> Bool) {
        for (key, known) in keys where known.last.map(fits) == true { keys[key]?.last = nil }
    }

    /// Restores a summary that could not be stored; it is due again.
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
