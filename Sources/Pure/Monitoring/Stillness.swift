/// Detects that a size that should grow has stopped growing, from regular observations.
package struct Stillness: Sendable {
    private let patienceSeconds: Int64
    private var size: UInt64?
    private var since: Int64 = 0
    private var looked: Int64 = 0

    /// The longest time between two observations; after a longer pause the observer was absent, and nothing is known.
    private var mostBetween: Int64 { patienceSeconds / 3 }

    package init(patienceSeconds: Int64) { self.patienceSeconds = max(3, patienceSeconds) }

    /// - Parameter seconds: the time of a monotonic clock.
    package mutating func isStill(size: UInt64, seconds now: Int64) -> Bool {
        defer { looked = now }
        guard self.size == size, now >= looked, now - looked <= mostBetween else {
            (self.size, since) = (size, now)
            return false
        }
        return now - since >= patienceSeconds
    }
}
