/// An alert that one or more detectors of a series raised after the series was quiet.
package struct LearnedAlert: Sendable, Equatable {
    package let series: MonitoredSeries
    /// The detectors that exceeded their threshold, including those that raise no alert by themselves.
    package let detectors: [Detector]
    /// The count of the window.
    package let count: Int
    package let expected: Double
    /// The smallest probability of its detectors.
    package let chance: Double
    /// False if the alert does not count among all tests that were made at the same time.
    package let isDiscovery: Bool
    /// The quiet windows directly before it, oldest first; at most ten.
    package let before: [Int]
    /// The results of each detector for the window.
    package let readings: DetectorReadings
}
