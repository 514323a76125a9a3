/// A statistical method that detects a spike or a drift.
package enum Detector: String, Sendable, CaseIterable {
    case ewma, cusum
    case pageHinkley = "page_hinkley"
    case robustZ = "robust_z"

    /// True if the detector raises an alert by itself; otherwise it is displayed, and counts together with another.
    package var raises: Bool { self != .pageHinkley }
}

/// The results of all detectors for one window.
package struct DetectorReadings: Sendable, Equatable {
    package struct Reading: Sendable, Equatable {
        package let statistic: Double
        package let threshold: Double
        /// An upper bound of the probability that a quiet series yields such a value; is nil unless the threshold is
        /// exceeded.
        package let chance: Double?

        package var isOver: Bool { chance != nil }
    }

    package internal(set) var ewma: Reading?
    package internal(set) var cusum: Reading?
    package internal(set) var pageHinkley: Reading?
    package internal(set) var robustZ: Reading?

    static let none = DetectorReadings()

    /// Is nil during the detector's cold start.
    package subscript(detector: Detector) -> Reading? {
        switch detector {
        case .ewma: ewma
        case .cusum: cusum
        case .pageHinkley: pageHinkley
        case .robustZ: robustZ
        }
    }

    /// True if any detector exceeds its threshold, including one that does not raise an alert by itself.
    package var isAnyOver: Bool {
        (ewma?.isOver ?? false) || (cusum?.isOver ?? false) || (pageHinkley?.isOver ?? false)
            || (robustZ?.isOver ?? false)
    }

    /// The number of detectors that tested the window.
    var tests: Int {
        (ewma == nil ? 0 : 1) + (cusum == nil ? 0 : 1) + (pageHinkley == nil ? 0 : 1)
            + (robustZ == nil ? 0 : 1)
    }
}
