/// The units of one limit that calls used, by the true time of their dispatch.
package struct LimitUses: Sendable {
    /// The units that any window may hold.
    package let most: Int64
    /// The length of a window.
    package let window: Duration
    private var uses: [(at: VirtualTime, units: Int64)] = []
    /// The first use that the newest window still contains.
    private var first = 0
    private var sum: Int64 = 0

    package init(most: Int64, window: Duration) {
        self.most = most
        self.window = window
    }

    /// - Returns: the units of the window that ends now, with these.
    package mutating func use(_ units: Int64, at time: VirtualTime) -> Int64 {
        uses.append((time, units))
        sum += units
        // A window contains both of its ends.
        while time - uses[first].at > window {
            sum -= uses[first].units
            first += 1
        }
        return sum
    }
}
