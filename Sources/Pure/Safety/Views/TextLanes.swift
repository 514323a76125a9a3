/// Stretches of text in a run, at each alignment of its digits.
struct TextLanes {
    private var starts = InlineArray<4, Int>(repeating: 0)
    private var groups = InlineArray<4, Int>(repeating: 0)

    /// Adds a group of text that ends a lane's current stretch, or begins one with this digit.
    mutating func add(_ lane: Int, from digit: Int) {
        if groups[lane] == 0 { starts[lane] = digit }
        groups[lane] += 1
    }

    /// Returns the lanes that have a stretch, a bit of each four: the lowest one is of the lane of a digit, the next ones
    /// are of those of the digits behind it.
    func texts(from digit: Int) -> UInt32 {
        var bits: UInt32 = 0
        for place in 0..<4 where groups[(digit + place) & 3] > 0 { bits |= 1 << UInt32(4 * place) }
        return bits
    }

    /// Adds groups of text to each current stretch.
    mutating func extend(by more: Int) {
        for lane in 0..<4 where groups[lane] > 0 { groups[lane] += more }
    }

    /// Ends the stretch of a lane.
    ///
    /// - Returns: its first digit and its number of groups, or nil if it has no group.
    mutating func end(_ lane: Int) -> (start: Int, groups: Int)? {
        guard groups[lane] > 0 else { return nil }
        defer { groups[lane] = 0 }
        return (starts[lane], groups[lane])
    }

    /// Returns true if the current stretch of a lane began with this digit.
    func isText(_ lane: Int, since digit: Int) -> Bool {
        groups[lane] > 0 && starts[lane] == digit
    }

    /// Returns true if the current stretch of a lane has so many groups, and this digit.
    func hasText(_ lane: Int, of least: Int, with digit: Int) -> Bool {
        groups[lane] >= least && starts[lane] <= digit
    }
}
