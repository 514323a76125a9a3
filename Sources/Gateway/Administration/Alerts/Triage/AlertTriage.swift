package import InterlockAlerts
package import InterlockModel
package import InterlockPorts

/// Alarms as people read them and dispose of them.
package protocol AlertTriage: Sendable {
    /// Of the last 30 days, the newest first.
    func alarms(
        _ filter: AlertFilter, page: Int, for sight: Visibility
    ) async throws(AlertTriageRefusal) -> TriagePage

    /// - Throws: `missing` for one that is out of sight too.
    func alarm(
        _ id: AlertID, for sight: Visibility
    ) async throws(AlertTriageRefusal) -> AlertDetail

    /// Says what an alarm was, as `AlertDispositionService.dispose`; for the owner of its agent, and for the role `security`.
    func dispose(
        of id: AlertID, as disposition: Disposition?, reason: String,
        _ step: AlertDispositionService.IncidentStep,
        by session: PersonSession, with sight: Visibility
    ) async throws(AlertTriageRefusal)

    /// How good the detectors were in the last 30 days.
    func detectors() async throws(AlertTriageRefusal) -> [DetectorStatistics]
}

package enum AlertTriageRefusal: Error, Sendable, Hashable {
    case missing
    /// Neither the owner of its agent nor somebody of the role `security`.
    case notTheirs
    case disposedAlready(Disposition)
    case noOpenIncident
    case notRecorded(String)
    case unavailable(String)
}

/// One page of alarms, with what stands beside the list.
package struct TriagePage: Sendable {
    package let alarms: [RaisedAlert]
    /// That the filter leaves.
    package let count: Int
    /// That are kept and cannot be read.
    package let unread: Int
    /// Open ones, the newest first; none for who sees their own agents alone.
    package let incidents: [Incident]
    package let channels: [ChannelStatus]

    package init(
        alarms: [RaisedAlert], count: Int, unread: Int = 0, incidents: [Incident],
        channels: [ChannelStatus]
    ) {
        self.alarms = alarms
        self.count = count
        self.unread = unread
        self.incidents = incidents
        self.channels = channels
    }

    package static let size = 50
}

/// All that is known of one alarm.
package struct AlertDetail: Sendable {
    package let alarm: RaisedAlert
    package let owner: Person?
    /// Who has said what it was; nil where nobody has, or nobody of this name is enrolled.
    package let finder: Person?
    package let incidents: [Incident]
    /// Which channels hear of such an alarm, and what waits for them.
    package let deliveries: [AlertDelivery]
    /// Whether whoever reads it may say what it was.
    package let mayDispose: Bool

    package init(
        alarm: RaisedAlert, owner: Person?, finder: Person?, incidents: [Incident],
        deliveries: [AlertDelivery], mayDispose: Bool
    ) {
        self.alarm = alarm
        self.owner = owner
        self.finder = finder
        self.incidents = incidents
        self.deliveries = deliveries
        self.mayDispose = mayDispose
    }
}

/// One channel that hears of an alarm.
package struct AlertDelivery: Sendable, Hashable {
    package let channel: ChannelName
    /// nil: nothing waits any more. It was told, was counted with others of its kind, or was given up, which is an
    /// alarm of its own.
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

/// What became of one detector's alarms. Shares are in percent.
package struct DetectorStatistics: Sendable, Hashable {
    package let name: String
    package let alarms: Int
    /// Of which somebody said what they were.
    package let judged: Int
    package let real: Int
    /// nil before one was judged.
    package let precision: Int?
    /// Wilson's interval, 95 %.
    package let interval: ClosedRange<Int>?

    package init(
        name: String, alarms: Int, judged: Int, real: Int, precision: Int?,
        interval: ClosedRange<Int>?
    ) {
        self.name = name
        self.alarms = alarms
        self.judged = judged
        self.real = real
        self.precision = precision
        self.interval = interval
    }
}
