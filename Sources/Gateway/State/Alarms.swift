import InterlockJSON
import InterlockLedger

extension Gateway {
    /// Until channels exist an alarm is a record and one line for whoever reads stderr.
    ///
    /// - Parameters:
    ///   - code: stable, for instance `kill.refused`.
    ///   - subject: an id or a name from configuration; never text that an agent or a server chose.
    package func raise(alarm code: String, subject: String) {
        ledger.note(
            RecordDraft(
                .alarmRaised, run: nil,
                fields: ["code": .string(code), "subject": .string(subject.leafText)]))
        log("alarm \(code) \(subject)")
    }
}
