/// Probabilities of the normal distribution, exact to four digits: they order alerts; thresholds do not depend on them.
enum Tail {
    /// Returns the probability of a standard normal value above `z`, or 0.5 if `z` is below 0.
    static func normal(above z: Double) -> Double {
        guard z > 0 else { return 0.5 }
        // Abramowitz and Stegun, 26.2.17.
        let t = 1 / (1 + 0.2316419 * z)
        let series =
            t
            * (0.319381530 + t
                * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
        return 0.3989422804014327 * exponential(-z * z / 2) * series
    }

    /// Returns e to a power of at most 0, or 0 if the result is negligible.
    static func exponential(_ power: Double) -> Double {
        guard power > -700 else { return 0 }
        guard power < 0 else { return 1 }
        // The power is halved ten times, so that a few terms are enough; the result is squared as often.
        let x = power / 1_024
        var result = 1 + x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5))))
        for _ in 0..<10 { result *= result }
        return result
    }
}
