/// How a spike or a drift is noticed.
package enum Detector: String, Sendable, CaseIterable {
    case ewma, cusum
    case pageHinkley = "page_hinkley"
    case robustZ = "robust_z"

    /// Whether it raises an alarm by itself; else it is shown, and counts beside another.
    package var raises: Bool { self != .pageHinkley }
}

/// What each detector says of one window.
package struct DetectorReadings: Sendable, Equatable {
    package struct Reading: Sendable, Equatable {
        package let statistic: Double
        package let threshold: Double
        /// How likely a quiet series is to give as much, at most. Computed only where the threshold is passed.
        package let chance: Double?

        package var isOver: Bool { chance != nil }
    }

    package internal(set) var ewma: Reading?
    package internal(set) var cusum: Reading?
    package internal(set) var pageHinkley: Reading?
    package internal(set) var robustZ: Reading?

    static let none = DetectorReadings()

    /// nil in its cold start.
    package subscript(detector: Detector) -> Reading? {
        switch detector {
        case .ewma: ewma
        case .cusum: cusum
        case .pageHinkley: pageHinkley
        case .robustZ: robustZ
        }
    }

    /// Whether any of them is over, one that only seconds others too.
    package var isAnyOver: Bool {
        (ewma?.isOver ?? false) || (cusum?.isOver ?? false) || (pageHinkley?.isOver ?? false)
            || (robustZ?.isOver ?? false)
    }

    /// How many made a test of it.
    var tests: Int {
        (ewma == nil ? 0 : 1) + (cusum == nil ? 0 : 1) + (pageHinkley == nil ? 0 : 1)
            + (robustZ == nil ? 0 : 1)
    }
}
