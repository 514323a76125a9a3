package import InterlockAlerts
package import InterlockModel
package import InterlockPorts

/// Triage of alerts by people: reading alerts and recording their disposition.
package protocol AlertTriage: Sendable {
    /// Returns a page of the alerts of the last 30 days, newest first.
    func alarms(
        _ filter: AlertFilter, page: Int, for sight: Visibility
    ) async throws(AlertTriageRefusal) -> TriagePage

    /// - Throws: `missing`, also if the alert is not visible to this person.
    func alarm(_ id: AlertID, for sight: Visibility) async throws(AlertTriageRefusal) -> AlertDetail

    /// Records an alert's disposition with `AlertDispositionService.dispose`, for the owner of its agent and for the
    /// role `security`.
    func dispose(
        of id: AlertID, as disposition: Disposition?, reason: String,
        _ step: AlertDispositionService.IncidentStep,
        by person: Pseudonym, with sight: Visibility
    ) async throws(AlertTriageRefusal)

    /// Returns the precision of the detectors over the last 30 days.
    func detectors() async throws(AlertTriageRefusal) -> [DetectorStatistics]
}

package enum AlertTriageRefusal: Error, Sendable, Hashable {
    case missing
    /// The person neither owns the alert's agent nor has the role `security`.
    case notTheirs
    case disposedAlready(Disposition)
    case noOpenIncident
    case notRecorded(String)
    case unavailable(String)
}

/// One page of alerts, with the open incidents and the status of channels.
package struct TriagePage: Sendable {
    package let alarms: [RaisedAlert]
    /// The number of alerts that match the filter, on all pages.
    package let count: Int
    /// The number of stored alerts that cannot be read.
    package var unread: Int = 0
    /// The open incidents, newest first; empty for a reader who sees only their own agents.
    package let incidents: [Incident]
    package let channels: [ChannelStatus]

    package static let size = 50
}

/// Everything that is known about one alert.
package struct AlertDetail: Sendable {
    package let alarm: RaisedAlert
    package let owner: Person?
    /// The person who recorded the disposition; nil if none is recorded or the person is no longer enrolled.
    package let finder: Person?
    package let incidents: [Incident]
    /// The channels for such an alert, and what waits in them.
    package let deliveries: [AlertDelivery]
    /// True if the reader may record its disposition.
    package let mayDispose: Bool
}

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
}

/// The dispositions of one detector's alerts. `precision` and `interval` are in percent.
package struct DetectorStatistics: Sendable, Hashable {
    package let name: String
    package let alarms: Int
    /// The number of alerts with a disposition.
    package let judged: Int
    package let real: Int
    /// The share of real alerts among those judged; nil before one was judged.
    package let precision: Int?
    /// The Wilson score interval of the precision at 95 %.
    package let interval: ClosedRange<Int>?
}
