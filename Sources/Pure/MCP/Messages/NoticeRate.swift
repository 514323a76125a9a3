package import InterlockModel

/// How much a caller is told in the course of one call: at most ten notices in any second (specs of MCP,
/// section 6). What comes faster is dropped.
package struct NoticeRate: Sendable {
    package static let perSecond = 10

    /// Of the last ten, oldest first.
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
