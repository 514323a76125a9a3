import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSafety

/// Searches what the server of one call sends for markers of injections, and makes the run hostile before a text that
/// has one reaches the agent. Blocks nothing (docs/specs/output-safety.md, section 4, item 4).
///
/// Exists for calls to servers that are not internal, of agents whose policy has `taint`: for others the level decides
/// nothing, and the search would take longer than the rest of a call.
struct MarkerSearch: Sendable {
    let call: CallID
    let address: ToolAddress
    let run: RunID
    let runs: TaintedRuns
    let clock: any Clock
    /// Returns the names of the agent's tools on other servers, in lower case.
    let tools: @Sendable () -> Set<ExactText>

    /// Longer texts, in UTF-8 bytes, are searched by another thread than that of the call.
    private static let longestAtOnce = 64 << 10

    /// Searches texts that the agent gets next, all of them in the form in which it gets them.
    func note(_ texts: ResultTexts) async -> MarkerReport {
        guard texts.bytes > Self.longestAtOnce else { return note(texts.texts) }
        let tools = tools
        let report = await Task.detached { MarkerScanner.scan(texts.texts, tools: tools) }.value
        return raise(by: report)
    }

    /// Searches few texts at once.
    func note(_ texts: [String]) -> MarkerReport {
        raise(by: MarkerScanner.scan(texts, tools: tools))
    }

    private func raise(by report: MarkerReport) -> MarkerReport {
        guard !report.isEmpty || !report.isComplete else { return report }
        runs.raise(
            run,
            by: MarkedRead(
                call: call, address: address, at: clock.wall,
                kinds: report.isComplete
                    ? report.kinds.map(\.words) : ["more text than is searched for markers"],
                passage: report.passage))
        return report
    }
}
