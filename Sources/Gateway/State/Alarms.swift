package import InterlockJSON
package import InterlockLedger
import InterlockModel

/// Until channels exist an alarm is a record and one line for whoever reads stderr.
package struct Alarms: Sendable {
    private let ledger: any Ledger
    private let log: @Sendable (String) -> Void

    package init(ledger: any Ledger, log: @escaping @Sendable (String) -> Void) {
        self.ledger = ledger
        self.log = log
    }

    /// - Parameters:
    ///   - code: stable, for instance `kill.refused`.
    ///   - subject: an id or a name from configuration; never text that an agent or a server chose.
    ///   - fields: more of it, each within a leaf's bounds.
    ///   - payloads: what only people with access to payloads may read.
    package func raise(
        _ code: String, subject: String, fields: JSONObject = [:], payloads: [SealedPayload] = []
    ) {
        var fields = fields
        fields["code"] = .string(code)
        fields["subject"] = .string(subject.leafText)
        ledger.note(RecordDraft(.alarmRaised, run: nil, fields: fields, payloads: payloads))
        log("alarm \(code) \(subject)")
    }
}

extension Gateway {
    package func raise(alarm code: String, subject: String) {
        Alarms(ledger: ledger, log: log).raise(code, subject: subject)
    }

    /// An alarm with a report that is kept as a payload.
    func raise(alarm code: String, subject: String, fields: JSONObject, detail: JSONValue) {
        Alarms(ledger: ledger, log: log).raise(
            code, subject: subject, fields: fields,
            payloads: [records.seal("detail", detail.serialized())])
    }
}
