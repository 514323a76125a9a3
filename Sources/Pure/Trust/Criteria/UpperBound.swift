package import InterlockEvals

/// The interval whose upper bound is compared with a threshold, two-sided 95 %.
package enum TrustInterval: String, Sendable, Hashable, CaseIterable {
    case wilson = "wilson95"
    case clopperPearson = "clopper-pearson95"

    /// The upper bound of a rate, 0 to 1 and not below the rate.
    ///
    /// INVARIANT: one more case among the counted ones, or one more of both, never lowers it. Kept by
    /// `UpperBoundTests`.
    package func upperBound(_ rate: PassRate) -> Double { bounds(rate).upperBound }

    package func bounds(_ rate: PassRate) -> ClosedRange<Double> {
        switch self {
        case .wilson: rate.wilson
        case .clopperPearson:
            Binomial.lowerBound(
                rate.passes, of: rate.total)...Binomial.upperBound(
                    rate.passes, of: rate.total)
        }
    }

    /// `k/n, rate, interval`: `3/300, 1.0 %, 95 % interval 0.3 to 2.9 %`.
    package func text(_ rate: PassRate) -> String {
        let bounds = bounds(rate)
        return "\(rate.passes)/\(rate.total), \(TrustRateText.percent(rate.rate)), 95 % interval "
            + "\(TrustRateText.number(bounds.lowerBound)) to "
            + TrustRateText.percent(bounds.upperBound)
    }
}

/// Rates in percent with two digits, since thresholds go down to half a percent.
enum TrustRateText {
    static func number(_ rate: Double) -> String { RateText.decimal(rate * 100, digits: 2) }
    static func percent(_ rate: Double) -> String { number(rate) + " %" }
}

/// The exact bounds of Clopper and Pearson (1934), by bisection on the binomial distribution.
package enum Binomial {
    /// The upper bound of a one-sided interval of 95 %.
    ///
    /// - Parameter k: 0 to `n`; `n` is 1 to `PassRate.most`.
    package static func oneSidedBound(_ k: Int, of n: Int) -> Double {
        upperBound(k, of: n, tail: 0.05)
    }

    /// The upper bound of a two-sided interval of 95 %, with the same bounds of `k` and `n`.
    static func upperBound(_ k: Int, of n: Int) -> Double { upperBound(k, of: n, tail: 0.025) }

    /// The probability p at which at most `k` of `n` has the probability `tail`; 1 if `k` is `n`.
    private static func upperBound(_ k: Int, of n: Int, tail: Double) -> Double {
        guard k < n else { return 1 }
        var low = Double(k) / Double(n)
        var high = 1.0
        // 60 halvings exhaust the digits of a double.
        for _ in 0..<60 {
            let middle = (low + high) / 2
            guard middle > low, middle < high else { break }
            if atMost(k, of: n, probability: middle) > tail { low = middle } else { high = middle }
        }
        // The upper end of the root is the cautious one.
        return high
    }

    /// The lower bound is the upper one of the other cases, mirrored.
    static func lowerBound(_ k: Int, of n: Int) -> Double { max(0, 1 - upperBound(n - k, of: n)) }

    /// The probability of at most `k` successes in `n` trials.
    private static func atMost(_ k: Int, of n: Int, probability p: Double) -> Double {
        var term = ScaledDouble.power(1 - p, n)
        var sum = term
        let odds = p / (1 - p)
        for i in 0..<k {
            term.multiply(by: Double(n - i) / Double(i + 1) * odds)
            sum.add(term)
        }
        return sum.double
    }
}

/// A positive number as a significand of [1, 2) and a power of two, so that terms far below the least double are
/// kept.
private struct ScaledDouble {
    private var significand: Double
    private var exponent: Int

    /// - Parameter base: greater than 0 and at most 1.
    static func power(_ base: Double, _ count: Int) -> ScaledDouble {
        var result = ScaledDouble(significand: 1, exponent: 0)
        var factor = ScaledDouble(significand: base.significand, exponent: Int(base.exponent))
        var rest = count
        while rest > 0 {
            if rest & 1 == 1 { result.multiply(factor) }
            let square = factor
            factor.multiply(square)
            rest >>= 1
        }
        return result
    }

    private mutating func multiply(_ other: ScaledDouble) {
        exponent += other.exponent
        multiply(by: other.significand)
    }

    /// - Parameter factor: positive and finite.
    mutating func multiply(by factor: Double) {
        let product = significand * factor
        exponent += Int(product.exponent)
        significand = product.significand
    }

    mutating func add(_ other: ScaledDouble) {
        let distance = other.exponent - exponent
        // Smaller terms change no digit of the sum.
        guard distance > -64 else { return }
        guard distance < 64 else {
            self = other
            return
        }
        let total =
            significand
            + Double(sign: .plus, exponent: distance, significand: other.significand)
        exponent += Int(total.exponent)
        significand = total.significand
    }

    /// 0 for a number below the least double.
    var double: Double {
        guard exponent > -1_000 else { return 0 }
        return Double(sign: .plus, exponent: min(exponent, 1_000), significand: significand)
    }
}
