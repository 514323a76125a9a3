import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockSandboxes
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Calls that wait for people longer than their hook: `defer`, and the resumed session (docs/specs/coding-agents.md,
/// section 8).
@Suite struct HookDeferralTests {
    private static let session = "cea6c03d-b833-48e6-b3b9-0969b02e965c"
    private static let write = HookBench.tool(
        .write, ["file_path": "/workspace/a", "content": "x"])

    /// A gateway whose hooks do not wait, with the run of the agent that its supervisor resumes.
    private struct Resumed {
        let hooks: HookBench
        let run: RunID

        init(isResumed: Bool = true) async throws {
            hooks = try HookBench(hold: .milliseconds(1))
            // The run of the agent's token begins with its first event.
            try await hooks.send(HookBench.event(.sessionStart, session: session))
            run = try #require(hooks.bench.ledger.drafts(of: .runStart).last?.run?.run)
            if isResumed { hooks.bench.gateway.deferredCalls.open(run, session: session) }
        }

        var deferred: DeferredCall? { hooks.bench.gateway.deferredCalls.call(of: run) }

        func send(_ event: HookEvent) async throws -> HookVerdict { try await hooks.send(event) }
    }

    private static func event(
        call: String = "c1", tool: HookTool = write, session: String = session,
        agent: String? = nil, isAttended: Bool? = false, host: HookHost = .claudeCode,
        named name: String = "PreToolUse"
    ) -> HookEvent {
        HookEvent(
            host: host, hostVersion: "2.1.327", kind: .preTool, hostName: name, session: session,
            call: call, agent: agent, workingDirectory: "/workspace", isAttended: isAttended,
            tool: tool)
    }

    @Test(.requirement("R039", "R063"))
    func `a call that waits longer than its hook is deferred, with its request`() async throws {
        let resumed = try await Resumed()
        let verdict = try await resumed.send(Self.event())
        #expect(verdict.decision == .defer)
        let call = try #require(resumed.deferred)
        #expect(verdict.approval == call.approval.shown && call.tool.tool.text == "write")
        let record = try #require(resumed.hooks.bench.ledger.drafts(of: .hookCall).last)
        #expect(record.fields["dec"] == "deferred" && record.fields["hcall"] == "c1")
        #expect(record.fields["appr"] == .string(call.approval.text))
    }

    @Test func `only one call of a turn is deferred; others are denied with their request`()
        async throws
    {
        let resumed = try await Resumed()
        let first = try await resumed.send(Self.event())
        let other = HookBench.tool(.write, ["file_path": "/workspace/b", "content": "x"])
        let second = try await resumed.send(Self.event(call: "c2", tool: other))
        #expect(first.decision == .defer && second.decision == .deny)
        #expect(second.approval != nil && second.approval != first.approval)
        #expect(resumed.deferred?.approval.shown == first.approval)
    }

    private static let others = [
        event(session: "another"), event(agent: "a1"), event(isAttended: nil),
        event(isAttended: true), event(host: .codex), event(named: "PreSkillShellCommand"),
    ]

    @Test(arguments: others)
    func `nothing else is deferred`(_ event: HookEvent) async throws {
        let resumed = try await Resumed()
        let verdict = try await resumed.send(event)
        #expect(verdict.decision == .deny && verdict.approval != nil)
        #expect(resumed.deferred == nil)
    }

    @Test func `without a supervisor that resumes, a waiting call is denied`() async throws {
        let resumed = try await Resumed(isResumed: false)
        let verdict = try await resumed.send(Self.event())
        #expect(verdict.decision == .deny && verdict.approval != nil)
        #expect(resumed.hooks.bench.ledger.drafts(of: .hookCall).isEmpty)
    }

    @Test func `a refused call is denied, not deferred`() async throws {
        let resumed = try await Resumed()
        let verdict = try await resumed.send(Self.event(tool: HookBench.tool(.edit)))
        #expect(verdict.decision == .deny && verdict.reason == "no-grant")
        #expect(resumed.deferred == nil)
    }

    @Test(.requirement("R063"))
    func `the resumed call uses the grant once, and changed arguments ask again`() async throws {
        let resumed = try await Resumed()
        let deferred = try #require(try await resumed.send(Self.event()).approval)
        let id = try #require(ApprovalID(shown: deferred))
        try await resumed.hooks.bench.vote(on: id, by: "ines")
        #expect(
            resumed.hooks.bench.gateway.decision(about: id, of: resumed.run)?.decision == .approved)
        resumed.hooks.bench.gateway.deferredCalls.remove(of: resumed.run)

        // Other arguments are another request.
        let changed = HookBench.tool(.write, ["file_path": "/workspace/a", "content": "y"])
        let other = try await resumed.send(Self.event(call: "c2", tool: changed))
        #expect(other.decision == .defer && other.approval != deferred)
        resumed.hooks.bench.gateway.deferredCalls.remove(of: resumed.run)

        #expect(try await resumed.send(Self.event()).decision == .allow)
        #expect(resumed.hooks.bench.ledger.drafts(of: .approvalUsed).count == 1)
        let again = try await resumed.send(Self.event(call: "c3"))
        #expect(again.decision == .defer && again.approval != deferred)
    }

    @Test func `a session that continues waits for nothing`() async throws {
        let resumed = try await Resumed()
        for (kind, name) in [(HookEventKind.other, "Stop"), (.prompt, "UserPromptSubmit")] {
            #expect(try await resumed.send(Self.event()).decision == .defer)
            // Other sessions and other events change nothing.
            for (session, name) in [("another", name), (Self.session, "SessionEnd")] {
                try await resumed.hooks.send(
                    HookEvent(host: .claudeCode, kind: .other, hostName: name, session: session))
                #expect(resumed.deferred != nil)
            }
            try await resumed.hooks.send(
                HookEvent(host: .claudeCode, kind: kind, hostName: name, session: Self.session))
            #expect(resumed.deferred == nil)
        }
    }

    @Test func `a request of another run says nothing`() async throws {
        let resumed = try await Resumed()
        let shown = try #require(try await resumed.send(Self.event()).approval)
        let id = try #require(ApprovalID(shown: shown))
        let gateway = resumed.hooks.bench.gateway
        #expect(gateway.decision(about: id, of: resumed.run)?.decision == .waiting)
        let other: RunID = gateway.newID()
        #expect(gateway.decision(about: id, of: other) == nil)
    }
}
