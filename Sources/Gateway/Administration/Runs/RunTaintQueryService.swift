package import InterlockEvidence
package import InterlockGovernor
import InterlockLedger
package import InterlockModel

/// The untrusted content that a run has read (docs/specs/output-safety.md, section 7).
package struct RunTaintReport: Sendable {
    /// A read that raised the level.
    package struct Source: Sendable {
        /// The call; nil if no call brought the content.
        package let call: CallID?
        /// The reason, if no call brought it.
        package let cause: TaintCause?
        /// The run that wrote the files, or whose level is inherited.
        package let source: RunID?
        package let at: Timestamp
        /// The tool, or nil if the call was made before this start of the gateway.
        package let address: ToolAddress?
        /// The kinds of markers of an injection in what it sent, in words.
        package let kinds: [String]
    }

    package let run: RunID
    /// Is nil for a run that has made no request since the start of the gateway.
    package let agent: AgentName?
    package let level: TaintLevel
    /// The first read, and the one with the first marker.
    package let sources: [Source]
}

/// Read access to the levels of runs, with visibility applied. Reads memory only.
package struct RunTaintQueryService: Sendable {
    private let gateway: Gateway

    package init(gateway: Gateway) { self.gateway = gateway }

    /// Returns nil for a run that is not visible, or neither open nor tainted.
    package func report(of run: RunID, for visibility: Visibility) -> RunTaintReport? {
        let agent = gateway.runs.known(run)?.agent
        let taint = gateway.runs.tainted.taint(of: run)
        guard agent.map({ visibility.sees($0) }) ?? (visibility.seesAll && taint != nil) else {
            return nil
        }
        return RunTaintReport(
            run: run, agent: agent, level: taint?.level ?? .clean,
            sources: taint.map(Self.sources) ?? [])
    }

    private static func sources(_ taint: RunTaint) -> [RunTaintReport.Source] {
        let (first, mark) = (taint.first, taint.mark)
        var sources: [RunTaintReport.Source] = []
        if first.call == nil || first.call != mark?.call {
            sources.append(
                .init(
                    call: first.call, cause: first.cause, source: first.source, at: first.at,
                    address: first.address, kinds: []))
        }
        if let mark {
            sources.append(
                .init(
                    call: mark.call, cause: nil, source: nil, at: mark.at,
                    address: mark.address, kinds: mark.kinds))
        }
        return sources
    }
}
