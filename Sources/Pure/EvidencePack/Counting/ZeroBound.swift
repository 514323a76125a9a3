/// The bound of a rate of which no case was seen (docs/specs/evidence.md, section 3).
package enum ZeroBound {
    /// The largest rate that is still as likely as 5 % to show no case in `total`: 1 - 0.05^(1/total), rounded up to a
    /// millionth.
    ///
    /// - Parameter total: at least 1.
    /// - Returns: the rate in millionths, 1 to 1,000,000.
    package static func millionths(of total: Int) -> Int {
        precondition(total > 0)
        var low = 0
        var high = 1_000_000
        // The least rate in millionths whose chance of no case is below 5 %.
        while low < high {
            let middle = (low + high) / 2
            if power(1 - Double(middle) / 1_000_000, total) <= 0.05 + rounding {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }

    /// `0 in 300: at most 0.9937 % (one-sided, 95 %)`.
    package static func text(of total: Int) -> String {
        guard total > 0 else { return "0 in 0: nothing follows" }
        let rate = millionths(of: total)
        let digits = String(rate % 10_000)
        let padded = String(repeating: "0", count: 4 - digits.count) + digits
        return "0 in \(total): at most \(rate / 10_000).\(padded) % (one-sided, 95 %)"
    }

    /// More than the error of the last digits of a double.
    private static let rounding = 1e-12

    private static func power(_ base: Double, _ count: Int) -> Double {
        var result = 1.0
        var factor = base
        var rest = count
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
