package import InterlockAlerts
package import InterlockEvidence
package import InterlockGovernor
package import InterlockModel
import InterlockMonitoring
package import InterlockNotification
import InterlockPolicy
package import InterlockPorts

/// Alert triage for the people plane: checks who may see an alert and who may record its disposition.
package struct AlertTriageService: Sendable {
    private let gateway: Gateway
    private let alarms: AlertDispositionService
    private let alerts: NotificationService
    private let people: AuthorizedKeysHolder

    package init(
        gateway: Gateway, alarms: AlertDispositionService, alerts: NotificationService,
        people: AuthorizedKeysHolder
    ) {
        self.gateway = gateway
        self.alarms = alarms
        self.alerts = alerts
        self.people = people
    }

    private func owner(of alarm: RaisedAlert) -> Person? {
        alarm.agent.flatMap { gateway.policy.snapshot.agents[$0]?.owner }
    }

    private func seen(
        _ id: AlertID, _ visibility: Visibility
    ) async throws(AlertTriageRefusal) -> RaisedAlert {
        let alarm = try await read { store throws(StoreFailure) in try await store.alarm(id) }
        guard let alarm, visibility.seesAlerts(about: alarm.agent) else { throw .missing }
        return alarm
    }

    private func read<Value>(
        _ body: (any AlertStore) async throws(StoreFailure) -> Value
    ) async throws(AlertTriageRefusal) -> Value {
        do throws(StoreFailure) { return try await body(alarms.store) } catch {
            throw .unavailable(error.reason)
        }
    }
}

extension AlertTriageService: AlertTriage {
    package func alarms(
        _ filter: AlertFilter, page: Int, for visibility: Visibility
    ) async throws(AlertTriageRefusal) -> TriagePage {
        let since = gateway.clock.wall - AlertFilter.longestAge
        let slice = try await read { store throws(StoreFailure) in
            try await store.alarms(
                since: since, filter, of: visibility.seesAll ? nil : visibility.own,
                from: (max(1, page) - 1) * TriagePage.size, most: TriagePage.size)
        }
        let incidents = try await read { store throws(StoreFailure) in
            visibility.seesAll
                ? try await store.incidents(most: AlertDispositionService.incidentsRead) : []
        }
        let alerts = alerts
        let deliveries = try await read { _ throws(StoreFailure) in
            try await alerts.deliveries(of: slice.alarms)
        }
        return TriagePage(
            alarms: slice.alarms, count: slice.count, unread: slice.unread,
            incidents: incidents.filter { $0.closed == nil }, channels: await alerts.statuses(),
            deliveries: deliveries)
    }

    package func alarm(
        _ id: AlertID, for visibility: Visibility
    ) async throws(AlertTriageRefusal) -> AlertDetail {
        let alarm = try await seen(id, visibility)
        let alerts = alerts
        let (incidents, deliveries) = try await read { store throws(StoreFailure) in
            (
                try await store.incidents(most: AlertDispositionService.incidentsRead).filter {
                    $0.alarm == id
                }, try await alerts.deliveries(of: [alarm])[id] ?? []
            )
        }
        let finder = alarm.finding.flatMap { finding in
            people.trust?.people.first { $0.pseudonym == finding.by }?.person
        }
        return AlertDetail(
            alarm: alarm, owner: owner(of: alarm), finder: finder, incidents: incidents,
            deliveries: deliveries, mayDispose: visibility.mayDispose(ofAlertsAbout: alarm.agent))
    }

    package func dispose(
        of id: AlertID, as disposition: Disposition?, reason: String,
        _ step: AlertDispositionService.IncidentStep, by person: Pseudonym,
        with visibility: Visibility
    ) async throws(AlertTriageRefusal) {
        let alarm = try await seen(id, visibility)
        guard visibility.mayDispose(ofAlertsAbout: alarm.agent) else { throw .notTheirs }
        _ = try await alarms.dispose(of: id, as: disposition, by: person, reason: reason, step)
    }

    package func detectors() async throws(AlertTriageRefusal) -> [DetectorStatistics] {
        do throws(StoreFailure) {
            return try await alarms.precisions(since: gateway.clock.wall - AlertFilter.longestAge)
                .sorted { $0.key < $1.key }.map(DetectorStatistics.init)
        } catch { throw .unavailable(error.reason) }
    }
}

extension DetectorStatistics {
    fileprivate init(_ name: String, _ precision: Precision) {
        func percent(_ share: Double) -> Int { Int((share * 100).rounded()) }
        self.init(
            name: name, alarms: precision.alarms, judged: precision.judged, real: precision.real,
            precision: precision.value.map(percent),
            interval: precision.interval.map { percent($0.lowerBound)...percent($0.upperBound) })
    }
}

/// Triage of alerts by people: reading alerts and recording their disposition.
package protocol AlertTriage: Sendable {
    /// Returns a page of the alerts of the last 30 days in the order of the filter.
    func alarms(
        _ filter: AlertFilter, page: Int, for visibility: Visibility
    ) async throws(AlertTriageRefusal) -> TriagePage

    /// - Throws: `missing`, also if the alert is not visible to this person.
    func alarm(_ id: AlertID, for visibility: Visibility) async throws(AlertTriageRefusal)
        -> AlertDetail

    /// Records an alert's disposition with `AlertDispositionService.dispose`, for the owner of its agent and for the
    /// role `security`.
    func dispose(
        of id: AlertID, as disposition: Disposition?, reason: String,
        _ step: AlertDispositionService.IncidentStep, by person: Pseudonym,
        with visibility: Visibility
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
    /// The deliveries of the alerts of this page; none for an alert of a kind that people are not notified of.
    package var deliveries: [AlertID: [AlertDelivery]] = [:]

    package static let size = 50
}

/// Everything that is known about one alert.
package struct AlertDetail: Sendable {
    package let alarm: RaisedAlert
    package let owner: Person?
    /// The person who recorded the disposition; nil if none is recorded or the person is no longer enrolled.
    package let finder: Person?
    package let incidents: [Incident]
    /// The channels for such an alert, and how far the delivery is in each.
    package let deliveries: [AlertDelivery]
    /// True if the reader may record its disposition.
    package let mayDispose: Bool
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
