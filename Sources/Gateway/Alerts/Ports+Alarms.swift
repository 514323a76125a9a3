package import InterlockAlerts
package import InterlockModel

/// Alarms and incidents, for people to look at. Each method returns when its change is durable; the log has each
/// of them too.
package protocol AlarmStore: Sendable {
    /// Keeps it, or what has become of it. Of more than `AlarmPage.mostKept` the oldest that somebody disposed of are
    /// forgotten, then the oldest.
    func keep(_ alarm: RaisedAlarm) async throws(StoreFailure)
    /// Those since a time, newest first.
    func alarms(since time: Timestamp, most: Int) async throws(StoreFailure) -> [RaisedAlarm]
    /// Those since a time that nobody has disposed of, newest first.
    func openAlarms(since time: Timestamp, most: Int) async throws(StoreFailure) -> [RaisedAlarm]
    func alarm(_ id: AlertID) async throws(StoreFailure) -> RaisedAlarm?
    func keep(_ incident: Incident) async throws(StoreFailure)
    /// Newest first.
    func incidents(most: Int) async throws(StoreFailure) -> [Incident]
}

package enum AlarmPage {
    package static let mostKept = 100_000
}
