package import InterlockAlerts
package import InterlockGovernor
package import InterlockIncidents
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
    private let incidents: IncidentService

    /// The most alerts that figures and lists are computed from.
    package static let mostRead = AlertFilter.mostRead
    static let incidentsRead = 1_000

    /// - Parameter incidents: the service that opens and closes incidents; nil makes one that shares no gate with others.
    package init(
        gateway: Gateway, store: any AlertStore, incidents: IncidentService? = nil
    ) {
        self.gateway = gateway
        self.store = store
        self.incidents = incidents ?? IncidentService(gateway: gateway, store: store)
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
        if step == .close, try await !hasOpenIncident(id) { throw .noOpenIncident }
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
        do throws(IncidentRefusal) {
            switch step {
            case .none: return nil
            case .close:
                return try await incidents.close(
                    of: id, cause: IncidentCause(of: alarm.finding?.disposition), reason: reason,
                    by: person)
            case .open(let severity):
                return try await incidents.open(severity, of: alarm, by: person, reason: reason)
            }
        } catch { throw AlertTriageRefusal(error) }
    }

    private func hasOpenIncident(_ id: AlertID) async throws(AlertTriageRefusal) -> Bool {
        do throws(StoreFailure) {
            return try await store.openIncidents().contains { $0.alarm == id }
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

extension IncidentCause {
    /// The cause of an incident that ends with its alert: what the alert was found to be.
    fileprivate init(of disposition: Disposition?) {
        switch disposition {
        case .attack: self = .attack
        case .fault: self = .fault
        case .expected, .false, nil: self = .other
        }
    }
}

extension AlertTriageRefusal {
    fileprivate init(_ refusal: IncidentRefusal) {
        switch refusal {
        case .missing: self = .missing
        case .notTheirs: self = .notTheirs
        case .closed: self = .noOpenIncident
        case .notRecorded(let code): self = .notRecorded(code)
        case .unavailable(let reason), .unstored(let reason): self = .unavailable(reason)
        case .noSuchAgent, .agentOfRun, .severity, .text, .evalCase, .full:
            self = .unavailable("the incident is not of a form that can be kept")
        }
    }
}
