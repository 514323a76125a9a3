import InterlockApprovals
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Tools of a session that a vendor hosts, whose worker asks before each (docs/decisions/0116).
@Suite struct WorkerEventTests {
    private static func event(
        _ kind: HookEventKind = .preTool, _ tool: HookTool = HookBench.tool(.read),
        call: String = "c1", details: JSONObject = [:]
    ) -> HookEvent {
        var event = HookEvent(
            sender: .worker, kind: kind, hostName: "agent.tool_use", session: "sesn_1")
        event.call = call
        event.workingDirectory = "/workspace"
        if kind != .sessionStart { event.tool = tool }
        event.details = details
        return event
    }

    @Test(.requirement("R150"))
    func `a permitted tool is allowed after its intent under the worker's own name`() async throws {
        let hooks = try HookBench()
        try await hooks.send(Self.event(.sessionStart))
        let verdict = try await hooks.send(Self.event())
        #expect(verdict.decision == .allow)
        let intent = try #require(hooks.bench.ledger.drafts(of: .callIntent).last)
        #expect(intent.fields["host"] == "worker" && intent.fields["ses"] == "sesn_1")
        #expect(intent.fields["hcall"] == "c1" && intent.fields["tool"] == "host__read")
        let end = try await hooks.send(Self.event(.postTool, details: ["result": "text"]))
        #expect(end.decision == .allow && end.reason == "closed" && end.record == verdict.record)
        #expect(hooks.bench.ledger.drafts(of: .callOutcome).last?.fields["st"] == "ok")
        #expect(hooks.stops.runs.withLock { $0.isEmpty })
    }

    @Test(.requirement("R150"))
    func `a tool without a grant is denied, and one that no table lists too`() async throws {
        let hooks = try HookBench()
        for name in [HookToolName.edit, .other] {
            let verdict = try await hooks.send(Self.event(.preTool, HookBench.tool(name)))
            #expect(verdict.decision == .deny && verdict.reason == "no-grant")
        }
        #expect(hooks.bench.ledger.drafts(of: .callIntent).isEmpty)
    }

    @Test(.requirement("R150"))
    func `a call waits for people, is denied with its request, and its retry uses the approval`()
        async throws
    {
        let hooks = try HookBench(hold: .milliseconds(20))
        let write = HookBench.tool(.write, ["file_path": "/workspace/a", "content": "x"])
        let first = try await hooks.send(Self.event(.preTool, write))
        let request = try await hooks.bench.request()
        // No worker can resume a session, so it is a deny.
        #expect(first.decision == .deny && first.approval == request.id.shown)
        try await hooks.bench.vote(on: request.id, by: "ines")
        let again = try await hooks.send(Self.event(.preTool, write, call: "c2"))
        #expect(again.decision == .allow)
        #expect(hooks.bench.ledger.drafts(of: .approvalUsed).count == 1)
    }

    @Test func `sessions of a worker and of a host with one name are two`() throws {
        let agent = try #require(AgentName("clerk"))
        var other = Self.event()
        #expect(HostSession.Key(other, of: agent) == HostSession.Key(Self.event(), of: agent))
        other.sender = .host(.claudeCode)
        #expect(HostSession.Key(other, of: agent) != HostSession.Key(Self.event(), of: agent))
    }
}
