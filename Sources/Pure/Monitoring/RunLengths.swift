/// How long an agent's runs were: its last hundred, in seconds.
package struct RunLengths: Sendable {
    private var ring: [Int64] = []
    private var oldest = 0

    static let most = 100
    /// With fewer nobody knows what is long.
    static let least = 20

    package init() {}

    package mutating func add(_ seconds: Int64) {
        guard ring.count == Self.most else { return ring.append(seconds) }
        ring[oldest] = seconds
        oldest = (oldest + 1) % Self.most
    }

    /// The longer one of what 99 of 100 stay within, and the cap.
    package func limit(cap: Int64) -> Int64 {
        guard ring.count >= Self.least else { return cap }
        return max(cap, ring.sorted()[ring.count * 99 / 100 - (ring.count == Self.most ? 1 : 0)])
    }
}
