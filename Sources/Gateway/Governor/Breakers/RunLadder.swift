import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockMonitoring
package import InterlockPorts

/// The automatic response to an alert about an agent's calls or denials: throttles its runs for a while
/// (docs/specs/limits-and-monitoring.md, section 10). All other signals only notify people.
///
/// INVARIANT: a run that loops is paused within eleven calls, until a person resumes it or it ends. Kept by
/// `AgentBreakerTests`, `BreakerCallTests`, `test_breakers.py`.
package struct RunLadder: SignalLadder {
    private let breakers: CircuitBreakerService
    private let runs: RunRegistry
    private let ledger: any Ledger

    package init(breakers: CircuitBreakerService, runs: RunRegistry, ledger: any Ledger) {
        self.breakers = breakers
        self.runs = runs
        self.ledger = ledger
    }

    package func take(_ signal: RaisedSignal) {
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
