import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockMonitoring
package import InterlockPorts

/// The step after an alarm about how often an agent calls or is denied: its runs call one by one for a while
/// (limits-and-monitoring.md, section 10). Whatever else is noticed is told to people alone.
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
