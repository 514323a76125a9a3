package import InterlockAlerts
package import InterlockModel

/// Storage of alerts for people to review, with their incidents. Each method returns when its change is durable; the
/// audit log holds each of them too.
package protocol AlertStore: IncidentStore {
    /// Inserts or replaces an alert. If more than `AlertRetention.mostKept` alerts are stored, the oldest alerts with a
    /// disposition are deleted first, then the oldest others.
    func keep(_ alarm: RaisedAlert) async throws(StoreFailure)
    /// Returns the readable alerts since `time`, newest first.
    ///
    /// - Throws: also if stored alerts exist and none of them can be read.
    func alarms(since time: Timestamp, most: Int) async throws(StoreFailure) -> [RaisedAlert]
    /// Returns the alerts among the newest `AlertFilter.mostRead` since `time` that match the filter, in its order.
    ///
    /// - Parameters:
    ///   - agents: if not nil, only alerts about these agents are returned.
    ///   - first: the number of matching alerts to skip.
    /// - Throws: also if stored alerts exist and none of them can be read.
    func alarms(
        since time: Timestamp, _ filter: AlertFilter, of agents: Set<AgentName>?, from first: Int,
        most: Int
    ) async throws(StoreFailure) -> AlertSlice
    /// Returns the alerts raised from `time` to `end`, both inclusive, that await an answer (`RaisedAlert.isUnanswered`),
    /// oldest first. Unreadable alerts are left out.
    func unanswered(
        since time: Timestamp, until end: Timestamp, most: Int
    ) async throws(StoreFailure) -> [RaisedAlert]
    func alarm(_ id: AlertID) async throws(StoreFailure) -> RaisedAlert?
}

extension RaisedAlert {
    /// True for a notified alert of severity `high` or above without a disposition, which was not escalated yet.
    package var isUnanswered: Bool {
        isTold && finding == nil && !isEscalated && (severity ?? .info) >= .high
    }
}

package enum AlertRetention {
    package static let mostKept = 100_000
}
