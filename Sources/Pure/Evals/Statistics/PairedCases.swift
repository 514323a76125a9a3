/// The utility cases of a run, each compared with the same case of its baseline. A case passes if all its trials do.
package struct PairedCases: Sendable, Hashable {
    /// The cases that passed in the baseline and fail now: b.
    package let lost: Int
    /// The cases that failed in the baseline and pass now: c.
    package let gained: Int
    /// All pairs, at least `lost + gained`, at least 1: n.
    package let pairs: Int

    /// - Returns: nil unless the numbers are those of 1 to `PassRate.most` pairs.
    package init?(lost: Int, gained: Int, of pairs: Int) {
        guard (1...PassRate.most).contains(pairs), (0...pairs).contains(lost),
            (0...pairs).contains(gained), lost + gained <= pairs
        else { return nil }
        self.lost = lost
        self.gained = gained
        self.pairs = pairs
    }

    /// The p-value of the exact McNemar test, two-sided: `min(1, 2 * sum(i <= min(b,c)) C(b+c,i) / 2^(b+c))`.
    ///
    /// The sum is exact up to 62 pairs that differ; beyond, the relative error is under 1e-9. It is never 0.
    package var mcNemar: Double {
        let n = lost + gained
        let least = min(lost, gained)
        let tail = n <= 62 ? Self.exactTail(n, least) : Self.scaledTail(n, least)
        return min(1, max(2 * tail, .leastNormalMagnitude))
    }

    /// `sum(i <= k) C(n,i) / 2^n` in whole numbers, for n of at most 62 and k of at most n/2: the greatest product,
    /// C(62,31) * 31, is below 2^64.
    private static func exactTail(_ n: Int, _ k: Int) -> Double {
        var term: UInt64 = 1
        var sum: UInt64 = 1
        for i in 0..<k {
            // C(n,i+1) = C(n,i) * (n-i) / (i+1), without a remainder.
            term = term * UInt64(n - i) / UInt64(i + 1)
            sum += term
        }
        return Double(sum) / Double(UInt64(1) << UInt64(n))
    }

    /// The same with the power of two apart, so that nothing is too small for a double before the end.
    private static func scaledTail(_ n: Int, _ k: Int) -> Double {
        // The greatest term, C(n,k): a number of [1, 2) times a power of two.
        var term = 1.0
        var exponent = 0
        for i in 0..<k {
            term *= Double(n - i) / Double(i + 1)
            exponent += Int(term.exponent)
            term = term.significand
        }
        // The smaller terms relative to it: C(n,i-1) = C(n,i) * i / (n-i+1).
        var sum = 1.0
        var relative = 1.0
        var i = k
        while i > 0, relative > 1e-20 {
            relative *= Double(i) / Double(n - i + 1)
            sum += relative
            i -= 1
        }
        return Double(sign: .plus, exponent: max(-1100, exponent - n), significand: term * sum)
    }

    /// The quantile of the normal distribution for a one-sided bound of 95 %.
    static let z = 1.645

    /// The upper bound of the drop of the pass rate, one-sided 95 % (Agresti and Min), at most 1:
    /// `d + 1.645 se` with `d = (b-c)/(n+2)` and `se = sqrt(b+c+1 - (b-c)^2/(n+2))/(n+2)`.
    ///
    /// INVARIANT: one more lost case never lowers the bound. Kept by `StatisticsTests`.
    package var dropBound: Double {
        let n = Double(pairs + 2)
        let difference = Double(lost - gained)
        let variance = Double(lost + gained + 1) - difference * difference / n
        return min(1, difference / n + Self.z * max(0, variance).squareRoot() / n)
    }

    /// The fewest pairs whose bound is within the margin if nothing changed, or nil for a margin of 0.
    package static func needed(for margin: Fraction) -> Int? {
        guard margin.tenThousandths > 0 else { return nil }
        // 1.645 / (n+2) <= margin, in whole numbers: 16,450 <= margin in ten-thousandths * (n+2).
        let most = (16_450 + margin.tenThousandths - 1) / margin.tenThousandths
        return max(1, most - 2)
    }
}

/// Holm's step-down correction for the tests of several suites in one run.
package enum Holm {
    /// The level at which an adjusted p-value is significant.
    package static let alpha = 0.05

    /// - Returns: the adjusted p-values, in the order of `pValues`; nil if one of them is no probability.
    package static func adjusted(_ pValues: [Double]) -> [Double]? {
        guard pValues.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { return nil }
        let order = pValues.indices.sorted {
            (pValues[$0], $0) < (pValues[$1], $1)
        }
        var adjusted = pValues
        var greatest = 0.0
        for (rank, place) in order.enumerated() {
            greatest = max(greatest, min(1, Double(pValues.count - rank) * pValues[place]))
            adjusted[place] = greatest
        }
        return adjusted
    }
}
