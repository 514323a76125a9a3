import InterlockGovernor
import InterlockLimits
package import InterlockModel

/// A run that a breaker or a person has throttled or paused.
package struct RunHold: Sendable, Hashable {
    package let run: RunID
    package let agent: AgentName
    /// If false, the run is throttled.
    package let isPaused: Bool
    /// A signal, or `person`.
    package let reason: String
    /// The end of a throttle; nil for a pause.
    package let until: Timestamp?

    package var state: String { isPaused ? "paused" : "throttled" }
}

extension Gateway {
    /// The held runs, sorted by run id.
    var runHolds: [RunHold] {
        let now = clock.now
        return breakers.held.sorted { $0.run.text < $1.run.text }.map { held in
            RunHold(
                run: held.run, agent: held.agent, isPaused: held.step == .pause,
                reason: held.reason, until: held.until.map { now.wall + ($0 - now.boot) })
        }
    }
}
