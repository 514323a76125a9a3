package import InterlockAlerts
package import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// Raises alerts: each is a record, a line on stderr for operators, and a notification to the operators' channels.
package struct AlertRaiser: Sendable {
    /// Receives an alert after its record was passed to the log. Must not block.
    package typealias AlertListener = @Sendable (RaisedAlert) -> Void

    private let ledger: any Ledger
    private let records: RecordWriter
    private let log: @Sendable (LogLine) -> Void
    private let tell: AlertListener

    package init(
        ledger: any Ledger, records: RecordWriter, log: @escaping @Sendable (LogLine) -> Void,
        tell: @escaping AlertListener = { _ in }
    ) {
        self.ledger = ledger
        self.records = records
        self.log = log
        self.tell = tell
    }

    /// - Parameters:
    ///   - code: a stable code, for instance `kill.refused`.
    /// - subject: an id or a configured name; never text that an agent or a server chose. Empty if the alert is about
    ///   nothing that has one.
    ///   - fields: further fields of the record, each within a record's bounds.
    ///   - detail: a report, stored as a payload.
    package func raise(
        _ code: String, subject: String, fields: JSONObject = [:], detail: JSONValue? = nil
    ) {
        raise(records.alarm(code, subject: subject), fields, detail)
    }

    func raise(_ alarm: RaisedAlert, _ more: JSONObject = [:], _ detail: JSONValue? = nil) {
        var fields = more
        fields["code"] = .string(alarm.code)
        if !alarm.subject.isEmpty { fields["subject"] = .string(alarm.subject.leafText) }
        fields["alarm"] = .string(alarm.id.text)
        fields["agent"] = alarm.agent.map { .string($0.text) }
        fields["ofrun"] = alarm.run.map { .string($0.text) }
        fields["sev"] = alarm.severity.map { .string($0.rawValue) }
        if !alarm.isTold { fields["told"] = false }
        fields["series"] = alarm.series.map(JSONValue.string)
        if !alarm.detectors.isEmpty {
            fields["det"] = .array(alarm.detectors.map(JSONValue.string))
        }
        var alarm = alarm
        alarm.record = ledger.note(
            records.record(
                .alarmRaised, run: nil, fields: fields,
                sealing: detail.map { [("detail", $0.serialized())] } ?? []))
        if alarm.isTold {
            log(LogLine("alarm \(alarm.code) \(alarm.subject)", .warning, part: "alarms"))
        }
        tell(alarm)
    }
}

extension Gateway {
    package func raise(
        alarm code: String, subject: String, fields: JSONObject = [:], detail: JSONValue? = nil
    ) {
        alarms.raise(code, subject: subject, fields: fields, detail: detail)
    }

    /// Raises an alert that is on record alone: no person is notified.
    package func note(alarm code: String, subject: String) {
        var alarm = records.alarm(code, subject: subject)
        alarm.isTold = false
        raise(alarm)
    }

    /// Raises an alert about an agent, of which its owner is notified too.
    package func raise(alarm code: String, subject: String, about agent: AgentName) {
        var alarm = records.alarm(code, subject: subject)
        alarm.agent = agent
        raise(alarm)
    }

    func raise(_ alarm: RaisedAlert, _ fields: JSONObject = [:]) {
        figures.alerts.count(alarm)
        alarms.raise(alarm, fields)
    }

    private var alarms: AlertRaiser {
        AlertRaiser(ledger: ledger, records: records, log: ports.log, tell: ports.alertListener)
    }
}
