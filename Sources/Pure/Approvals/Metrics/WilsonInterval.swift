/// The 95 % confidence interval of a rate (Wilson's score interval): narrow only if the sample is large, and always
/// within 0 to 1.
package struct WilsonInterval: Hashable, Sendable {
    package let low: Double
    package let high: Double

    /// The quantile of the normal distribution for 95 %.
    private static let z = 1.959963984540054

    /// - Parameters: `hits` of `count`. If `count` is 0, the interval is 0 to 1.
    package init(_ hits: Int, of count: Int) {
        precondition(hits >= 0 && hits <= count, "no more hits than there were tries")
        guard count > 0 else {
            low = 0
            high = 1
            return
        }
        let n = Double(count)
        let rate = Double(hits) / n
        let z2 = Self.z * Self.z
        let middle = (rate + z2 / (2 * n)) / (1 + z2 / n)
        let half = Self.z / (1 + z2 / n) * (rate * (1 - rate) / n + z2 / (4 * n * n)).squareRoot()
        low = hits == 0 ? 0 : max(0, middle - half)
        high = hits == count ? 1 : min(1, middle + half)
    }
}
