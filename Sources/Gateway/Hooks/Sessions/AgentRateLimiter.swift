import InterlockLimits
import InterlockModel

/// The rate of what the users of agents make the gateway record, for each agent, and the record that tells of what was
/// refused.
struct AgentRateLimiter {
    /// New sessions: each writes durable records however soon it ends. As many at once as may be open, which all begin
    /// again after a restart of the gateway.
    static let sessions = AgentRateLimiter(.perMinute(30), burst: HostSessionTable.most)
    /// Results of `doctor`. A probe of all hosts reports ten.
    static let doctorResults = AgentRateLimiter(.perMinute(10), burst: 60)

    /// The time in which refusals of one agent are recorded once.
    static let window = Duration.seconds(60)

    /// The most at once.
    let burst: Int
    /// The most afterwards.
    let rate: PaceRate

    // Both hold at most one entry for each agent that `hooks.uid` of a policy named.
    private var taken: [AgentName: BurstRateLimiter] = [:]
    private var recorded: [AgentName: ReportWindow] = [:]

    private init(_ rate: PaceRate, burst: Int) {
        self.rate = rate
        self.burst = burst
    }

    /// The limit for people, such as `60 at once and 10/m afterwards`.
    var text: String { "\(burst) at once and \(rate) afterwards" }

    /// - Returns: false if the agent must wait; otherwise one more counts.
    mutating func take(_ agent: AgentName, at now: BootTime) -> Bool {
        taken[agent, default: BurstRateLimiter()].take(rate, burst: burst, at: now) == nil
    }

    /// Counts a refusal.
    ///
    /// - Returns: true if it is the first of a window, which is to be recorded.
    mutating func refuse(_ agent: AgentName, at now: BootTime) -> Bool {
        recorded[agent, default: ReportWindow()].take(at: now, window: Self.window)
    }
}
