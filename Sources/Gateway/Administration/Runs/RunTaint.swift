package import InterlockEvidence
package import InterlockGovernor
import InterlockLedger
package import InterlockModel

/// The untrusted content that a run has read (docs/specs/output-safety.md, section 7).
package struct RunTaint: Sendable {
    package let run: RunID
    /// Is nil for a run that has made no request since the start of the gateway.
    package let agent: AgentName?
    package let level: TaintedRuns.Level
    /// The reads that raised the level.
    package let sources: [UntrustedRead]

    package var levelName: String {
        switch level.rawValue {
        case 0: "clean"
        case 1: "untrusted"
        default: "hostile"
        }
    }
}

/// Read access to the levels of runs, with visibility applied. Reads memory only.
package struct RunTaintQueryService: Sendable {
    private let gateway: Gateway

    package init(gateway: Gateway) { self.gateway = gateway }

    /// Returns nil for a run that is not visible, or neither open nor tainted.
    package func taint(of run: RunID, for visibility: Visibility) -> RunTaint? {
        let agent = gateway.runs.known(run)?.agent
        let read = gateway.runs.tainted.read(by: run)
        guard agent.map({ visibility.sees($0) }) ?? (visibility.seesAll && read != nil) else { return nil }
        return RunTaint(
            run: run, agent: agent, level: gateway.runs.tainted.level(of: run),
            sources: read.map { [$0] } ?? [])
    }
}
