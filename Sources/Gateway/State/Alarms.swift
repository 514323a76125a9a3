import InterlockJSON
import InterlockLedger

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
    package func raise(_ code: String, subject: String) {
        ledger.note(
            RecordDraft(
                .alarmRaised, run: nil,
                fields: ["code": .string(code), "subject": .string(subject.leafText)]))
        log("alarm \(code) \(subject)")
    }
}

extension Gateway {
    package func raise(alarm code: String, subject: String) {
        Alarms(ledger: ledger, log: log).raise(code, subject: subject)
    }
}
