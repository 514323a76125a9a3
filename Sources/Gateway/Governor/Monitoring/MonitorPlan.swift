package import InterlockModel
package import InterlockMonitoring

/// What is watched and how (`detectors` of the configuration).
package struct MonitorPlan: Sendable {
    package var detectors = DetectorSettings()
    /// Signals that people are told of; all others are on record.
    package var told: Set<WatchedSignal> = Set(
        WatchedSignal.allCases.filter { $0.usual == .alert })
    /// A run is long from here on, or from what 99 of 100 of the agent's runs stay within.
    package var longRun: Duration = .seconds(4 * 3_600)
    /// Where a tool's arguments name recipients.
    package var recipients: [ToolAddress: [String]] = [:]

    package init() {}
}
