import InterlockApprovals
import InterlockCredentials
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
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

    @Test func `an event that the facts do not list is another call`() async throws {
        let hooks = try HookBench()
        try await hooks.send(Self.event(call: "c1"))
        try await hooks.send(Self.event("beforeAnything"))
        #expect(hooks.bench.ledger.drafts(of: .callIntent).count == 2)
    }

    /// Asks a table about calls that are numbered.
    private struct Asking {
        let shared = SharedDecisions()

        func callAsFunction(_ number: Int, _ event: String, of run: RunContext) -> Bool {
            let digest = OpenSSLHashing().sha256(Array("\(number)".utf8))
            return shared.decision(about: [digest], of: run, at: event) { Task { .noted } }.isShared
        }
    }

    private static func run(_ number: Int, of agent: String = "clerk") throws -> RunContext {
        let random = (0..<10).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        return RunContext(
            run: RunID(milliseconds: 0, random: random), agent: try #require(AgentName(agent)),
            subject: nil)
    }

    @Test func `a run forgets its oldest decisions, and no other run's`() throws {
        let ask = Asking()
        let (busy, other) = (try Self.run(1), try Self.run(2))
        #expect(!ask(0, "a", of: other))
        let last = 10 * SharedDecisions.mostOfRun
        for number in 0...last { #expect(!ask(number, "a", of: busy)) }
        #expect(ask.shared.count <= SharedDecisions.mostOfRun + 1)
        #expect(!ask(0, "b", of: busy) && ask(last, "b", of: busy))
        // Its third event, and the second one of a name.
        #expect(ask(last, "c", of: busy) && !ask(last, "c", of: busy))
        #expect(ask(0, "b", of: other))
    }

    @Test func `the same call of another run is another one`() throws {
        let ask = Asking()
        let (one, other) = (try Self.run(1), try Self.run(2))
        #expect(!ask(0, "a", of: one) && !ask(0, "b", of: other))
        #expect(ask(0, "b", of: one) && ask(0, "a", of: other))
    }

    @Test func `an agent with many runs forgets its own, the silent ones first`() throws {
        let ask = Asking()
        let other = try Self.run(0, of: "other")
        #expect(!ask(0, "a", of: other))
        let runs = 2 * SharedDecisions.most / SharedDecisions.mostOfRun
        for number in 1...runs {
            let run = try Self.run(number)
            for call in 0..<SharedDecisions.mostOfRun { _ = ask(call, "a", of: run) }
        }
        #expect(ask.shared.count <= SharedDecisions.most)
        #expect(ask(0, "b", of: other))
        let newest = try Self.run(runs)
        #expect(ask(SharedDecisions.mostOfRun - 1, "b", of: newest))
        let oldest = try Self.run(1)
        #expect(!ask(SharedDecisions.mostOfRun - 1, "b", of: oldest))
    }

    @Test func `a run that has ended is forgotten`() throws {
        let ask = Asking()
        let run = try Self.run(1)
        for number in 0..<10 { #expect(!ask(number, "a", of: run)) }
        ask.shared.remove(run.run)
        #expect(ask.shared.count == 0 && !ask(0, "b", of: run))
    }
}
