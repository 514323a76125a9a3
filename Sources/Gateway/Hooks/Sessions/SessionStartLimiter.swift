import InterlockLimits
import InterlockModel

/// The rate of new sessions of each agent, because each writes durable records however soon it ends, and the record that
/// tells of refused ones.
struct SessionStartLimiter {
    /// Sessions at once: as many as may be open, which all begin again after a restart of the gateway.
    static let burst = HostSessionTable.most
    /// Sessions afterwards.
    static let rate = PaceRate.perMinute(30)
    /// The time in which refused sessions of one agent are recorded once.
    static let window = Duration.seconds(60)

    // Both hold at most one entry for each agent that `hooks.uid` of a policy named.
    private var starts: [AgentName: BurstRateLimiter] = [:]
    private var recorded: [AgentName: BootTime] = [:]

    /// - Returns: false if the agent must wait; otherwise one session counts.
    mutating func take(_ agent: AgentName, at now: BootTime) -> Bool {
        starts[agent, default: BurstRateLimiter()].take(Self.rate, burst: Self.burst, at: now)
            == nil
    }

    /// Counts a refused session.
    ///
    /// - Returns: true if it is the first of a window, which is to be recorded.
    mutating func refuse(_ agent: AgentName, at now: BootTime) -> Bool {
        if let last = recorded[agent], now - last < Self.window { return false }
        recorded[agent] = now
        return true
    }
}
