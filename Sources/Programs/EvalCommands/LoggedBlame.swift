package import InterlockCommandLine
package import InterlockModel

/// The denials and incidents of one agent in the audit log.
package struct LoggedBlame: Sendable {
    /// The calls that were denied by a decision; a summary counts as many as it has.
    package private(set) var denials: Int64 = 0
    package private(set) var incidents: Int64 = 0
    /// The time of the latest of both; nil if there is none.
    package private(set) var last: Timestamp?

    mutating func add(denials: Int64 = 0, incidents: Int64 = 0, at time: Timestamp) {
        self.denials += denials
        self.incidents += incidents
        last = last.map { max($0, time) } ?? time
    }
}

/// The denials and incidents since a time, by agent.
package struct LoggedBlames: Sendable {
    package let since: Timestamp
    private var agents: [AgentName: LoggedBlame] = [:]

    package init(since: Timestamp) { self.since = since }

    package func blame(of agent: AgentName) -> LoggedBlame { agents[agent] ?? LoggedBlame() }

    /// Takes a `call.denied` record. What the trust stage alone refused is not blamed on the agent.
    ///
    /// - Parameters:
    ///   - code: the code of the refusal.
    ///   - count: the calls that the record sums up, at least 1.
    package mutating func addDenial(
        of agent: AgentName, code: String?, count: Int64, at time: Timestamp
    ) {
        guard code != "policy.observe", code != "policy.incomplete", count > 0 else { return }
        agents[agent, default: LoggedBlame()].add(denials: count, at: time)
    }

    /// Takes an `incident.opened` record.
    package mutating func addIncident(of agent: AgentName, at time: Timestamp) {
        agents[agent, default: LoggedBlame()].add(incidents: 1, at: time)
    }
}

/// Reads the denials and incidents since the time of `--since` from the log of the deployment at hand.
///
/// - Returns: nil if there is none, and `--since` is not given.
package typealias BlameReader = @Sendable (Invocation) throws -> LoggedBlames?
