package import InterlockAlerts
package import InterlockModel
package import InterlockPorts

extension AlertStore {
    /// The default for stores that cannot filter: reads the newest alerts, at most `AlertFilter.mostRead`, filters and
    /// sorts them.
    package func alarms(
        since time: Timestamp, _ filter: AlertFilter, of agents: Set<AgentName>?, from first: Int,
        most: Int
    ) async throws(StoreFailure) -> AlertSlice {
        let found = try await alarms(since: time, most: AlertFilter.mostRead).filter { alarm in
            filter.passes(alarm)
                && (agents.map { agents in alarm.agent.map(agents.contains) ?? false } ?? true)
        }
        let sorted = filter.sorted(found)
        return AlertSlice(alarms: Array(sorted.dropFirst(first).prefix(most)), count: found.count)
    }
    /// The default for stores that cannot filter: reads all alerts that are kept.
    package func unanswered(
        since time: Timestamp, until end: Timestamp, most: Int
    ) async throws(StoreFailure) -> [RaisedAlert] {
        let found = try await alarms(since: time, most: AlertRetention.mostKept)
            .filter { $0.at <= end && $0.isUnanswered }
        return Array(found.reversed().prefix(most))
    }
}
