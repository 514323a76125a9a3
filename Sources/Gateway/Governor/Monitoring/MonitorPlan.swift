package import InterlockModel
package import InterlockMonitoring

/// The configuration of monitoring (`detectors`).
package struct MonitorPlan: Sendable {
    package var detectors = DetectorSettings()
    /// The signals that are delivered to people; all others are only recorded.
    package var told: Set<WatchedSignal> = Set(WatchedSignal.allCases.filter { $0.usual == .alert })
    /// The least length of a long run; the 99th percentile of the agent's runs applies if it is longer.
    package var longRun: Duration = .seconds(4 * 3_600)
    /// The path to the recipients in a tool's arguments.
    package var recipients: [ToolAddress: [String]] = [:]

    package init() {}
}
