package import InterlockLimits
package import InterlockModel

/// A run that a breaker or a person holds back.
package struct RunHold: Sendable, Hashable {
    package let run: RunID
    package let agent: AgentName
    package let step: BreakerTrip.Step
    /// A signal, or `person`.
    package let reason: String
    /// The end of a throttle; a pause has none.
    package let until: Timestamp?

    package init(
        run: RunID, agent: AgentName, step: BreakerTrip.Step, reason: String, until: Timestamp?
    ) {
        self.run = run
        self.agent = agent
        self.step = step
        self.reason = reason
        self.until = until
    }

    package var state: String { step == .pause ? "paused" : "throttled" }
}

extension Gateway {
    /// By run.
    var runHolds: [RunHold] {
        let now = clock.now
        return breakers.held.sorted { $0.run.text < $1.run.text }.map { held in
            RunHold(
                run: held.run, agent: held.agent, step: held.step, reason: held.reason,
                until: held.until.map { now.wall + ($0 - now.boot) })
        }
    }
}
