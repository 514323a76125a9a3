/// The number of durations in each bucket of `Histogram.ofCalls`, to be added, subtracted and asked for quantiles.
package struct DurationCounts: Sendable, Hashable {
    /// One count for each bound, and one for what is above all; empty if there are none.
    private var counts: [Int] = []

    package init() {}

    /// - Parameter histogram: must have the bounds `Histogram.ofCalls`.
    package init(_ histogram: Histogram) {
        precondition(histogram.bounds == Histogram.ofCalls, "other bounds")
        let cumulated = histogram.cumulated
        guard cumulated.last != 0 else { return }
        counts = zip(cumulated, [0] + cumulated).map { $0 - $1 }
    }

    package var count: Int { counts.reduce(0, +) }

    package mutating func add(microseconds time: Int64) {
        let bounds = Histogram.ofCalls
        if counts.isEmpty { counts = Array(repeating: 0, count: bounds.count + 1) }
        counts[bounds.firstIndex { time <= $0 } ?? bounds.count] += 1
    }

    package static func + (a: DurationCounts, b: DurationCounts) -> DurationCounts {
        a.merging(b) { $0 + $1 }
    }

    /// A count that would be negative is 0.
    package static func - (a: DurationCounts, b: DurationCounts) -> DurationCounts {
        a.merging(b) { max(0, $0 - $1) }
    }

    /// The duration in microseconds that this share of the durations does not exceed, between the bounds of its bucket in
    /// proportion; the highest bound if it is above.
    ///
    /// - Parameter share: above 0, at most 1.
    /// - Returns: nil if there are no durations.
    package func quantile(_ share: Double) -> Int64? {
        let total = count
        guard total > 0 else { return nil }
        let bounds = Histogram.ofCalls
        let wanted = max(1, share * Double(total))
        var below = 0
        for (place, count) in counts.enumerated() where count > 0 {
            defer { below += count }
            guard Double(below + count) >= wanted else { continue }
            guard place < bounds.count else { break }
            let lower = place > 0 ? bounds[place - 1] : 0
            let part = (wanted - Double(below)) / Double(count)
            return lower + Int64(Double(bounds[place] - lower) * part)
        }
        return bounds.last
    }

    private func merging(_ other: DurationCounts, _ join: (Int, Int) -> Int) -> DurationCounts {
        var merged = self
        if merged.counts.isEmpty { merged.counts = other.counts.map { _ in 0 } }
        for (place, count) in other.counts.enumerated() {
            merged.counts[place] = join(merged.counts[place], count)
        }
        return merged
    }
}
