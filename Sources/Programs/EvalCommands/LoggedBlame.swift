package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// The denials and incidents of one agent in the audit log.
struct LoggedBlame: Sendable {
    /// The calls that were denied; a summary counts as many as it has.
    private(set) var denials: Int64 = 0
    private(set) var incidents: Int64 = 0
    /// The time of the latest of both; nil if there is none.
    private(set) var last: Timestamp?

    fileprivate mutating func add(denials: Int64, incidents: Int64, at time: Timestamp) {
        self.denials += denials
        self.incidents += incidents
        last = last.map { max($0, time) } ?? time
    }
}

/// Reads a time of the command line: RFC 3339, or how long ago.
package typealias TimeReader = @Sendable (String, Timestamp) throws -> Timestamp

/// Reads the records that a filter selects from the log that a command line names, at most `LoggedBlames.most`.
package typealias BlameReader = @Sendable (Invocation, RecordFilter) throws -> [StoredRecord]

/// The denials and incidents since a time, by agent.
package struct LoggedBlames: Sendable {
    /// The most records of one type that are counted, the newest ones.
    package static let most = 100_000

    let since: Timestamp
    private var agents: [AgentName: LoggedBlame] = [:]

    func blame(of agent: AgentName) -> LoggedBlame { agents[agent] ?? LoggedBlame() }

    /// Reads the log of the deployment at hand, since the time of `--since`, by default 90 days ago.
    ///
    /// - Returns: nil if there is no deployment, or its log cannot be read and nothing on the command line names it.
    static func read(
        _ invocation: Invocation, since parse: TimeReader, _ reader: BlameReader
    ) throws -> LoggedBlames? {
        let since = try parse(invocation["since"] ?? "90d", SystemClock().now.wall)
        let isNamed = invocation.has("since") || Deployment.isNamed(invocation)
        guard isNamed || Deployment.isAtHand(invocation) else { return nil }
        var blames = LoggedBlames(since: since)
        do {
            for type in [RecordType.callDenied, RecordType.incidentOpened] {
                var filter = RecordFilter()
                filter.since = since
                filter.type = type.rawValue
                for record in try reader(invocation, filter) { blames.take(record, of: type) }
            }
        } catch let failure as Failure where !isNamed {
            Output.error("note: the log was not read: \(failure.message)")
            return nil
        }
        return blames
    }

    private init(since: Timestamp) { self.since = since }

    /// Takes a record. What does not count against the agent is not blamed on it.
    private mutating func take(_ record: StoredRecord, of type: RecordType) {
        guard let agent = record.text("agent").flatMap({ AgentName($0) }), let time = record.time
        else { return }
        if type == .incidentOpened {
            agents[agent, default: LoggedBlame()].add(denials: 0, incidents: 1, at: time)
            return
        }
        guard DenialKind(code: record.text("code")) == .counted else { return }
        let count = max(1, record["cnt"]?.integer ?? 1)
        agents[agent, default: LoggedBlame()].add(denials: count, incidents: 0, at: time)
    }
}
