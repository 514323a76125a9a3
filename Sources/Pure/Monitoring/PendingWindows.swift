/// Quiet windows that are not learned yet: a detection soon after such a window means that it may belong to the same
/// event.
struct PendingWindows: Sendable {
    struct Window: Sendable {
        let count: Double
        let hour: Int64
        let mayLearn: Bool
    }
    private var ring: [Window] = []
    private var oldest = 0

    /// The number of quiet windows required on either side of a learned window.
    static let size = 10

    init() { ring.reserveCapacity(Self.size) }

    /// - Returns: the oldest window once enough quiet windows have followed it.
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

    /// The counts, oldest first.
    var counts: [Int] { (ring[oldest...] + ring[..<oldest]).map { Int(exactly: $0.count) ?? .max } }

    mutating func forget() {
        ring.removeAll(keepingCapacity: true)
        oldest = 0
    }
}
