import InterlockModel
import Synchronization

/// Times by how long they were. Recording is two relaxed additions: no lock, nothing allocated, so it may stand
/// anywhere.
package final class Histogram: Sendable {
    /// What a bucket takes at most, in microseconds, ascending; at most `mostBounds`.
    package let bounds: [Int64]
    private let counts = InlineArray<18, Atomic<Int>> { _ in Atomic(0) }
    private let sum = Atomic<Int64>(0)

    static let mostBounds = 17

    /// Of calls and their stages: 50 us to 10 s.
    package static let ofCalls: [Int64] = [
        50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000,
    ]
    /// Of people: 5 s to a day.
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

    /// How many were within each bound, then all of them; each at least the one before.
    package var cumulated: [Int] {
        var total = 0
        return (0...bounds.count).map { place in
            total += counts[place].load(ordering: .relaxed)
            return total
        }
    }

    package var sumMicroseconds: Int64 { sum.load(ordering: .relaxed) }
}
