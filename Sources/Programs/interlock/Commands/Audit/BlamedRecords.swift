import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvalCommands
import InterlockLedger
import InterlockModel

extension Command {
    static let evalReport = Command.makeEvalReport { try BlamedRecords.read($0) }
}

/// The denials and incidents of a log, each proved before it is counted. None of them is shown, so that nothing is
/// recorded.
private enum BlamedRecords {
    /// The most records of one type that are counted, the newest ones.
    private static let most = 100_000

    static func read(_ invocation: Invocation) throws -> LoggedBlames? {
        let since = try time(invocation["since"] ?? "90d", before: SystemClock().now.wall)
        let isWanted = invocation.has("since") || Deployment.isNamed(invocation)
        guard isWanted || Deployment.isAtHand(invocation) else { return nil }
        do { return try read(invocation, since) } catch let failure as Failure where !isWanted {
            Output.error("note: the log was not read: \(failure.message)")
            return nil
        }
    }

    private static func read(_ invocation: Invocation, _ since: Timestamp) throws -> LoggedBlames {
        var blames = LoggedBlames(since: since)
        var search = try RecordSearch.telling(AuditLog(invocation))
        for type in [RecordType.callDenied, .incidentOpened] {
            var filter = RecordFilter()
            filter.since = since
            filter.type = type.rawValue
            for record in try search.newest(filter, limit: most).map(\.record) {
                guard let agent = record.text("agent").flatMap({ AgentName($0) }),
                    let time = record.time
                else { continue }
                if type == .incidentOpened {
                    blames.addIncident(of: agent, at: time)
                } else {
                    blames.addDenial(
                        of: agent, code: record.text("code"), count: record["cnt"]?.integer ?? 1,
                        at: time)
                }
            }
        }
        guard search.unproved.isEmpty else {
            throw Failure(
                .data, "the index names records that are not in the log",
                help: "remove the index; the gateway builds it anew")
        }
        return blames
    }
}
