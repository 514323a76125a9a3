/// So many of so many passed, with n of at least 1. No rate, interval or bound is made of no trials.
package struct PassRate: Sendable, Hashable {
    package let passes: Int
    /// 1 to `PassRate.most`.
    package let total: Int

    /// The most trials: 10,000 cases of 100 trials each. Every product below stays exact or close in a double.
    package static let most = 1_000_000

    /// The quantile of the normal distribution for a two-sided interval of 95 %.
    static let z = 1.959964

    /// - Returns: nil unless `total` is 1 to `most` and `passes` is 0 to `total`.
    package init?(_ passes: Int, of total: Int) {
        guard (1...Self.most).contains(total), (0...total).contains(passes) else { return nil }
        self.passes = passes
        self.total = total
    }

    package var rate: Double { Double(passes) / Double(total) }

    /// The two-sided interval of 95 % (Wilson's score interval), within 0 to 1; it contains `rate`.
    package var wilson: ClosedRange<Double> {
        let n = Double(total)
        let z = Self.z
        let z2 = z * z
        let scale = 1 + z2 / n
        let centre = (rate + z2 / (2 * n)) / scale
        let radius = z * (rate * (1 - rate) / n + z2 / (4 * n * n)).squareRoot() / scale
        // Rounding must not move a bound across the rate, which is one of the bounds if none or all passed.
        return max(0, min(centre - radius, rate))...min(1, max(centre + radius, rate))
    }

    /// The probability that at least one of k trials passes, from c passes in n trials: `1 - C(n-c,k)/C(n,k)`.
    ///
    /// - Returns: nil unless k is 1 to the number of trials.
    package func passAtLeastOnce(in k: Int) -> Double? {
        Self.allDrawn(k, from: total - passes, of: total).map { 1 - $0 }
    }

    /// The probability that all of k trials pass: `C(c,k)/C(n,k)`, the number that counts for safety.
    ///
    /// - Returns: nil unless k is 1 to the number of trials.
    package func passAlways(in k: Int) -> Double? { Self.allDrawn(k, from: passes, of: total) }

    /// The probability that k draws without replacement are all among `some` of `n`: `C(some,k)/C(n,k)`.
    private static func allDrawn(_ k: Int, from some: Int, of n: Int) -> Double? {
        guard (1...n).contains(k) else { return nil }
        guard some >= k else { return 0 }
        var product = 1.0
        for i in 0..<k { product *= Double(some - i) / Double(n - i) }
        return product
    }

    /// `k/n, rate, 95 % interval`: `39/40, 97.5 %, 95 % interval 87.1 to 99.6 %`.
    package var text: String {
        let bounds = wilson
        return "\(passes)/\(total), \(RateText.percent(rate)), 95 % interval "
            + "\(RateText.percentNumber(bounds.lowerBound)) to \(RateText.percent(bounds.upperBound))"
    }
}

/// The greatest failure rate that trials without a failure leave possible.
package enum ZeroFailures {
    /// The one-sided bound of 95 %: `1 - 0.05^(1/n)`. 59 trials show at most 5 %, 299 at most 1 %.
    ///
    /// - Returns: nil unless `trials` is 1 to `PassRate.most`.
    package static func bound(_ trials: Int) -> Double? {
        guard (1...PassRate.most).contains(trials) else { return nil }
        // The n-th root by bisection: the power is monotone, and 64 halvings exhaust the digits of a double.
        var low = 0.0
        var high = 1.0
        for _ in 0..<64 {
            let middle = (low + high) / 2
            if power(middle, trials) < 0.05 { low = middle } else { high = middle }
        }
        // The lower end of the root is the upper, cautious end of the bound.
        return 1 - low
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var result = 1.0
        var factor = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
