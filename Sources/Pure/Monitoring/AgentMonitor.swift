/// The monitored series of one agent. Observing only counts; detectors run when a window ends.
package struct AgentMonitor: Sendable {
    private var series: [SeriesMonitor]
    private var counts = [Int](repeating: 0, count: MonitoredSeries.allCases.count)
    private var recipients: Set<UInt64> = []
    /// The current window of each series, counted in its own length since the clock's start.
    private var windows: [Int64]
    /// The windows since the last alert of each series, or nil if the series is quiet.
    private var quiet = [Int?](repeating: nil, count: MonitoredSeries.allCases.count)
    private let settings: DetectorSettings

    /// The most different recipients that are counted in one hour.
    package static let mostRecipients = 10_000

    /// - Parameter seconds: the time of a monotonic clock.
    package init(_ settings: DetectorSettings, seconds: Int64) {
        self.settings = settings
        series = MonitoredSeries.allCases.map { SeriesMonitor($0, coldStart: settings.coldStart) }
        windows = MonitoredSeries.allCases.map { seconds / $0.windowSeconds }
    }

    package mutating func observe(_ series: MonitoredSeries, _ amount: Int = 1) {
        let (sum, isOver) = counts[series.index].addingReportingOverflow(amount)
        counts[series.index] = isOver ? .max : sum
    }

    /// - Parameter recipient: the recipient's hash.
    package mutating func observe(recipient: UInt64) {
        guard recipients.count < Self.mostRecipients else { return }
        if recipients.insert(recipient).inserted { counts[MonitoredSeries.recipients.index] += 1 }
    }

    /// Ends the windows that are complete.
    ///
    /// - Parameters:
    ///   - seconds: the time of the same clock as in `init`.
    ///   - hour: the hours since 1970 by the wall clock.
    ///   - isHeld: whether the agent is halted or paused; such a window is not learned.
    /// - Returns: the alerts of series that were quiet.
    package mutating func close(seconds: Int64, hour: Int64, isHeld: Bool) -> [LearnedAlert] {
        var fired: [(series: MonitoredSeries, count: Int, readings: DetectorReadings)] = []
        var tests = 0
        for one in MonitoredSeries.allCases {
            let passed = seconds / one.windowSeconds - windows[one.index]
            guard passed > 0 else { continue }
            windows[one.index] += passed
            let count = counts[one.index] / Int(clamping: passed)
            counts[one.index] = 0
            if one == .recipients { recipients.removeAll(keepingCapacity: true) }
            // If the caller was late, the count cannot be assigned to one of the windows, so it is not learned.
            let readings = series[one.index].close(
                count, hour: hour, mayLearn: !isHeld && passed == 1)
            tests += readings.tests
            if readings.isAnyOver { fired.append((one, count, readings)) } else { rest(one) }
        }
        return fired.isEmpty ? [] : alarms(fired, tests: tests, hour: hour)
    }

    /// Restarts the learning of a series whose alert a person found to be expected: until it is complete only the
    /// limits apply.
    package mutating func startOver(_ one: MonitoredSeries) {
        series[one.index] = SeriesMonitor(one, coldStart: settings.coldStart)
        quiet[one.index] = nil
    }

    /// The number of quiet windows that a series was learned from.
    package func learned(_ one: MonitoredSeries) -> Int { series[one.index].baseline.count }

    /// The encoded learned state, for a later process.
    package var learned: [UInt8] {
        var state = MonitorBytes()
        state.put(MonitorBytes.version)
        for one in series { one.write(to: &state) }
        return state.bytes
    }

    /// Restores the state that an earlier process learned.
    package mutating func restore(_ bytes: [UInt8]) throws(MonitorUnreadable) {
        guard bytes.count <= MonitorBytes.most else { throw MonitorUnreadable() }
        var state = MonitorReader(bytes)
        guard try state.small(.max) == MonitorBytes.version else { throw MonitorUnreadable() }
        var read: [SeriesMonitor] = []
        for one in MonitoredSeries.allCases {
            read.append(try SeriesMonitor(one, coldStart: settings.coldStart, from: &state))
        }
        guard state.isAtEnd else { throw MonitorUnreadable() }
        series = read
    }

    private mutating func rest(_ one: MonitoredSeries) {
        guard let since = quiet[one.index] else { return }
        quiet[one.index] = since + 1 < one.quietWindows ? since + 1 : nil
    }

    private mutating func alarms(
        _ fired: [(series: MonitoredSeries, count: Int, readings: DetectorReadings)], tests: Int,
        hour: Int64
    ) -> [LearnedAlert] {
        let chances = fired.flatMap { one in
            Detector.allCases.compactMap { one.readings[$0]?.chance }
        }
        let limit = FalseDiscoveries.limit(chances, tests: tests, q: settings.falseShare)
        var alarms: [LearnedAlert] = []
        for one in fired {
            let over = Detector.allCases.filter { one.readings[$0]?.isOver == true }
            guard over.contains(where: \.raises) else { continue }
            let isNew = quiet[one.series.index] == nil
            quiet[one.series.index] = 0
            guard isNew else { continue }
            let chance = over.compactMap { one.readings[$0]?.chance }.min() ?? 1
            alarms.append(
                LearnedAlert(
                    series: one.series, detectors: over, count: one.count,
                    expected: series[one.series.index].expected(hour: hour) ?? 0, chance: chance,
                    isDiscovery: limit.map { chance <= $0 } ?? false,
                    before: series[one.series.index].before, readings: one.readings))
        }
        return alarms
    }
}

/// The settings under `detectors` in the configuration, within their bounds.
package struct DetectorSettings: Sendable, Equatable {
    /// The learned alerts of an agent in a week that are sent one by one.
    package var alarmsPerWeek = 2
    /// The share of false alerts that is accepted among those that count.
    package var falseShare = 0.05
    /// The quiet windows that a series needs before it may raise an alert.
    package var coldStart = 100

    package static let alarmsPerWeekBounds = 1...50
    package static let falseShareBounds = 0.001...0.2
    package static let coldStartBounds = 50...1_000

    package init() {}
}
