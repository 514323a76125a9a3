package import InterlockJSON
import InterlockLedger
import InterlockModel

/// Until channels exist an alarm is a record and one line for whoever reads stderr.
package struct Alarms: Sendable {
    private let ledger: any Ledger
    private let records: RecordWriter
    private let log: @Sendable (String) -> Void

    package init(
        ledger: any Ledger, records: RecordWriter, log: @escaping @Sendable (String) -> Void
    ) {
        self.ledger = ledger
        self.records = records
        self.log = log
    }

    /// - Parameters:
    ///   - code: stable, for instance `kill.refused`.
    ///   - subject: an id or a name from configuration; never text that an agent or a server chose.
    ///   - fields: more of it, each within a leaf's bounds.
    ///   - detail: a report, kept as a payload.
    package func raise(
        _ code: String, subject: String, fields: JSONObject = [:], detail: JSONValue? = nil
    ) {
        var fields = fields
        fields["code"] = .string(code)
        fields["subject"] = .string(subject.leafText)
        ledger.note(
            records.record(
                .alarmRaised, run: nil, fields: fields,
                sealing: detail.map { [("detail", $0.serialized())] } ?? []))
        log("alarm \(code) \(subject)")
    }
}

extension Gateway {
    package func raise(
        alarm code: String, subject: String, fields: JSONObject = [:], detail: JSONValue? = nil
    ) {
        Alarms(ledger: ledger, records: records, log: log).raise(
            code, subject: subject, fields: fields, detail: detail)
    }
}
