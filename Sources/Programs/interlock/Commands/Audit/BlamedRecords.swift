import InterlockCommandLine
import InterlockEvalCommands
import InterlockLedger
import InterlockLogReading

extension Command {
    /// Records are proved before they are counted. None of them is shown, so nothing is recorded.
    static let evalReport = Command.makeEvalReport(
        since: { try time($0, before: $1) },
        { invocation, filter in
            var search = try RecordSearch(AuditLog(invocation))
            let found = try search.newest(filter, limit: LoggedBlames.most)
            guard search.unproved.isEmpty else {
                throw Failure(
                    .data, "the index names records that are not in the log",
                    help: "remove the index; the gateway builds it anew")
            }
            return found.map(\.record)
        })
}
