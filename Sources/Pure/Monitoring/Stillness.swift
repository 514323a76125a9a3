/// Whether something that should grow has stopped growing, by looks that are taken all the time.
package struct Stillness: Sendable {
    private let patienceSeconds: Int64
    private var size: UInt64?
    private var since: Int64 = 0
    private var looked: Int64 = 0

    /// Between two looks; after a longer pause it is the looker who was away, and nothing is known.
    private var mostBetween: Int64 { patienceSeconds / 3 }

    package init(patienceSeconds: Int64) { self.patienceSeconds = max(3, patienceSeconds) }

    /// - Parameter seconds: of a clock that is never set.
    package mutating func isStill(size: UInt64, seconds now: Int64) -> Bool {
        defer { looked = now }
        guard self.size == size, now >= looked, now - looked <= mostBetween else {
            (self.size, since) = (size, now)
            return false
        }
        return now - since >= patienceSeconds
    }
}
