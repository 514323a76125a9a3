/// The usual counts of each hour of the week, learned from quiet weeks.
package struct Season: Sendable {
    private struct Slot {
        var weeks: UInt8 = 0
        var mean: Float = 0
        var variance: Float = 0
    }
    private var slots = [Slot](repeating: Slot(), count: Season.hours)
    private var hour: Int64?
    private var count = 0
    private var sum = 0.0
    private var squares = 0.0
    /// The quiet windows that an hour must have to count.
    private let least: Int

    static let hours = 168
    /// The quiet weeks before an hour is compared with itself.
    static let leastWeeks: UInt8 = 4
    /// The weight of older weeks decays beyond this number.
    static let mostWeeks: UInt8 = 8

    init(_ series: MonitoredSeries) { least = max(1, Int(1_800 / series.windowSeconds)) }

    /// - Parameter hour: the hours since 1970.
    mutating func learn(_ value: Double, hour: Int64) {
        if self.hour != hour {
            fold()
            self.hour = hour
        }
        count += 1
        sum += value
        squares += value * value
    }

    /// Is nil before that hour of the week was quiet in four weeks.
    func expected(hour: Int64) -> (mean: Double, deviation: Double)? {
        let slot = slots[Self.slot(hour)]
        guard slot.weeks >= Self.leastWeeks else { return nil }
        let deviation = Double(slot.variance).squareRoot()
        return (Double(slot.mean), max(Baseline.leastDeviation, deviation))
    }

    private mutating func fold() {
        defer { (count, sum, squares) = (0, 0, 0) }
        guard let hour, count >= least else { return }
        let mean = sum / Double(count)
        let within = max(0, squares / Double(count) - mean * mean)
        let index = Self.slot(hour)
        var slot = slots[index]
        slot.weeks = min(slot.weeks + 1, Self.mostWeeks)
        let share = 1 / Double(slot.weeks)
        let distance = mean - Double(slot.mean)
        slot.mean += Float(distance * share)
        let variance = Double(slot.variance)
        slot.variance += Float((within + distance * distance * (1 - share) - variance) * share)
        slots[index] = slot
    }

    private static func slot(_ hour: Int64) -> Int {
        let rest = Int(hour % Int64(hours))
        return rest < 0 ? rest + hours : rest
    }
}

extension Season {
    /// Writes the completed hours; the current hour is omitted.
    func write(to state: inout MonitorBytes) {
        for slot in slots {
            state.put(slot.weeks)
            state.put(slot.mean)
            state.put(slot.variance)
        }
    }

    init(_ series: MonitoredSeries, from state: inout MonitorReader) throws(MonitorUnreadable) {
        self.init(series)
        for index in slots.indices {
            slots[index] = Slot(
                weeks: UInt8(try state.small(Self.mostWeeks)), mean: try state.float(),
                variance: try state.float())
        }
    }
}
