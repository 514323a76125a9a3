/// The share of a detector's alerts that were real, with the confidence of that estimate.
package struct Precision: Sendable, Equatable {
    package private(set) var alarms = 0
    package private(set) var judged = 0
    package private(set) var real = 0

    package init(alarms: Int = 0, judged: Int = 0, real: Int = 0) {
        self.alarms = alarms
        self.judged = judged
        self.real = real
    }

    /// - Parameter isReal: the person's disposition, or nil before one is recorded.
    package mutating func count(_ isReal: Bool?) {
        alarms += 1
        guard let isReal else { return }
        judged += 1
        if isReal { real += 1 }
    }

    /// Is nil before the first disposition.
    package var value: Double? { judged > 0 ? Double(real) / Double(judged) : nil }

    /// Wilson's interval, 95 %; is nil before the first disposition.
    package var interval: ClosedRange<Double>? {
        guard let p = value else { return nil }
        let (n, z) = (Double(judged), 1.959964)
        let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, middle - half)...min(1, middle + half)
    }
}
