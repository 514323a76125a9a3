/// The lengths of an agent's last hundred runs, in seconds.
package struct RunLengths: Sendable {
    private var ring: [Int64] = []
    private var oldest = 0

    static let most = 100
    /// The number of runs below which no length is considered unusual.
    static let least = 20

    package init() {}

    package mutating func add(_ seconds: Int64) {
        guard ring.count == Self.most else { return ring.append(seconds) }
        ring[oldest] = seconds
        oldest = (oldest + 1) % Self.most
    }

    /// Returns the larger of the 99th percentile and the cap, in seconds.
    package func limit(cap: Int64) -> Int64 {
        guard ring.count >= Self.least else { return cap }
        return max(cap, ring.sorted()[ring.count * 99 / 100 - (ring.count == Self.most ? 1 : 0)])
    }
}
