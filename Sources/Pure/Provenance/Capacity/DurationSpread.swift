/// The number, median and 90th percentile of durations, by nearest rank.
package struct DurationSpread: Hashable, Sendable {
    package let count: Int
    /// Nil if there is none.
    package let median: Duration?
    package let ninetieth: Duration?

    package init(_ durations: [Duration]) {
        let sorted = durations.sorted()
        count = sorted.count
        median = Self.ranked(sorted, 50)
        ninetieth = Self.ranked(sorted, 90)
    }

    private static func ranked(_ sorted: [Duration], _ percent: Int) -> Duration? {
        guard !sorted.isEmpty else { return nil }
        return sorted[(sorted.count * percent + 99) / 100 - 1]
    }
}
