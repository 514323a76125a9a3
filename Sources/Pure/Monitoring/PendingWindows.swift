/// Quiet windows that are not learned yet: an alarm soon after one of them means that it may have been the beginning.
struct PendingWindows: Sendable {
    struct Window: Sendable {
        let count: Double
        let hour: Int64
        let mayLearn: Bool
    }
    private var ring: [Window] = []
    private var oldest = 0

    /// Windows without an alarm on either side of what is learned.
    static let size = 10

    init() { ring.reserveCapacity(Self.size) }

    /// - Returns: the window that has been quiet long enough.
    mutating func take(_ window: Window) -> Window? {
        guard ring.count == Self.size else {
            ring.append(window)
            return nil
        }
        defer {
            ring[oldest] = window
            oldest = (oldest + 1) % Self.size
        }
        return ring[oldest]
    }

    /// The oldest first.
    var counts: [Int] { (ring[oldest...] + ring[..<oldest]).map { Int(exactly: $0.count) ?? .max } }

    mutating func forget() {
        ring.removeAll(keepingCapacity: true)
        oldest = 0
    }
}
