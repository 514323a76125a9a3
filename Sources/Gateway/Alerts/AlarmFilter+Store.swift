package import InterlockAlerts
package import InterlockModel

extension AlarmFilter {
    package func passes(_ alarm: RaisedAlarm) -> Bool {
        (code.map { $0 == alarm.code } ?? true) && (agent.map { $0 == alarm.agent } ?? true)
            && (severity.map { $0 == alarm.severity } ?? true)
            && (isDisposed.map { $0 == (alarm.finding != nil) } ?? true)
    }
}

/// A piece of the alarms that a filter leaves.
package struct AlarmSlice: Sendable {
    package let alarms: [RaisedAlarm]
    /// Of them all.
    package let count: Int
    /// Alarms that are kept and cannot be read, so nobody knows whether the filter leaves them.
    package let unread: Int

    package init(alarms: [RaisedAlarm], count: Int, unread: Int = 0) {
        self.alarms = alarms
        self.count = count
        self.unread = unread
    }
}

extension AlarmStore {
    /// For a store that cannot look for itself: by reading them all.
    package func alarms(
        since time: Timestamp, _ filter: AlarmFilter, of agents: Set<AgentName>?, from first: Int,
        most: Int
    ) async throws(StoreFailure) -> AlarmSlice {
        let found = try await alarms(since: time, most: AlarmDesk.mostRead).filter { alarm in
            filter.passes(alarm)
                && (agents.map { agents in alarm.agent.map(agents.contains) ?? false } ?? true)
        }
        return AlarmSlice(
            alarms: Array(found.dropFirst(first).prefix(most)), count: found.count)
    }
}
