package import InterlockAlerts
import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// One channel that receives notifications about an alert, and how far the delivery is.
package struct AlertDelivery: Sendable, Hashable {
    package let channel: ChannelName
    package let state: State

    package enum State: Sendable, Hashable {
        /// The channel has taken it. Becomes nothing else, unless another notification of the alert is given up.
        case sent(Timestamp)
        /// Is stored and waits for its next try. Becomes `sent` or `givenUp`.
        case waiting(Waiting)
        /// Is counted in a later notification of its key or in a summary.
        case grouped
        /// The channel will not receive it; the log has a record.
        case givenUp(UndeliveredCause, Timestamp)
        /// Nothing is known: it ended before this start, is not in the outbox yet, or is too old.
        case unknown
    }

    package struct Waiting: Sendable, Hashable {
        /// The time when the first delivery was due.
        package let since: Timestamp
        package let tries: Int
        package let next: Timestamp

        package init(since: Timestamp, tries: Int, next: Timestamp) {
            self.since = since
            self.tries = tries
            self.next = next
        }
    }

    package init(channel: ChannelName, state: State) {
        self.channel = channel
        self.state = state
    }
}

extension NotificationService {
    private typealias Entry = (channel: ChannelName, entry: QueuedNotification)

    /// Returns the channels of each of these alerts with the state of its delivery, by name of the channel. An alert of
    /// a kind that is not sent has none.
    package func deliveries(
        of alarms: [RaisedAlert]
    ) async throws(StoreFailure) -> [AlertID: [AlertDelivery]] {
        let stored = try await ports.outbox.waiting()
        let waiting = Dictionary(grouping: stored) { $0.entry.alert.alarm }
        var found: [AlertID: [AlertDelivery]] = [:]
        for alarm in alarms where alarm.isTold {
            found[alarm.id] = deliveries(of: alarm, waiting[alarm.id] ?? [])
        }
        return found
    }

    private func deliveries(of alarm: RaisedAlert, _ waiting: [Entry]) -> [AlertDelivery] {
        var names = routes.operators(alarm.severity ?? .info)
        if alarm.agent.flatMap(ports.owner) != nil { names.formUnion(routes.personal) }
        let ended = outbox.tools.history.states(of: alarm.id)
        return names.union(waiting.map(\.channel)).union(ended.keys).sorted().map { name in
            AlertDelivery(
                channel: name,
                state: Self.state(ended[name], waiting.first { $0.channel == name }?.entry))
        }
    }

    /// Combines what ended with what waits. What was given up comes first, even if another notification waits.
    private static func state(
        _ ended: AlertDelivery.State?, _ waiting: QueuedNotification?
    ) -> AlertDelivery.State {
        switch (ended, waiting) {
        case (.givenUp(let cause, let time)?, _): .givenUp(cause, time)
        case (_, let entry?):
            .waiting(
                AlertDelivery.Waiting(since: entry.since, tries: entry.tries, next: entry.next))
        case (let state?, nil): state
        case (nil, nil): .unknown
        }
    }
}
