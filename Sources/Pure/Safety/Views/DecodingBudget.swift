/// The decoding that a text may still cost.
struct DecodingBudget: Sendable {
    let limits: ViewLimits
    private(set) var remaining: Int
    /// True if the decoded bytes are too many.
    private(set) var isOverBytes = false
    /// True if something was not decoded: the bytes are too many, a part unpacks to too much, or there are too many
    /// layers.
    private(set) var isOver = false

    init(_ limits: ViewLimits) { (self.limits, remaining) = (limits, limits.allBytes) }

    /// - Returns: false if the bytes are too many.
    mutating func take(_ bytes: Int) -> Bool {
        remaining -= min(bytes, remaining + 1)
        if remaining < 0 { exceedBytes() }
        return remaining >= 0
    }

    mutating func exceedBytes() { (isOverBytes, isOver) = (true, true) }
    mutating func exceedOther() { isOver = true }
}
