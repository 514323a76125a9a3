import InterlockModel

/// The times of the most recent events, as many as are needed. The first event allocates no memory.
struct RecentTimes: Sendable {
    private(set) var newest: BootTime?
    private var earlier: [BootTime] = []

    /// - Returns: whether `most.count` events lie within the span, including this one.
    mutating func note(_ time: BootTime, _ most: Repeats) -> Bool {
        if let newest, most.count > 1 { earlier.append(newest) }
        newest = time
        let surplus = earlier.count - (most.count - 1)
        if surplus > 0 { earlier.removeFirst(surplus) }
        guard earlier.count == most.count - 1 else { return false }
        return time - (earlier.first ?? time) <= most.span
    }

    mutating func clear() { (newest, earlier) = (nil, []) }
}
