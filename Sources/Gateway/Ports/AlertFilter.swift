package import InterlockAlerts
package import InterlockModel

/// The conditions on a listing of alerts; a condition that is nil matches every alert.
package struct AlertFilter: Sendable, Hashable {
    package var code: String?
    package var agent: AgentName?
    package var severity: AlertSeverity?
    /// True to select alerts with a disposition, false to select those without.
    package var isDisposed: Bool?

    /// The age up to which alerts are listed and counted.
    package static let longestAge = Duration.seconds(30 * 86_400)
    /// The most alerts that one query reads.
    package static let mostRead = 10_000

    package init(
        code: String? = nil, agent: AgentName? = nil, severity: AlertSeverity? = nil,
        isDisposed: Bool? = nil
    ) {
        self.code = code
        self.agent = agent
        self.severity = severity
        self.isDisposed = isDisposed
    }
}

extension AlertFilter {
    package func passes(_ alarm: RaisedAlert) -> Bool {
        (code.map { $0 == alarm.code } ?? true) && (agent.map { $0 == alarm.agent } ?? true)
            && (severity.map { $0 == alarm.severity } ?? true)
            && (isDisposed.map { $0 == (alarm.finding != nil) } ?? true)
    }
}

/// A page of the alerts that match a filter.
package struct AlertSlice: Sendable {
    package let alarms: [RaisedAlert]
    /// The number of all matching alerts, not only of this page.
    package let count: Int
    /// The number of stored alerts that cannot be read; whether they match is unknown.
    package let unread: Int

    package init(alarms: [RaisedAlert], count: Int, unread: Int = 0) {
        self.alarms = alarms
        self.count = count
        self.unread = unread
    }
}
