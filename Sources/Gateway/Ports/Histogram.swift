import InterlockModel
import Synchronization

/// A histogram of durations. Recording is two relaxed additions, without a lock or an allocation, so that it is cheap
/// on any path.
package final class Histogram: Sendable {
    /// The inclusive upper bounds of the buckets in microseconds, ascending; at most `mostBounds`.
    package let bounds: [Int64]
    private let counts = InlineArray<18, Atomic<Int>> { _ in Atomic(0) }
    private let sum = Atomic<Int64>(0)

    static let mostBounds = 17

    /// Bounds for calls and their pipeline stages: 50 us to 10 s.
    package static let ofCalls: [Int64] = [
        50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000,
    ]
    /// Bounds for people's response times: 5 s to a day.
    package static let ofPeople: [Int64] = [
        5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400,
    ].map { $0 * 1_000_000 }

    package init(_ bounds: [Int64] = Histogram.ofCalls) {
        precondition(bounds.count <= Self.mostBounds, "a bucket for each bound, and one above")
        self.bounds = bounds
    }

    package func record(microseconds time: Int64) {
        var place = 0
        while place < bounds.count, time > bounds[place] { place += 1 }
        counts[place].wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(time, ordering: .relaxed)
    }

    /// The number of values within each bound, then of all values; each is at least the one before.
    package var cumulated: [Int] {
        var total = 0
        return (0...bounds.count).map { place in
            total += counts[place].load(ordering: .relaxed)
            return total
        }
    }

    package var sumMicroseconds: Int64 { sum.load(ordering: .relaxed) }
}
