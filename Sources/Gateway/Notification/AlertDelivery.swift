package import InterlockAlerts
import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// One channel that receives notifications about an alert.
package struct AlertDelivery: Sendable, Hashable {
    package let channel: ChannelName
    /// The delivery that waits, or nil if none does: the notification was delivered, was counted with others of its
    /// key, or was given up, which operators are notified of.
    package let waiting: Waiting?

    package struct Waiting: Sendable, Hashable {
        package let tries: Int
        package let next: Timestamp
    }

    package init(channel: ChannelName, waiting: Waiting?) {
        self.channel = channel
        self.waiting = waiting
    }
}

extension NotificationService {
    /// Returns the channels for this alert, and the notification about it that waits in each.
    package func deliveries(of alarm: RaisedAlert) async throws(StoreFailure) -> [AlertDelivery] {
        guard alarm.isTold else { return [] }
        var names = routes.operators(alarm.severity ?? .info)
        if alarm.agent.flatMap(ports.owner) != nil { names.formUnion(routes.personal) }
        let waiting = try await ports.outbox.waiting().filter { $0.entry.alert.tells(of: alarm) }
        return names.union(waiting.map(\.channel)).sorted().map { name in
            AlertDelivery(
                channel: name,
                waiting: waiting.first { $0.channel == name }.map {
                    AlertDelivery.Waiting(tries: $0.entry.tries, next: $0.entry.next)
                })
        }
    }
}

extension OutgoingNotification {
    fileprivate func tells(of alarm: RaisedAlert) -> Bool {
        id == alarm.id || facts["alarm"]?.string == alarm.id.text
    }
}
