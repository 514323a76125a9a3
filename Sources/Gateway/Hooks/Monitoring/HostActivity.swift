import InterlockModel

/// The last event of an agent's host, of all its runs: a host that calls tools of servers and sends no events any more
/// runs without its hook.
struct HostActivity: Sendable {
    /// The time without an event after which a host in use counts as unmanaged.
    static let patience = Duration.seconds(24 * 60 * 60)

    private var event: BootTime
    /// The last time that people were notified.
    private var noticed: BootTime?

    init(at now: BootTime) { event = now }

    mutating func noteEvent(at now: BootTime) {
        event = now
        noticed = nil
    }

    /// Notes a call of an MCP tool.
    ///
    /// - Returns: true if the host is unmanaged; at most once in each `patience`.
    mutating func noteCall(at now: BootTime) -> Bool {
        guard now - event >= Self.patience else { return false }
        if let noticed, now - noticed < Self.patience { return false }
        noticed = now
        return true
    }
}
