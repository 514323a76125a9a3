/// One series of one agent: its baseline and the four detectors. Counts are first transformed to equal variance (y = 2
/// sqrt(x + 3/8)); only robust z uses them untransformed. Allocates no memory after its initialisation, except the
/// hours of the week once.
///
/// INVARIANT: learned alerts are as rare and as quick as the specification's table, and a baseline that is poisoned
/// slowly still alerts. Kept by `FalseAlarmTests`, `SeriesMonitorTests`.
package struct SeriesMonitor: Sendable {
    private let series: MonitoredSeries
    private let coldStart: Int
    private var season: Season?
    private var robustZ = RobustZ()
    private var pending = PendingWindows()
    private var ewma: Double?
    private var cusum = 0.0
    private var pageHinkley = 0.0
    private var lowest = 0.0
    package private(set) var baseline = Baseline()
    /// The quiet windows directly before the last detection, oldest first.
    private(set) var before: [Int] = []

    static let weight = 0.2
    static let ewmaWidth = 4.0
    static let cusumSlack = 0.5
    static let cusumThreshold = 8.0
    static let pageHinkleySlack = 0.5
    static let pageHinkleyThreshold = 10.0

    /// - Parameter coldStart: the quiet windows before a learned detector may raise an alert; robust z needs 60 more.
    package init(_ series: MonitoredSeries, coldStart: Int = 100) {
        self.series = series
        self.coldStart = coldStart
    }

    /// The usual count in this hour; is nil during the cold start.
    package func expected(hour: Int64) -> Double? {
        guard baseline.count >= coldStart else { return nil }
        let y = season?.expected(hour: hour)?.mean ?? baseline.mean
        return max(0, y * y / 4 - 0.375)
    }

    /// Ends a window.
    ///
    /// - Parameters:
    ///   - hour: the hours since 1970 by the wall clock.
    /// - mayLearn: false for a window of a pause, a halt or an uncertain length. A window within ten windows of a
    ///   detection is never learned, whatever this says.
    package mutating func close(
        _ count: Int, hour: Int64, mayLearn: Bool = true
    ) -> DetectorReadings {
        let x = Double(max(0, count))
        let y = Self.steadied(x)
        let readings = judge(x, y, hour)
        if readings.isAnyOver {
            before = pending.counts
            pending.forget()
        } else if let window = pending.take(
            PendingWindows.Window(count: x, hour: hour, mayLearn: mayLearn)), window.mayLearn
        {
            learn(window.count, window.hour)
        }
        return readings
    }

    /// Transforms a count so that its variance is about the same for any size.
    private static func steadied(_ x: Double) -> Double { 2 * (x + 0.375).squareRoot() }

    private mutating func judge(_ x: Double, _ y: Double, _ hour: Int64) -> DetectorReadings {
        guard baseline.count >= coldStart else { return .none }
        let normal =
            season?.expected(hour: hour) ?? (mean: baseline.mean, deviation: baseline.deviation)
        let distance = (y - normal.mean) / normal.deviation
        var readings = DetectorReadings()
        readings.ewma = judgeEWMA(distance)
        readings.cusum = judgeCUSUM(distance)
        readings.pageHinkley = judgePageHinkley(distance)
        if baseline.count >= coldStart + RobustZ.delay { readings.robustZ = robustZ.reading(x) }
        return readings
    }

    /// Computes the average in deviations from the mean, so that a drifting mean moves it along.
    private mutating func judgeEWMA(_ distance: Double) -> DetectorReadings.Reading {
        let average = (ewma ?? 0) * (1 - Self.weight) + distance * Self.weight
        let deviation = (Self.weight / (2 - Self.weight)).squareRoot()
        let isOver = average > Self.ewmaWidth * deviation
        ewma = isOver ? nil : average
        return DetectorReadings.Reading(
            statistic: average, threshold: Self.ewmaWidth * deviation,
            chance: isOver ? Tail.normal(above: average / deviation) : nil)
    }

    private mutating func judgeCUSUM(_ distance: Double) -> DetectorReadings.Reading {
        let sum = max(0, cusum + distance - Self.cusumSlack)
        let isOver = sum > Self.cusumThreshold
        cusum = isOver ? 0 : sum
        return DetectorReadings.Reading(
            statistic: sum, threshold: Self.cusumThreshold,
            // A walk that drifts down by k exceeds h with a probability of at most e^(-2 k h).
            chance: isOver ? Tail.exponential(-2 * Self.cusumSlack * sum) : nil)
    }

    private mutating func judgePageHinkley(_ distance: Double) -> DetectorReadings.Reading {
        pageHinkley += distance - Self.pageHinkleySlack
        lowest = min(lowest, pageHinkley)
        let rise = pageHinkley - lowest
        let isOver = rise > Self.pageHinkleyThreshold
        // The sum falls continuously; without the reset it would lose precision.
        if isOver || rise == 0 { (pageHinkley, lowest) = (0, 0) }
        return DetectorReadings.Reading(
            statistic: rise, threshold: Self.pageHinkleyThreshold,
            chance: isOver ? Tail.exponential(-2 * Self.pageHinkleySlack * rise) : nil)
    }

    private mutating func learn(_ x: Double, _ hour: Int64) {
        let y = Self.steadied(x)
        baseline.learn(y)
        robustZ.learn(x)
        // Most agents have only zeros in most series; those need no hours of the week.
        if season == nil, x > 0 { season = Season(series) }
        season?.learn(y, hour: hour)
    }
}

extension SeriesMonitor {
    /// Writes the learned baseline, without the current window.
    func write(to state: inout MonitorBytes) {
        guard let season else {
            // Only zeros were ever learned.
            state.put(UInt8(0))
            return state.put(UInt16(baseline.count))
        }
        state.put(UInt8(1))
        baseline.write(to: &state)
        robustZ.write(to: &state)
        season.write(to: &state)
    }

    init(
        _ series: MonitoredSeries, coldStart: Int, from state: inout MonitorReader
    ) throws(MonitorUnreadable) {
        self.init(series, coldStart: coldStart)
        guard try state.small(1) == 1 else {
            let count = try state.short(Baseline.most)
            for _ in 0..<count { baseline.learn(Self.steadied(0)) }
            for _ in 0..<min(count, RobustZ.delay + RobustZ.size) { robustZ.learn(0) }
            return
        }
        baseline = try Baseline(from: &state)
        robustZ = try RobustZ(from: &state)
        season = try Season(series, from: &state)
    }
}

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
