package import InterlockAlerts
package import InterlockModel

/// The conditions on a listing of alerts and its order; a condition that is nil matches every alert.
package struct AlertFilter: Sendable, Hashable {
    package typealias Sorting = ListOrder<Column>

    /// The columns by which the list can be ordered.
    package enum Column: String, Sendable, CaseIterable {
        case at, code, severity, agent
        /// The alerts without a disposition first.
        case disposed
    }

    package var code: String?
    package var agent: AgentName?
    package var severity: AlertSeverity?
    /// True to select alerts with a disposition, false to select those without.
    package var isDisposed: Bool?
    /// Is nil for the newest first. Alerts with the same value are the newest first too.
    package var order: Sorting?

    /// The age up to which alerts are listed and counted.
    package static let longestAge = Duration.seconds(30 * 86_400)
    /// The most alerts that one query reads.
    package static let mostRead = 10_000

    package init(
        code: String? = nil, agent: AgentName? = nil, severity: AlertSeverity? = nil,
        isDisposed: Bool? = nil, order: Sorting? = nil
    ) {
        self.order = order
        self.code = code
        self.agent = agent
        self.severity = severity
        self.isDisposed = isDisposed
    }
}

extension AlertFilter {
    /// True if it leaves all alerts, in whatever order.
    package var isEmpty: Bool {
        var filter = self
        filter.order = nil
        return filter == AlertFilter()
    }

    /// The alerts in its order.
    ///
    /// - Parameter newest: the alerts, newest first.
    package func sorted(_ newest: [RaisedAlert]) -> [RaisedAlert] {
        guard let order else { return newest }
        return switch order.column {
        case .at: order.sorted(newest) { $0.at }
        case .code: order.sorted(newest) { $0.code }
        case .severity: order.sorted(newest) { $0.severity ?? .info }
        case .agent: order.sorted(newest) { $0.agent }
        case .disposed: order.sorted(newest) { $0.finding == nil ? 0 : 1 }
        }
    }

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
