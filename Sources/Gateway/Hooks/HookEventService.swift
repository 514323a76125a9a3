package import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
package import InterlockPorts

/// Answers the events of coding agents' hooks (docs/specs/coding-agents.md, section 3). A tool that is about to run is a
/// call of the reserved server `host` in the one pipeline; this service decides nothing about it.
///
/// INVARIANT: an allow for a call leaves only by its `HostCall`, which the pipeline's `execute` permits; every error, every
/// unreadable event and every late decision is a deny. Kept by `HookDecisionTests`, `HookFaultTests`.
package final class HookEventService: RequestHandler {
    let pipeline: CallPipeline
    let shell: any ShellClassifier
    let managed: ManagedServers
    let monitor: HookMonitorService
    let results: ResultInspections
    let calls = OpenHookCalls()
    let shared = SharedDecisions()
    /// The longest time for one decision; nil for the host's own.
    private let deadline: Duration?

    var gateway: Gateway { pipeline.gateway }

    /// - Parameters:
    ///   - results: the inspection of what tools returned.
    ///   - managed: the MCP servers whose tools are passed on.
    ///   - deadline: replaces the deadlines of all hosts, for tests.
    package init(
        _ pipeline: CallPipeline, shell: any ShellClassifier, monitor: HookMonitorService,
        results: ResultInspections, managed: ManagedServers = .ofRun, deadline: Duration? = nil
    ) {
        self.monitor = monitor
        self.results = results
        self.pipeline = pipeline
        self.shell = shell
        self.managed = managed
        self.deadline = deadline
    }

    package func judge(_ head: RequestHead) -> HeadDecision {
        pipeline.judge(hook: head, limitBytes: HookLimits.wireBytes)
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        do throws(HookRefusal) {
            let hook = try await pipeline.admit(hook: head)
            do throws(HookWireError) {
                let event = try HookEvent(wire: body)
                exchange.respond(.verdict(await answer(event, of: hook, exchange)))
            } catch {
                let event = UnreadableEvent(body, error)
                await note(unread: event, of: hook.run)
                exchange.respond(.verdict(refuse(event)))
            }
        } catch {
            switch error {
            case .http(let response): exchange.respond(response)
            case .refused(let refusal):
                let verdict = HookVerdict(for: refusal, event: try? HookEvent(wire: body))
                exchange.respond(.verdict(verdict))
            }
        }
    }

    /// Counts an event that cannot be read.
    func refuse(_ event: UnreadableEvent) -> HookVerdict {
        gateway.counters.malformed.count()
        return HookVerdict(
            .deny, reason: "bad-event", text: "the event is not readable: \(event.error)")
    }

    /// Answers an event, which the monitor observes.
    func answer(
        _ event: HookEvent, of hook: AdmittedHook, _ exchange: any Exchange
    ) async -> HookVerdict {
        show(event, of: hook)
        if let refusal = await taint(byWorkspaceOf: event, of: hook) { return refusal }
        if let refusal = await taint(byTokensOf: event, of: hook) { return refusal }
        let observed = monitor.observe(event)
        if let refusal = monitor.begin(event, observed, of: hook.run) { return refusal }
        if event.kind.isEndOfTool { return await release(event, observed, of: hook, exchange) }
        let verdict = await verdict(on: event, of: hook, exchange)
        return monitor.end(event, observed, verdict, of: hook.run)
    }

    func verdict(
        on event: HookEvent, of hook: AdmittedHook, _ exchange: any Exchange
    ) async -> HookVerdict {
        noteProgress(event, of: hook)
        switch event.kind {
        case .preTool:
            guard let tool = event.tool else { return .noTool }
            guard let address = tool.name.address else { return await pass(event, tool, of: hook) }
            return await decideOnce(event, tool, at: address, of: hook, exchange)
        case .postTool, .postToolFailure: return await close(event, of: hook)
        case .prompt: return await take(prompt: event, of: hook)
        case .sessionEnd:
            await calls.end(of: hook.run.run, session: event.session)
            return await note(event, of: hook)
        case .sessionStart, .subagentStart, .subagentStop, .configChange, .instructions,
            .modelSwitch, .directory, .other:
            return await note(event, of: hook)
        // The host asks its user; the call itself is decided at its own event.
        case .permission: return .noted
        }
    }

    /// Forgets a run whose end is on record.
    func end(_ run: RunID) {
        monitor.end(run)
        shared.remove(run)
    }

    /// A second before the adapter refuses by itself, for the way back.
    func deadline(of sender: HookSender) -> Duration {
        deadline ?? sender.deadline - .seconds(1)
    }
}

extension HTTPResponse {
    static func verdict(_ verdict: HookVerdict) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("content-type", "application/json")], body: verdict.wire)
    }
}
