package import InterlockGovernor
import InterlockHooks
package import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// Notices that the hook of a coding agent is gone or silent, and acts at once (docs/specs/coding-agents.md, section 10).
///
/// INVARIANT: a call that ran past the hook, or an MCP call without an event, is noticed within 5 s; from then on nothing
/// of its run is approved, and the run ends unless its policy says `hooks.on_bypass: alert`. Kept by `HookMonitorTests`,
/// `test_hook_silence.py`.
package final class HookMonitorService: RunObserver {
    /// Ends a run, for the reason given. Must not block.
    package typealias Stop = @Sendable (_ run: RunID, _ reason: String) -> Void

    let gateway: Gateway
    let stop: Stop
    let runs: Mutex<HookedRuns>
    private var hashing: any Hashing { gateway.approvals.hashing }

    /// The time after which an order that is not in force is given again.
    private static let retry = Duration.seconds(10)

    /// - Parameter start: since when all events of hooks come here; nil for now.
    package init(_ gateway: Gateway, since start: Timestamp? = nil, stop: @escaping Stop) {
        self.gateway = gateway
        self.stop = stop
        runs = Mutex(HookedRuns(since: start ?? gateway.clock.wall))
        gateway.observation.begin(self)
    }

    /// Returns the parts of an event that are compared, once for all that is noted of it.
    func observe(_ event: HookEvent) -> ObservedEvent { ObservedEvent(event, hashing) }

    /// Notes an event before it is answered.
    ///
    /// - Returns: the answer to an event of a run that is about to end; nil for all others.
    func begin(_ event: HookEvent, _ observed: ObservedEvent, of run: RunContext) -> HookVerdict? {
        gateway.observation.watch()
        let now = gateway.clock.boot
        // Outside a run a session has another run after a restart of the gateway, or after it was idle.
        let isBegin = event.kind == .sessionStart || !gateway.hostSessions.has(run: run.run)
        let (finding, order) = runs.withLock { runs in
            runs.noteEvent(of: run.agent, at: now)
            return runs.change(run, at: now, isBegin: isBegin) {
                ($0.begin(observed, at: now), $0.ordered)
            }
        }
        if let finding { report(finding, by: event, of: run) }
        guard event.kind == .preTool || event.kind == .prompt else { return nil }
        return order?.answer
    }

    /// Notes the answer to an event.
    ///
    /// - Returns: the answer that the host gets.
    func end(
        _ event: HookEvent, _ observed: ObservedEvent, _ verdict: HookVerdict, of run: RunContext
    ) -> HookVerdict {
        switch event.kind {
        case .preTool:
            runs.withLock { runs in
                _ = runs.change(run.run) {
                    $0.answer(observed, isPermitted: verdict.decision.mayRun)
                }
            }
            return verdict
        case .postTool, .postToolFailure:
            // The gateway closed the call, or it is an MCP call, which it closes itself.
            guard verdict.reason == "unmatched" || event.tool?.isMCP == true else {
                return verdict
            }
            let hasFailed = event.kind == .postToolFailure
            let finding = runs.withLock { runs in
                runs.change(run.run) { $0.end(observed, hasFailed: hasFailed) } ?? nil
            }
            guard let finding else { return verdict }
            return report(finding, by: event, of: run) == .kill ? .bypassed : verdict
        case .prompt, .sessionStart, .sessionEnd, .subagentStart, .subagentStop, .configChange,
            .instructions, .modelSwitch, .directory, .permission, .other:
            return verdict
        }
    }

    package func note(
        _ call: CallID, of tool: String, _ arguments: JSONValue, in run: RunID, of agent: AgentName
    ) {
        let now = gateway.clock.boot
        let (isHooked, isUnmanaged) = runs.withLock {
            ($0.runs[run] != nil, $0.noteCall(of: agent, at: now))
        }
        if isUnmanaged {
            report(
                .unmanaged(.noEvents), of: RunContext(run: run, agent: agent, subject: nil))
        }
        guard isHooked else { return }
        let arrival = MCPCallMatcher.Arrival(
            key: MCPCallDigest.of(tool, arguments, hashing), call: call, tool: ExactText(tool),
            at: now)
        runs.withLock { runs in _ = runs.change(run) { $0.arrive(arrival) } }
    }

    package func note(changed paths: [String], in run: RunID, of agent: AgentName) {
        guard let known = runs.withLock({ $0.runs[run] }),
            let finding = known.finding(of: paths, hashing)
        else { return }
        report(finding, of: known.context)
    }

    /// Forgets a run that is over and has no workspace whose changes are listed later.
    func end(_ run: RunID) { runs.withLock { $0.remove(run) } }

    /// Reports calls whose event did not come in time. Called every second.
    package func sweep() {
        let now = gateway.clock.boot
        let (findings, unended) = runs.withLock { $0.due(at: now, retryAfter: Self.retry) }
        for (run, finding) in findings {
            report(finding, of: run)
        }
        for (run, order) in unended { endAgain(run, order) }
    }

    /// Gives the order to end a run again, unless it is in force or the run has ended.
    private func endAgain(_ run: RunContext, _ order: HookedRun.EndOrder) {
        let isOver =
            gateway.halt(of: run.agent, run: run.run) != nil
            || gateway.ledger.hasEnded(run: run.run)
        let now = gateway.clock.boot
        let next = isOver ? nil : HookedRun.EndOrder(at: now, answer: order.answer)
        runs.withLock { runs in _ = runs.change(run.run) { $0.ordered = next } }
        if !isOver { stop(run.run, order.answer.reason) }
    }
}

extension HookVerdict {
    /// The answer to a host that went past its hook.
    static let bypassed = HookVerdict(
        .deny, reason: "hook-bypassed",
        text: "a call of this run went past the hook, so the run is ended")

    /// The answer to a result that must not be read and cannot be kept from the model.
    static let unredactable = HookVerdict(
        .deny, reason: "unredactable",
        text: "a result has a value that the agent must not read, and the host cannot replace it"
    )
}

extension HookDecision {
    /// True if the host may run the call now, by itself or after it asked its user.
    fileprivate var mayRun: Bool {
        switch self {
        case .allow, .ask, .rewrite: true
        case .deny, .defer, .redact: false
        }
    }
}
