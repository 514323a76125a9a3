package import InterlockJSON

/// The state of a monitored series when it raised an alert: counts in windows of equal length, and the detectors'
/// readings of the last window.
package struct AlertWindow: Sendable, Equatable {
    /// A detector's values in thousandths, because a record holds no fractions.
    package struct Reading: Sendable, Equatable {
        package let detector: String
        package let statistic: Int64
        package let threshold: Int64
        package let isOver: Bool

        package init(detector: String, statistic: Double, threshold: Double, isOver: Bool) {
            self.detector = detector
            self.statistic = Int64(clamping: (statistic * 1000).rounded())
            self.threshold = Int64(clamping: (threshold * 1000).rounded())
            self.isOver = isOver
        }
    }

    /// The length of one window in seconds.
    package let seconds: Int64
    package let count: Int
    /// The usual count at that hour.
    package let expected: Int
    /// The quiet windows directly before it, oldest first; at most ten.
    package let before: [Int]
    package let readings: [Reading]

    package init(seconds: Int64, count: Int, expected: Int, before: [Int], readings: [Reading]) {
        self.seconds = seconds
        self.count = Self.kept(count)
        self.expected = Self.kept(expected)
        self.before = before.map(Self.kept)
        self.readings = readings
    }

    /// Clamps a count to the largest integer that JSON represents exactly.
    private static func kept(_ count: Int) -> Int { min(count, Int(JSONValue.largestInteger)) }
}

extension Int64 {
    /// The nearest representable value; 0 if `number` is NaN.
    fileprivate init(clamping number: Double) {
        self = number.isNaN ? 0 : Int64(Swift.max(-9e15, Swift.min(9e15, number)))
    }
}

extension AlertWindow {
    package var json: JSONValue {
        [
            "seconds": .integer(seconds), "count": .integer(Int64(count)),
            "expected": .integer(Int64(expected)),
            "before": .array(before.map { .integer(Int64($0)) }),
            "readings": .array(readings.map(\.json)),
        ]
    }

    /// - Returns: nil if `json` has another form.
    package init?(_ json: JSONValue) {
        guard let seconds = json["seconds"]?.integer, seconds > 0,
            let count = json["count"]?.integer, let expected = json["expected"]?.integer,
            let before = json["before"]?.array, let readings = json["readings"]?.array
        else { return nil }
        self.init(
            seconds: seconds, count: Int(count), expected: Int(expected),
            before: before.compactMap { $0.integer.map(Int.init) },
            readings: readings.compactMap(Reading.init))
    }
}

extension AlertWindow.Reading {
    fileprivate var json: JSONValue {
        [
            "detector": .string(detector), "statistic": .integer(statistic),
            "threshold": .integer(threshold), "over": .bool(isOver),
        ]
    }

    fileprivate init?(_ json: JSONValue) {
        guard let detector = json["detector"]?.string, let statistic = json["statistic"]?.integer,
            let threshold = json["threshold"]?.integer, let isOver = json["over"]?.bool
        else { return nil }
        self.detector = detector
        self.statistic = statistic
        self.threshold = threshold
        self.isOver = isOver
    }
}
