import InterlockModel

/// The alerts of the change gate that no call causes.
///
/// - `eval.missing`: an agent without a result, which will be refused: an hour after the start, then each day.
/// - `eval.expiring`: a result becomes too old within 7 days, and once more within a day. One that is carried over a
///   narrowing change, and an exception, end within a day.
struct GateAlerts: Sendable {
    struct Alert: Sendable, Hashable {
        let code: String
        let agent: AgentName
    }

    /// The time in which an operator can set up evals before the first alerts.
    static let quiet = Duration.seconds(3600)
    static let day = Duration.seconds(86_400)
    private static let interval = Duration.seconds(60)

    private var looked: BootTime?
    private var began: BootTime?
    private var missing: [AgentName: Timestamp] = [:]
    private var expiring: [AgentName: Stage] = [:]

    private struct Stage: Hashable {
        let until: Timestamp
        let isLast: Bool
    }

    /// Returns true once a minute.
    mutating func isDue(at now: BootTime) -> Bool {
        if let looked, now - looked < Self.interval { return false }
        looked = now
        if began == nil { began = now }
        return true
    }

    mutating func take(
        _ agents: [AgentGateStatus], _ period: GatePeriod, at now: ClockReading
    ) -> [Alert] {
        guard let began, now.boot - began >= Self.quiet else { return [] }
        var alerts: [Alert] = []
        for agent in agents {
            if agent.waits(in: period, at: now.wall) {
                if let last = missing[agent.agent], last <= now.wall, now.wall - last < Self.day {
                    continue
                }
                missing[agent.agent] = now.wall
                alerts.append(Alert(code: "eval.missing", agent: agent.agent))
            }
            guard let until = agent.until, until - now.wall <= .seconds(7 * 86_400) else {
                continue
            }
            let stage = Stage(until: until, isLast: until - now.wall <= Self.day)
            guard expiring[agent.agent] != stage else { continue }
            expiring[agent.agent] = stage
            alerts.append(Alert(code: "eval.expiring", agent: agent.agent))
        }
        return alerts
    }
}

/// Limits the alerts about submissions that no key signed: one of each agent in an hour.
struct UnsignedAlerts: Sendable {
    private static let interval = Duration.seconds(3600)
    private static let most = 10_000

    private var raised: [AgentName: BootTime] = [:]

    /// Returns true if an alert about the agent is raised now.
    mutating func take(_ agent: AgentName, at now: BootTime) -> Bool {
        if let last = raised[agent], now - last < Self.interval { return false }
        if raised.count >= Self.most { raised = [:] }
        raised[agent] = now
        return true
    }
}
