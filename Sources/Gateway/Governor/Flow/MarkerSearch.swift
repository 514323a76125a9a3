import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSafety
import Synchronization

/// Searches what the server of one call sends for markers of injections, and makes the run hostile before a text that
/// has one reaches the agent. Blocks nothing (docs/specs/output-safety.md, section 4, item 4).
///
/// Exists for calls to untrusted sources and for a coding agent's own tools, of agents whose policy has `taint`: for
/// others the level decides nothing, and the search would take longer than the rest of a call.
struct MarkerSearch: Sendable {
    let call: CallID
    let agent: AgentName
    let address: ToolAddress
    let run: RunID
    let runs: TaintedRuns
    let queue: MarkerQueue
    let clock: any Clock
    /// True if the run is not untrusted yet, because the answer may hold no text.
    let isDeferred: Bool
    /// Returns the names of the agent's tools on other servers, in lower case.
    let tools: @Sendable () -> Set<ExactText>
    /// The first passage with a marker, for the report of the call, also if the runs have no room for it.
    let first = FirstPassage()

    /// Longer texts, in UTF-8 bytes, are searched by another thread than that of the call.
    private static let longestAtOnce = 64 << 10
    /// The time in which a longer text is searched, with its wait; text that it does not suffice for counts as hostile.
    static let deadline = Duration.seconds(2)

    /// Searches texts that the agent gets next, all of them in the form in which it gets them.
    func note(_ texts: ResultTexts) async -> MarkerReport {
        endWait()
        guard texts.bytes > Self.longestAtOnce else { return note(texts.texts) }
        let (tools, clock) = (tools, clock)
        let end = clock.boot + Self.deadline
        await queue.enter(agent)
        let report = await Task.detached {
            guard clock.boot < end else { return MarkerReport.unsearched }
            return MarkerScanner.scan(
                texts.texts, tools: tools, isLate: { clock.boot >= end })
        }.value
        queue.leave(agent)
        return raise(by: report)
    }

    /// Searches few texts at once.
    func note(_ texts: [String]) -> MarkerReport {
        endWait()
        return raise(by: MarkerScanner.scan(texts, tools: tools))
    }

    /// Makes the run untrusted now.
    func endWait() {
        if isDeferred { runs.settle(call, in: run, as: .untrusted) }
    }

    private func raise(by report: MarkerReport) -> MarkerReport {
        guard !report.isEmpty || !report.isComplete else { return report }
        if let text = report.passage { first.note(text) }
        runs.raise(
            run,
            by: MarkedRead(
                call: call, address: address, at: clock.wall,
                kinds: report.kinds.map(\.words)
                    + (report.isComplete ? [] : ["more text than is searched for markers"]),
                passage: report.passage))
        return report
    }
}

/// The first of several passages, which may be noted on any thread.
final class FirstPassage: Sendable {
    private let passage = Mutex<String?>(nil)

    /// Is nil if none was noted.
    var text: String? { passage.withLock { $0 } }

    func note(_ text: String) { passage.withLock { $0 = $0 ?? text } }
}

/// Lets one long text be searched for markers at a time, so that texts of servers take one core at most. An agent has one
/// in the line, whatever number of its calls wait, so that it does not keep others from theirs.
final class MarkerQueue: Sendable {
    private let agents = AsyncGates<AgentName>()
    private let turn = AsyncGate()

    /// Waits for a turn. Every `enter` needs its `leave`. Takes long only for texts of which each ends at its deadline.
    func enter(_ agent: AgentName) async {
        await agents.enter(agent)
        await turn.enter()
    }

    func leave(_ agent: AgentName) {
        turn.leave()
        agents.leave(agent)
    }

    /// The searches of an agent that wait behind another one of it.
    func waiting(of agent: AgentName) -> Int { agents.waiting(at: agent) }
}
