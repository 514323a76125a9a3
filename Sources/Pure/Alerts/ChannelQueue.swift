package import InterlockModel

/// An alert that a channel has not had yet.
package struct QueuedNotification: Sendable, Equatable {
    package let alert: OutgoingNotification
    /// Earlier alerts of its key that nobody was told of.
    package let held: Int
    package internal(set) var tries: Int
    /// When it was to be told first.
    package let since: Timestamp
    package internal(set) var next: Timestamp

    package init(
        _ alert: OutgoingNotification, held: Int = 0, tries: Int = 0, since: Timestamp,
        next: Timestamp
    ) {
        self.alert = alert
        self.held = held
        self.tries = tries
        self.since = since
        self.next = next
    }
}

/// Why a channel will not have an alert.
package enum UndeliveredCause: String, Sendable, CaseIterable {
    /// Another try would end the same.
    case refused = "alert.refused"
    /// A day of tries.
    case gaveUp = "alert.gave_up"
    /// Too many wait already.
    case full = "alert.queue_full"
    /// The channel is not configured, or no more.
    case noChannel = "alert.no_channel"
    /// The store did not take it.
    case unkept = "alert.unkept"
}

extension QueuedNotification {
    /// What keeps its order: a person who cannot be reached holds back nobody else.
    fileprivate var line: String { alert.dedupe + "\n" + (alert.recipient?.text ?? "") }
}

/// What waits for one channel. A value: the time and the jitter come in, what to do comes out.
///
/// INVARIANT: of one key and person the older alert goes first; one that is tried again holds back those behind it.
package struct ChannelQueue: Sendable {
    package enum Step: Sendable, Equatable {
        case send(QueuedNotification)
        case wait(until: Timestamp)
        case nothing
    }

    package enum After: Sendable, Equatable {
        case delivered
        case again(QueuedNotification)
        /// It is given up: to be said by the other channels.
        case undelivered(UndeliveredCause, String)
    }

    /// Oldest first.
    private var entries: [QueuedNotification] = []

    package init(_ entries: [QueuedNotification] = []) { self.entries = entries }

    package var count: Int { entries.count }

    /// Alerts that may wait, and with those that are to wake somebody.
    package static let most = 1_000
    package static let mostWithPages = 1_200

    package func hasRoom(for severity: AlertSeverity) -> Bool {
        entries.count < (severity == .page ? Self.mostWithPages : Self.most)
    }

    package mutating func add(_ entry: QueuedNotification) { entries.append(entry) }

    package func step(now: Timestamp) -> Step {
        var keys: Set<String> = []
        var soonest: Timestamp?
        for entry in entries where keys.insert(entry.line).inserted {
            // A clock that was set back by more than the longest pause does not stop it.
            if entry.next <= now || entry.next - now > Retry.longest { return .send(entry) }
            soonest = min(soonest ?? entry.next, entry.next)
        }
        return soonest.map(Step.wait) ?? .nothing
    }

    /// - Parameter id: of what `step` gave to be sent.
    /// - Returns: nil for what does not wait here.
    package mutating func settle(
        _ id: AlertID, _ result: DeliveryResult, now: Timestamp, jitter: UInt64
    ) -> After? {
        guard let place = entries.firstIndex(where: { $0.alert.id == id }) else { return nil }
        switch result {
        case .delivered:
            entries.remove(at: place)
            return .delivered
        case .refused(let reason):
            entries.remove(at: place)
            return .undelivered(.refused, reason)
        case .failed(let reason):
            entries[place].tries += 1
            let entry = entries[place]
            let next = Retry.next(
                after: entry.tries, since: entry.since, now: now, jitter: jitter)
            guard let next else {
                entries.remove(at: place)
                return .undelivered(.gaveUp, reason)
            }
            entries[place].next = next
            return .again(entries[place])
        }
    }
}
