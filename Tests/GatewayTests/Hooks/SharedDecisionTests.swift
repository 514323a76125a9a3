import InterlockApprovals
import InterlockCredentials
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// The events that Cursor sends for one call have one decision (docs/specs/coding-agents.md, section 4).
@Suite struct SharedDecisionTests {
    private static func event(
        _ name: String = "preToolUse", _ kind: HookEventKind = .preTool,
        _ arguments: JSONObject = ["command": "test a"], generation: String? = "g1",
        call: String? = nil, tool: HookToolName = .shell, directory: String = "/workspace",
        session: String = "s1"
    ) -> HookEvent {
        HookEvent(
            host: .cursor, kind: kind, hostName: name, session: session, call: call,
            workingDirectory: directory, prompt: generation,
            tool: HookTool(hostName: "Shell", name: tool, arguments: arguments))
    }

    private static let whole: JSONObject = ["command": "test a", "timeout": 5]

    @Test(.requirement("R038"))
    func `a further event of a call has its decision, and its end closes the call`() async throws {
        let hooks = try HookBench()
        let first = try await hooks.send(Self.event(call: "c1", tool: .shell))
        let again = try await hooks.send(Self.event("beforeShellExecution"))
        #expect(first.decision == .allow && again == first)
        #expect(hooks.bench.ledger.drafts(of: .callIntent).count == 1)
        #expect(hooks.bench.ledger.drafts(of: .hookCall).map { $0.fields["dec"] } == ["same"])
        try await hooks.send(Self.event("afterShellExecution", .postTool))
        try await hooks.send(Self.event("postToolUse", .postTool, call: "c1"))
        #expect(hooks.bench.ledger.drafts(of: .callOutcome).count == 1)
        let kinds = hooks.bench.ledger.drafts(of: .hookCall).map { $0.fields["dec"] }
        #expect(kinds == ["same", "same"])
        #expect(hooks.bench.ledger.drafts(of: .hookBypassed).isEmpty)
    }

    @Test
    func `an event with fewer arguments shares the decision about more, and none the other way`()
        async throws
    {
        let hooks = try HookBench()
        try await hooks.send(Self.event("preToolUse", .preTool, Self.whole, call: "c1"))
        try await hooks.send(Self.event("beforeShellExecution"))
        #expect(hooks.bench.ledger.drafts(of: .callIntent).count == 1)
        let other = try HookBench()
        try await other.send(Self.event("beforeShellExecution"))
        try await other.send(Self.event("preToolUse", .preTool, Self.whole, call: "c1"))
        #expect(other.bench.ledger.drafts(of: .callIntent).count == 2)
    }

    @Test(arguments: [
        event("beforeShellExecution", .preTool, ["command": "test b"]),
        event("beforeShellExecution", generation: "g2"),
        event("beforeShellExecution", generation: nil),
        event("beforeShellExecution", directory: "/etc"),
        event("beforeShellExecution", session: "s2"),
        event("preToolUse", call: "c2"),
    ])
    func `other arguments, another generation and the same event again are another call`(
        _ event: HookEvent
    ) async throws {
        let hooks = try HookBench()
        try await hooks.send(Self.event(call: "c1"))
        try await hooks.send(event)
        #expect(hooks.bench.ledger.drafts(of: .callIntent).count == 2)
    }

    @Test func `a deny stays a deny, and its retry uses an approval`() async throws {
        let hooks = try HookBench(hold: .milliseconds(20))
        let push: JSONObject = ["command": "push a"]
        let first = try await hooks.send(Self.event("preToolUse", .preTool, push, call: "c1"))
        #expect(first.decision == .deny && first.approval != nil)
        let request = try await hooks.bench.request()
        for person in ["ines", "paul"] { try await hooks.bench.vote(on: request.id, by: person) }
        let further = try await hooks.send(Self.event("beforeShellExecution", .preTool, push))
        #expect(further == first && hooks.bench.ledger.drafts(of: .approvalUsed).isEmpty)
        let retry = try await hooks.send(Self.event("preToolUse", .preTool, push, call: "c2"))
        #expect(retry.decision == .allow)
    }

    @Test func `an allow counts only while its call is open`() async throws {
        let hooks = try HookBench()
        try await hooks.send(Self.event(call: "c1"))
        try await hooks.send(Self.event("postToolUse", .postTool, call: "c1"))
        try await hooks.send(Self.event("beforeShellExecution"))
        #expect(hooks.bench.ledger.drafts(of: .callIntent).count == 2)
    }

    @Test func `other hosts decide at each event`() async throws {
        let hooks = try HookBench()
        for name in ["PreToolUse", "Other"] {
            var event = Self.event(name, call: name)
            event.sender = .host(.claudeCode)
            try await hooks.send(event)
        }
        #expect(hooks.bench.ledger.drafts(of: .callIntent).count == 2)
    }

    @Test func `the table is bounded, and forgets the oldest`() {
        let shared = SharedDecisions()
        func name(_ number: Int) -> Digest {
            OpenSSLHashing().sha256(Array("\(number)".utf8))
        }
        func ask(_ number: Int, _ event: String) -> Bool {
            shared.decision(about: [name(number)], at: event) { Task { .noted } }.isShared
        }
        for number in 0...SharedDecisions.most { #expect(!ask(number, "a")) }
        #expect(shared.count <= SharedDecisions.most)
        #expect(!ask(0, "b") && ask(SharedDecisions.most, "b"))
        // Its third event, and the second one of a name.
        #expect(ask(SharedDecisions.most, "c") && !ask(SharedDecisions.most, "c"))
    }
}
