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

/// `hooks.host_prompt: low`: an allowed reversible call of an agent of the low tier is also asked about at the host's own
/// prompt (docs/specs/coding-agents.md, section 3).
@Suite struct HostPromptTests {
    private static let low = [
        ("tiers: {low: {calls", "tiers: {low: {classes: [read, write], calls"),
        ("tier: medium", "tier: low"),
        ("approvers: finance\n", "approvers: finance\n    hooks: {host_prompt: low}\n"),
    ]

    private static func event(
        _ tool: HookTool, host: HookHost = .claudeCode, name: String = "PreToolUse",
        attended: Bool? = true, call: String = "c1"
    ) -> HookEvent {
        var event = HookBench.event(call: call, tool: tool)
        event.sender = .host(host)
        event.hostName = name
        event.isAttended = attended
        return event
    }

    private static let write = HookBench.tool(.write, ["file_path": "/workspace/a"])

    @Test(
        .requirement("R038"),
        arguments: [
            (write, "ask"), (HookBench.tool(.read), "allow"), (HookBench.shell("write"), "ask"),
            (HookBench.shell("read"), "allow"), (HookBench.shell("test"), "allow"),
            (HookBench.shell("push"), "deny"), (HookBench.shell("deploy"), "deny"),
        ])
    func `an allowed reversible call is asked about, and what people decide stays theirs`(
        _ tool: HookTool, _ expected: String
    ) async throws {
        let hooks = try HookBench(Self.low, stage: 2, hold: .milliseconds(1))
        let verdict = try await hooks.send(Self.event(tool))
        #expect(verdict.decision.wire == expected)
        #expect((verdict.approval != nil) == (expected == "deny"))
        let intent = try #require(hooks.bench.ledger.drafts(of: .callIntent).last)
        #expect(intent.fields["hprompt"] == (expected == "ask" ? true : nil))
    }

    @Test
    func `the outcome says that the prompt was asked, and an end that is not told is unknown`()
        async throws
    {
        let hooks = try HookBench(Self.low, stage: 2)
        for call in ["c1", "c2"] {
            #expect(try await hooks.send(Self.event(Self.write, call: call)).decision == .ask)
        }
        try await hooks.send(HookBench.event(.postTool, tool: Self.write))
        let outcome = try #require(hooks.bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["st"] == "ok" && outcome.fields["hprompt"] == true)
        // Its user may have declined the other one.
        try await hooks.send(HookBench.event(.sessionEnd))
        let unknown = try #require(hooks.bench.ledger.drafts(of: .callUnknown).last)
        #expect(unknown.fields["hprompt"] == true)
        #expect(hooks.stops.runs.withLock { $0.isEmpty })
    }

    @Test func `the prompt takes the place of no approval, and an approval takes its place`()
        async throws
    {
        let hooks = try HookBench(Self.low, hold: .milliseconds(20))
        let first = try await hooks.send(Self.event(Self.write))
        #expect(first.decision == .deny && first.approval != nil)
        try await hooks.bench.vote(on: try await hooks.bench.request().id, by: "ines")
        let again = try await hooks.send(Self.event(Self.write, call: "c2"))
        #expect(again.decision == .allow)
        for intent in hooks.bench.ledger.drafts(of: .callIntent) {
            #expect(intent.fields["hprompt"] == nil)
        }
    }

    @Test(arguments: [
        event(write, host: .codex), event(write, host: .geminiCLI, name: "BeforeTool"),
        event(write, host: .cursor, name: "preToolUse"), event(write, attended: false),
        event(write, name: "PreSkillShellCommand"),
    ])
    func `a host that cannot ask gets a deny, and the call is closed`(
        _ event: HookEvent
    ) async throws {
        let hooks = try HookBench(Self.low, stage: 2)
        let verdict = try await hooks.send(event)
        #expect(verdict.decision == .deny && verdict.reason == "host-prompt")
        let denied = try #require(hooks.bench.ledger.drafts(of: .callDenied).last)
        #expect(denied.fields["code"] == "policy.host_prompt" && denied.fields["intent"] != nil)
        let run = try #require(denied.run?.run)
        #expect(await until { hooks.bench.gateway.hostCalls.count(of: run) == 0 })
    }

    @Test(arguments: [
        [low[0], low[2]], [low[0], low[1]],
        [low[0], low[1], (low[2].0, low[2].1.replacing("low", with: "never"))],
    ])
    func `without the key, or at another tier, the call is only allowed`(
        _ changes: [(String, String)]
    ) async throws {
        let hooks = try HookBench(changes, stage: 2)
        #expect(try await hooks.send(Self.event(Self.write)).decision == .allow)
        #expect(hooks.bench.ledger.drafts(of: .callIntent).last?.fields["hprompt"] == nil)
    }

    @Test func `a sandbox does not make the question unnecessary`() {
        let permit = HostCall.Permit(rule: "r", isSandboxed: true, asksUser: true)
        let verdict = HookVerdict(permit, record: "dec_1")
        #expect(verdict.decision == .ask && !verdict.isSandboxed)
    }
}
