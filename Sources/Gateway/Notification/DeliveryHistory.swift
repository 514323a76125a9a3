import InterlockAlerts
import InterlockJSON
import InterlockModel
import Synchronization

/// The ends of deliveries of alerts in each channel since the start of this process. What was forgotten, and what ended
/// before the start, is not known: the outbox stores only what waits.
final class DeliveryHistory: Sendable {
    /// The most alerts that are remembered; beyond that the first one is forgotten.
    static let most = 10_000

    private struct Memory: Sendable {
        var states: [AlertID: [ChannelName: AlertDelivery.State]] = [:]
        /// The alerts in the order of their first results. Once there are `most`, the first one is at `first`.
        var alerts: [AlertID] = []
        var first = 0

        mutating func add(_ alert: AlertID) {
            guard alerts.count == DeliveryHistory.most else { return alerts.append(alert) }
            states[alerts[first]] = nil
            alerts[first] = alert
            first = (first + 1) % DeliveryHistory.most
        }
    }
    private let memory = Mutex(Memory())

    /// Notes a result. One that was given up is not hidden by a later notification of the same alert.
    func note(
        _ state: AlertDelivery.State, of notification: OutgoingNotification,
        in channel: ChannelName
    ) {
        // A request for approval is no alert.
        guard notification.request == nil else { return }
        let alert = notification.alarm
        memory.withLock { memory in
            if memory.states[alert] == nil { memory.add(alert) }
            if case .givenUp? = memory.states[alert]?[channel] { return }
            memory.states[alert, default: [:]][channel] = state
        }
    }

    func states(of alert: AlertID) -> [ChannelName: AlertDelivery.State] {
        memory.withLock { $0.states[alert] ?? [:] }
    }
}

extension OutgoingNotification {
    /// The alert that it is about: its own id, or that of the alert which the owner or an escalation is notified of.
    var alarm: AlertID { facts["alarm"]?.string.flatMap { AlertID($0) } ?? id }
}
