import InterlockCommandLine
import InterlockEvidenceCommands
import InterlockLedger
import InterlockLogReading

extension Command {
    static let evidenceVerify = verifyEvidence(keys: Option.logKeys) { invocation in
        try AuditLog(invocation).keys().map { "\($0)" }
    }
}
