import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import InterlockSafety

/// Content that reaches a run by no call (docs/specs/output-safety.md, sections 6 and 7; decision 0154).
extension Gateway {
    /// Raises the level of a run at once, and records it if that is a higher level than before, or than what is on record.
    /// Durable on return: the level. If the log refuses it, the run keeps the level in memory, and what would bring the
    /// content must be refused.
    ///
    /// - Parameters:
    ///   - level: not `clean`.
    ///   - source: the run that wrote the content, or whose level is inherited; nil for none.
    package func taint(
        _ run: RunContext, by cause: TaintCause, _ level: TaintLevel, from source: RunID? = nil
    ) async throws(LedgerRefusal) {
        guard !ledger.hasEnded(run: run.run) else { return }
        // Content that no call brought is in no index, so it may be any value.
        runs.labelled.update(run.run) { $0.lose() }
        let read = UntrustedRead(cause: cause, from: source, at: clock.wall)
        guard let reached = runs.tainted.addUncalled(run.run, read, level: level) else { return }
        var fields: JSONObject = [
            "tl": .integer(reached.rawValue), "code": .string(cause.rawValue),
        ]
        fields["ofrun"] = source.map { .string($0.text) }
        try await record(hook: RecordDraft(.runTainted, run: run, fields: fields), of: run)
        runs.tainted.record(reached, of: run.run)
    }
}
