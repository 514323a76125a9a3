package import InterlockAlerts
package import InterlockModel

/// Alarms and incidents, for people to look at. Each method returns when its change is durable; the log has each
/// of them too.
package protocol AlertStore: Sendable {
    /// Keeps it, or what has become of it. Of more than `AlertRetention.mostKept` the oldest that somebody disposed of are
    /// forgotten, then the oldest.
    func keep(_ alarm: RaisedAlert) async throws(StoreFailure)
    /// Those since a time that can be read, newest first.
    ///
    /// - Throws: also when there are some and none can be read.
    func alarms(since time: Timestamp, most: Int) async throws(StoreFailure) -> [RaisedAlert]
    /// Of the newest `AlertDispositionService.mostRead` since a time, those that the filter leaves, newest first.
    ///
    /// - Parameters:
    ///   - agents: only about these; nil: about anything.
    ///   - first: how many of them are left out.
    /// - Throws: also when there are some to look at and none can be read.
    func alarms(
        since time: Timestamp, _ filter: AlertFilter, of agents: Set<AgentName>?, from first: Int,
        most: Int
    ) async throws(StoreFailure) -> AlertSlice
    func alarm(_ id: AlertID) async throws(StoreFailure) -> RaisedAlert?
    func keep(_ incident: Incident) async throws(StoreFailure)
    /// Newest first.
    func incidents(most: Int) async throws(StoreFailure) -> [Incident]
}

package enum AlertRetention {
    package static let mostKept = 100_000
}
