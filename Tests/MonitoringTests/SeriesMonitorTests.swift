import Testing

@testable import InterlockMonitoring

@Suite struct SeriesMonitors {
    @Test func `in the cold start nothing learned fires, whatever comes`() {
        var monitor = SeriesMonitor(.calls)
        for window in 0..<110 {
            let readings = monitor.close(window == 50 ? 100_000 : 5, hour: 0)
            #expect(!readings.isAnyOver)
            #expect(readings.ewma == nil && readings.robustZ == nil)
        }
        #expect(monitor.close(5, hour: 0).ewma != nil)
    }

    @Test func `robust z has sixty windows more`() {
        var counts = RandomCounts(.poisson, seed: 7)
        var monitor = SeriesMonitor(.calls)
        var first: Int?
        for window in 0..<300 {
            let readings = monitor.close(counts.next(), hour: 0)
            if first == nil, readings.robustZ != nil { first = window }
        }
        #expect((first ?? 0) >= 160)
        #expect((first ?? 0) < 220)
    }

    @Test func `a baseline that is poisoned one percent a window still alarms`() {
        for seed in UInt64(1)...5 {
            var counts = RandomCounts(.poisson, seed: seed)
            var monitor = SeriesMonitor(.calls)
            for _ in 0..<1_000 { _ = monitor.close(counts.next(), hour: 0) }
            var rate = 1.0
            var fired: Int?
            for window in 0..<400 where fired == nil {
                rate *= 1.01
                let readings = monitor.close(counts.next(times: rate), hour: 0)
                if Detector.allCases.contains(where: { $0.raises && readings[$0]?.isOver == true })
                {
                    fired = window
                }
            }
            // The rate has not yet tripled by then.
            #expect((fired ?? 1_000) < 110, "seed \(seed)")
        }
    }

    @Test func `windows with an alarm are not learned, nor those of a pause`() {
        var counts = RandomCounts(.poisson, seed: 3)
        var monitor = SeriesMonitor(.calls)
        for _ in 0..<500 { _ = monitor.close(counts.next(), hour: 0) }
        #expect(monitor.close(200, hour: 0).isAnyOver)
        let before = monitor.baseline.count
        for _ in 0..<200 { #expect(monitor.close(200, hour: 0).isAnyOver) }
        for _ in 0..<100 { _ = monitor.close(0, hour: 0, mayLearn: false) }
        #expect(monitor.baseline.count == before)
    }

    @Test func `an hour of the week is compared with itself once it was quiet in four weeks`() {
        var counts = RandomCounts(.poisson, seed: 11)
        var monitor = SeriesMonitor(.calls)
        var lastWeek = 0
        for hour in 0..<(168 * 6) {
            // Each night at three, a job makes ten times as many calls.
            let isJob = hour % 24 == 3
            for _ in 0..<60 {
                let readings = monitor.close(counts.next(times: isJob ? 10 : 1), hour: Int64(hour))
                if hour >= 168 * 5, isJob, readings.robustZ?.isOver == false,
                    readings.ewma?.isOver == true
                {
                    lastWeek += 1
                }
            }
        }
        // The job raises an alert each time, so its hours are never learned as quiet; a slower rise is learned.
        #expect(monitor.expected(hour: 168 * 6 + 4).map { abs($0 - 5) < 1.5 } == true)
        var slow = SeriesMonitor(.calls)
        var alarms = 0
        for hour in 0..<(168 * 6) {
            let times = hour % 24 == 3 ? 1.3 : 1
            for _ in 0..<60 {
                let readings = slow.close(counts.next(times: times), hour: Int64(hour))
                if hour >= 168 * 5, readings.isAnyOver { alarms += 1 }
            }
        }
        let night = slow.expected(hour: 168 * 6 + 3) ?? 0
        let day = slow.expected(hour: 168 * 6 + 12) ?? 0
        #expect(night > day + 0.8, "\(night) at night, \(day) by day, \(alarms) alarms")
    }

    @Test func `counts of any size give numbers`() {
        var monitor = SeriesMonitor(.bytesOut)
        for window in 0..<2_000 {
            let count = [Int.max, 0, Int.min, 1][window % 4]
            let readings = monitor.close(count, hour: Int64.max - Int64(window))
            for detector in Detector.allCases {
                #expect(readings[detector]?.statistic.isFinite != false)
            }
        }
        #expect(monitor.baseline.deviation.isFinite)
    }

    @Test func `the baseline is that of the last thousand windows`() {
        var baseline = Baseline()
        for _ in 0..<5_000 { baseline.learn(100) }
        for value in 0..<1_049 { baseline.learn(value % 2 == 0 ? 1 : 3) }
        #expect((1_000...1_049).contains(baseline.count))
        #expect(abs(baseline.mean - 2) < 0.01)
        #expect(abs(baseline.deviation - 1) < 0.01)
    }

    @Test func `the spread is the median of the distances`() {
        var counts = RandomCounts(.overdispersed, seed: 5)
        for _ in 0..<20 {
            var robust = RobustZ()
            var all: [Double] = []
            for _ in 0..<400 {
                let count = Double(counts.next())
                all.append(count)
                robust.learn(count)
            }
            let compared = all.dropLast(RobustZ.delay).suffix(RobustZ.size).sorted()
            let median = (compared[49] + compared[50]) / 2
            let distances = compared.map { abs($0 - median) }.sorted()
            let scale = max(
                1.4826 * (distances[49] + distances[50]) / 2, max(median, 0.5).squareRoot())
            let z = robust.reading(median + 100)?.statistic ?? 0
            #expect(abs(z - 100 / scale) < 1e-9)
        }
    }
}
