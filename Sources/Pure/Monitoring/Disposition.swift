/// What a person found an alarm to be.
package enum Disposition: String, Sendable, CaseIterable {
    case attack, fault, expected, `false`

    /// Whether there was something to see.
    package var isReal: Bool { self != .false }
}

/// How many alarms of a detector were something, with what that says of the next ones.
package struct Precision: Sendable, Equatable {
    package let alarms: Int
    package let judged: Int
    package let real: Int

    package init(alarms: Int, judged: Int, real: Int) {
        self.alarms = alarms
        self.judged = judged
        self.real = real
    }

    /// nil before one was judged.
    package var value: Double? { judged > 0 ? Double(real) / Double(judged) : nil }

    /// Wilson's interval, 95 %; nil before one was judged.
    package var interval: ClosedRange<Double>? {
        guard let p = value else { return nil }
        let (n, z) = (Double(judged), 1.959964)
        let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, middle - half)...min(1, middle + half)
    }
}
