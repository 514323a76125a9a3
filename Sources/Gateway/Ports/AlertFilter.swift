package import InterlockAlerts
package import InterlockModel

/// What of the alarms is looked for; nil: whatever it is.
package struct AlertFilter: Sendable, Hashable {
    package var code: String?
    package var agent: AgentName?
    package var severity: AlertSeverity?
    /// Whether somebody has said what it was.
    package var isDisposed: Bool?

    /// Alarms that one look goes through.
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

/// A piece of the alarms that a filter leaves.
package struct AlertSlice: Sendable {
    package let alarms: [RaisedAlert]
    /// Of them all.
    package let count: Int
    /// Alarms that are kept and cannot be read, so nobody knows whether the filter leaves them.
    package let unread: Int

    package init(alarms: [RaisedAlert], count: Int, unread: Int = 0) {
        self.alarms = alarms
        self.count = count
        self.unread = unread
    }
}
