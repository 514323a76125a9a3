package import InterlockModel

/// Limits the notifications to a caller during one call to ten in any second (docs/specs/mcp.md, section 6). Excess
/// notifications are dropped.
package struct NoticeRate: Sendable {
    package static let perSecond = 10

    /// The times of the last ten notifications, oldest first.
    private var times: [BootTime] = []

    package init() {}

    package mutating func admits(at now: BootTime) -> Bool {
        if times.count == Self.perSecond {
            guard now - times[0] >= .seconds(1) else { return false }
            times.removeFirst()
        }
        times.append(now)
        return true
    }
}
