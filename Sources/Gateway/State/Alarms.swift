package import InterlockJSON
import InterlockLedger
import InterlockModel

/// An alarm is a record, one line for whoever reads stderr, and what the channels of operators are told.
package struct Alarms: Sendable {
    /// Hears of an alarm after it is noted for the log. Must not block.
    package typealias AlarmListener = @Sendable (_ code: String, _ subject: String) -> Void

    private let ledger: any Ledger
    private let records: RecordWriter
    private let log: @Sendable (String) -> Void
    private let tell: AlarmListener

    package init(
        ledger: any Ledger, records: RecordWriter, log: @escaping @Sendable (String) -> Void,
        tell: @escaping AlarmListener = { _, _ in }
    ) {
        self.ledger = ledger
        self.records = records
        self.log = log
        self.tell = tell
    }

    /// - Parameters:
    ///   - code: stable, for instance `kill.refused`.
    ///   - subject: an id or a name from configuration; never text that an agent or a server chose. Empty where it
    ///     is about nothing that has one.
    ///   - fields: more of it, each within a leaf's bounds.
    ///   - detail: a report, kept as a payload.
    package func raise(
        _ code: String, subject: String, fields: JSONObject = [:], detail: JSONValue? = nil
    ) {
        var fields = fields
        fields["code"] = .string(code)
        if !subject.isEmpty { fields["subject"] = .string(subject.leafText) }
        ledger.note(
            records.record(
                .alarmRaised, run: nil, fields: fields,
                sealing: detail.map { [("detail", $0.serialized())] } ?? []))
        log("alarm \(code) \(subject)")
        tell(code, subject)
    }
}

extension Gateway {
    package func raise(
        alarm code: String, subject: String, fields: JSONObject = [:], detail: JSONValue? = nil
    ) {
        Alarms(ledger: ledger, records: records, log: log, tell: alarmed).raise(
            code, subject: subject, fields: fields, detail: detail)
    }
}
