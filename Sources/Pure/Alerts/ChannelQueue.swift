package import InterlockModel

/// A notification that its channel has not received yet.
package struct QueuedNotification: Sendable, Equatable {
    package let alert: OutgoingNotification
    /// The number of earlier notifications with its key that were not delivered.
    package let held: Int
    package internal(set) var tries: Int
    /// The time when the first delivery was due.
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

/// The reason why a channel will not receive a notification.
package enum UndeliveredCause: String, Sendable, CaseIterable {
    /// A retry would fail in the same way.
    case refused = "alert.refused"
    /// Retries failed for a day.
    case gaveUp = "alert.gave_up"
    /// Too many notifications wait already.
    case full = "alert.queue_full"
    /// The channel is not configured, or no longer.
    case noChannel = "alert.no_channel"
    /// The store rejected the write.
    case unkept = "alert.unkept"
}

extension QueuedNotification {
    /// The key of its order: a person who cannot be reached delays no other.
    fileprivate var line: String { alert.dedupe + "\n" + (alert.recipient?.text ?? "") }
}

/// The notifications that wait for one channel. A value type: time and jitter are arguments, the next step is the
/// result.
///
/// INVARIANT: for one key and recipient the older notification is sent first; one that is retried delays those after
/// it.
package struct ChannelQueue: Sendable {
    package enum Step: Sendable, Equatable {
        case send(QueuedNotification)
        case wait(until: Timestamp)
        case nothing
    }

    package enum After: Sendable, Equatable {
        case delivered
        case again(QueuedNotification)
        /// Given up; the failure is to be reported through the other channels.
        case undelivered(UndeliveredCause, String)
    }

    /// Oldest first.
    private var entries: [QueuedNotification] = []

    package init(_ entries: [QueuedNotification] = []) { self.entries = entries }

    package var count: Int { entries.count }

    /// The most notifications that may wait; `mostWithPages` applies to those of severity `page`.
    package static let most = 1_000
    package static let mostWithPages = 1_200

    package func hasRoom(for severity: AlertSeverity) -> Bool {
        entries.count < (severity == .page ? Self.mostWithPages : Self.most)
    }

    package mutating func add(_ entry: QueuedNotification) { entries.append(entry) }

    package mutating func remove(where fits: (OutgoingNotification) -> Bool) {
        entries.removeAll { fits($0.alert) }
    }

    package func step(now: Timestamp) -> Step {
        var keys: Set<String> = []
        var soonest: Timestamp?
        for entry in entries where keys.insert(entry.line).inserted {
            // A clock that was set back by more than the longest pause must not stop the queue.
            if entry.next <= now || entry.next - now > Retry.longest { return .send(entry) }
            soonest = min(soonest ?? entry.next, entry.next)
        }
        return soonest.map(Step.wait) ?? .nothing
    }

    /// - Parameter id: the id of a notification that `step` returned.
    /// - Returns: nil if the notification is not in this queue.
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
            let next = Retry.next(after: entry.tries, since: entry.since, now: now, jitter: jitter)
            guard let next else {
                entries.remove(at: place)
                return .undelivered(.gaveUp, reason)
            }
            entries[place].next = next
            return .again(entries[place])
        }
    }
}

/// A channel's name in the configuration: 1 to 32 of `a-z`, `0-9`, `-`, beginning with a letter.
package struct ChannelName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let text: String
    package var description: String { text }

    package init?(_ text: String) {
        guard (1...32).contains(text.utf8.count), text.utf8.first.map(Self.isLetter) == true,
            text.utf8.allSatisfy({ Self.isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x2d })
        else { return nil }
        self.text = text
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }

    package static func < (a: ChannelName, b: ChannelName) -> Bool { a.text < b.text }
}
