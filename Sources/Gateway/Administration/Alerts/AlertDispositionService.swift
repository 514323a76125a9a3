package import InterlockAlerts
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockMonitoring
package import InterlockPorts

/// Records the dispositions of alerts and the incidents that people open for them. Each change is durable in the log
/// before it is stored, so if the store fails, the log still has it.
///
/// INVARIANT: a grave alert reaches the agent's owner, and another person if it is not seen for a day; its
/// disposition is set once, on record first. Kept by `AlertDispositionServiceTests`, `test_alerts.py`.
package struct AlertDispositionService: Sendable {
    /// The change to the alert's incident.
    package enum IncidentStep: Sendable, Equatable {
        case none, close
        /// Opens an incident with a severity from 1, the worst, to 3.
        case open(severity: Int)
    }

    private let gateway: Gateway
    package let store: any AlertStore

    /// The most alerts that figures and lists are computed from.
    package static let mostRead = AlertFilter.mostRead
    static let incidentsRead = 1_000

    package init(gateway: Gateway, store: any AlertStore) {
        self.gateway = gateway
        self.store = store
    }

    /// Records an alert's disposition, if one is given, and performs the incident step. A recorded disposition cannot
    /// be changed. On return the changes are durable in the log and in the store.
    ///
    /// - Returns: the incident that was opened or closed, or the one that was open already.
    package func dispose(
        of id: AlertID, as disposition: Disposition?, by person: Pseudonym, reason: String,
        _ step: IncidentStep
    ) async throws(AlertTriageRefusal) -> Incident? {
        guard var alarm = try await alarm(id) else { throw .missing }
        if let disposition, let finding = alarm.finding, finding.disposition != disposition {
            throw .disposedAlready(finding.disposition)
        }
        let open = try await openIncident(of: id)
        if step == .close, open == nil { throw .noOpenIncident }
        if let disposition, alarm.finding == nil {
            try await record(
                .alarmDisposed,
                [
                    "alarm": .string(id.text), "code": .string(alarm.code),
                    "as": .string(disposition.rawValue), "by": .string(person.text),
                ], reason)
            alarm.finding = AlertDisposition(
                disposition, at: gateway.clock.wall, by: person, reason: reason)
            try await keep { store throws(StoreFailure) in try await store.keep(alarm) }
            if disposition == .expected, let agent = alarm.agent,
                let series = alarm.series.flatMap(MonitoredSeries.init)
            {
                gateway.monitors.agents.startOver(series, of: agent)
            }
            await refreshFigures()
        }
        switch step {
        case .none: return nil
        case .close:
            guard let open else { throw .noOpenIncident }
            return try await close(open, person, reason)
        case .open(let severity):
            if let open { return open }
            return try await openIncident(for: alarm, severity, person, reason)
        }
    }

    private func openIncident(
        for alarm: RaisedAlert, _ severity: Int, _ person: Pseudonym, _ reason: String
    ) async throws(AlertTriageRefusal) -> Incident? {
        guard
            let incident = Incident(
                id: gateway.newID(), severity: severity, alarm: alarm.id,
                opened: gateway.clock.wall)
        else { return nil }
        var fields: JSONObject = [
            "inc": .string(incident.id.text), "sev": .integer(Int64(severity)),
            "alarm": .string(alarm.id.text), "by": .string(person.text),
        ]
        fields["agent"] = alarm.agent.map { .string($0.text) }
        try await record(.incidentOpened, fields, reason)
        try await keep { store throws(StoreFailure) in try await store.keep(incident) }
        return incident
    }

    private func close(
        _ incident: Incident, _ person: Pseudonym, _ reason: String
    ) async throws(AlertTriageRefusal) -> Incident {
        var closed = incident
        closed.closed = gateway.clock.wall
        try await record(
            .incidentClosed, ["inc": .string(incident.id.text), "by": .string(person.text)], reason)
        let kept = closed
        try await keep { store throws(StoreFailure) in try await store.keep(kept) }
        return closed
    }

    private func openIncident(of alarm: AlertID) async throws(AlertTriageRefusal) -> Incident? {
        do throws(StoreFailure) {
            return try await store.incidents(most: Self.incidentsRead).first {
                $0.alarm == alarm && $0.closed == nil
            }
        } catch { throw .unavailable(error.reason) }
    }

    private func alarm(_ id: AlertID) async throws(AlertTriageRefusal) -> RaisedAlert? {
        do throws(StoreFailure) { return try await store.alarm(id) } catch {
            throw .unavailable(error.reason)
        }
    }

    private func record(
        _ type: RecordType, _ fields: JSONObject, _ reason: String
    ) async throws(AlertTriageRefusal) {
        do throws(LedgerRefusal) {
            _ = try await gateway.ledger.append(
                gateway.records.record(
                    type, run: nil, fields: fields, sealing: [("reason", Array(reason.utf8))]))
        } catch { throw .notRecorded(error.code) }
    }

    private func keep(
        _ body: (any AlertStore) async throws(StoreFailure) -> Void
    ) async throws(AlertTriageRefusal) {
        do throws(StoreFailure) { try await body(store) } catch {
            throw .unavailable("it is in the log, and the store failed: \(error.reason)")
        }
    }

    /// Returns the precision of each detector: how many of its alerts since `time` were classified, and how many of
    /// those were real.
    package func precisions(
        since time: Timestamp
    ) async throws(StoreFailure) -> [String: Precision] {
        var found: [String: Precision] = [:]
        for alarm in try await store.alarms(since: time, most: Self.mostRead) {
            for detector in alarm.detectors {
                found[detector, default: Precision()].count(alarm.finding?.disposition.isReal)
            }
        }
        return found
    }

    /// Updates the figures of `/metrics` from the alerts of the last 30 days; keeps them if the store fails.
    package func refreshFigures() async {
        let since = gateway.clock.wall - AlertFilter.longestAge
        if let found = try? await precisions(since: since) {
            gateway.figures.alerts.replace(precisions: found)
        }
    }
}
