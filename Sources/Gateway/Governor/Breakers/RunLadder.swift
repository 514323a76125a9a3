import InterlockAlerts
import InterlockJSON
import InterlockLedger
import InterlockLimits
package import InterlockModel
import InterlockMonitoring
package import InterlockPorts
import Synchronization

/// The automatic responses to signals (docs/specs/limits-and-monitoring.md, section 10): an alert about an agent's calls
/// or denials throttles its runs for a while, two independent signals of severity high stop the agent, and a canary or a
/// value of the broker in arguments, unless it is a short one that other text may have, stops the run. All other signals
/// only notify people.
///
/// INVARIANT: a run that loops is paused within eleven calls, until a person resumes it or it ends. Kept by
/// `AgentBreakerTests`, `BreakerCallTests`, `test_breakers.py`.
package final class RunLadder: SignalLadder {
    /// Stops an agent or a run, for the reason given. Must not block.
    package typealias Stop = @Sendable (_ target: HaltTarget, _ reason: String) -> Void
    /// Returns the time of the last release of a run, or nil if there was none.
    package typealias Release = @Sendable (RunID) -> Timestamp?

    private let breakers: CircuitBreakerService
    private let runs: RunRegistry
    private let ledger: any Ledger
    private let stop: Stop
    private let release: Release
    private let grave = Mutex(GraveSignals())
    /// The times of the last stops of runs.
    private let stops = Mutex<[RunID: ClockReading]>([:])

    /// The time in which a run is stopped once unless people release it: calls that were under way may be denied after the
    /// first one.
    static let stopInterval = Duration.seconds(10)

    package init(
        breakers: CircuitBreakerService, runs: RunRegistry, ledger: any Ledger,
        release: @escaping Release, stop: @escaping Stop
    ) {
        (self.stop, self.release) = (stop, release)
        self.breakers = breakers
        self.runs = runs
        self.ledger = ledger
    }

    package func take(_ signal: RaisedSignal) {
        throttle(after: signal)
        guard signal.severity >= .high,
            let names = grave.withLock({ $0.add(signal) })
        else { return }
        stop(
            .agent(signal.agent),
            "independent signals within an hour: " + names.joined(separator: ", "))
    }

    package func take(_ sent: SentSecret) {
        let now = sent.at
        let released = release(sent.run)
        let isFirst = stops.withLock { stops in
            stops = stops.filter { now.boot < $0.value.boot + Self.stopInterval }
            if let last = stops[sent.run], released.map({ $0 < last.wall }) ?? true { return false }
            stops[sent.run] = now
            return true
        }
        guard isFirst else { return }
        stop(
            .run(sent.run),
            (sent.isCanary ? "a canary" : "a value of the gateway's secrets")
                + " was in what \(sent.agent.text) was about to send")
    }

    private func throttle(after signal: RaisedSignal) {
        guard case .learned(let series, isDiscovery: true) = signal.basis,
            series == .calls || series == .denials
        else { return }
        let now = signal.at
        for run in runs.all where run.agent == signal.agent {
            let until = breakers.withRuns {
                $0.throttle(run.run, of: run.agent, for: AgentBreakerTimes.throttle, at: now.boot)
            }
            guard let until else { continue }
            ledger.note(
                RecordDraft(
                    .responseThrottle, run: run,
                    fields: [
                        "code": .string("detector." + series.rawValue),
                        "until": .integer((now.wall + (until - now.boot)).microseconds),
                    ]))
        }
    }
}
