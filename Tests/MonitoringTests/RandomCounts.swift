import Glibc
import InterlockTesting

/// Counts of the distributions by which the detectors are measured.
struct RandomCounts {
    enum Law: String, CaseIterable {
        case poisson, overdispersed, sparse
    }
    private var generator: SeededGenerator
    private let law: Law

    init(_ law: Law, seed: UInt64) {
        self.law = law
        generator = SeededGenerator(seed: seed)
    }

    mutating func next(times: Double = 1) -> Int {
        switch law {
        case .poisson: poisson(5 * times)
        // A mean of 5 with variance 10 is a Poisson distribution whose mean is Gamma(5, 1).
        case .overdispersed: poisson(times * (0..<5).reduce(0) { sum, _ in sum - log(uniform()) })
        case .sparse: poisson(0.5 * times)
        }
    }

    mutating func poisson(_ mean: Double) -> Int {
        let limit = exp(-mean)
        var (count, product) = (0, uniform())
        while product > limit {
            count += 1
            product *= uniform()
        }
        return count
    }

    private mutating func uniform() -> Double {
        (Double(generator.next() >> 11) + 0.5) / Double(1 << 53)
    }
}
