import InterlockAlerts
package import InterlockModel
package import InterlockPorts

extension AlarmStore {
    /// For a store that cannot look for itself: by reading them all.
    package func alarms(
        since time: Timestamp, _ filter: AlarmFilter, of agents: Set<AgentName>?, from first: Int,
        most: Int
    ) async throws(StoreFailure) -> AlarmSlice {
        let found = try await alarms(since: time, most: AlarmFilter.mostRead).filter { alarm in
            filter.passes(alarm)
                && (agents.map { agents in alarm.agent.map(agents.contains) ?? false } ?? true)
        }
        return AlarmSlice(
            alarms: Array(found.dropFirst(first).prefix(most)), count: found.count)
    }
}
