/// One or more detectors of a series fired, after it was quiet.
package struct LearnedAlert: Sendable, Equatable {
    package let series: MonitoredSeries
    /// Those that passed their threshold, one that only seconds others too.
    package let detectors: [Detector]
    /// Of the window.
    package let count: Int
    package let expected: Double
    /// The smallest of its detectors.
    package let chance: Double
    /// False where it would not count among all the tests that were made at once.
    package let isDiscovery: Bool
    /// The windows that were quiet until then, the oldest first: ten at most.
    package let before: [Int]
    /// What each detector said of the window.
    package let readings: DetectorReadings
}
