/// A detector of bursts, relative to the median of 100 counts that are at least 60 windows old, so that a current spike
/// is not among them.
package struct RobustZ: Sendable {
    static let delay = 60
    static let size = 100
    static let threshold = 6.0

    /// The counts in order of arrival; the newest 60 are not compared with yet.
    private var ring: [Double]
    private var next = 0
    private var held = 0
    /// The 100 counts of the comparison, in ascending order.
    private var sorted: [Double]

    package init() {
        ring = Array(repeating: 0, count: Self.delay + Self.size)
        sorted = []
        sorted.reserveCapacity(Self.size)
    }

    var isReady: Bool { sorted.count == Self.size }

    package mutating func learn(_ count: Double) {
        if held == ring.count { remove(ring[next]) } else { held += 1 }
        ring[next] = count
        next = (next + 1) % ring.count
        guard held > Self.delay else { return }
        insert(ring[(next + ring.count - Self.delay - 1) % ring.count])
    }

    /// Is nil until enough counts are learned.
    func reading(_ count: Double) -> DetectorReadings.Reading? {
        guard isReady else { return nil }
        let median = (sorted[Self.size / 2 - 1] + sorted[Self.size / 2]) / 2
        let floor = max(median, 0.5).squareRoot()
        let excess = count - median
        // The statistic is at most this, with the floor as scale; the spread is computed only if it could matter.
        guard excess > Self.threshold * floor else {
            return DetectorReadings.Reading(
                statistic: max(0, excess) / floor, threshold: Self.threshold, chance: nil)
        }
        let z = excess / max(floor, 1.4826 * spread(around: median))
        return DetectorReadings.Reading(
            statistic: z, threshold: Self.threshold,
            chance: z > Self.threshold ? Tail.normal(above: z) : nil)
    }

    /// Returns the median of the distances, by walking inwards from both ends of the sorted counts.
    private func spread(around median: Double) -> Double {
        var low = 0
        var high = Self.size - 1
        var distance = 0.0
        var before = 0.0
        // The 50 largest distances are skipped; the next one is the 50th smallest.
        for _ in 0...(Self.size / 2) {
            before = distance
            if median - sorted[low] > sorted[high] - median {
                distance = median - sorted[low]
                low += 1
            } else {
                distance = sorted[high] - median
                high -= 1
            }
        }
        return (distance + before) / 2
    }

    private mutating func insert(_ value: Double) { sorted.insert(value, at: place(of: value)) }

    private mutating func remove(_ value: Double) { sorted.remove(at: place(of: value)) }

    /// Returns the position of the first count that is not smaller.
    private func place(of value: Double) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension RobustZ {
    func write(to state: inout MonitorBytes) {
        state.put(UInt8(held))
        for number in 0..<held {
            state.put(ring[(next + ring.count - held + number) % ring.count])
        }
    }

    init(from state: inout MonitorReader) throws(MonitorUnreadable) {
        self.init()
        for _ in 0..<(try state.small(UInt8(Self.delay + Self.size))) {
            learn(try state.double())
        }
    }
}
