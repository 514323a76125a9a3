import InterlockApprovals
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockSandboxes
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Sessions of hosts within a run, their ends and halts of them (docs/specs/coding-agents.md, sections 8 and 9).
@Suite struct HookSessionTests {
    private static let read = HookBench.event(tool: HookBench.tool(.read))

    @Test func `sessions, subagents and prompts are in the chain of the run`() async throws {
        let hooks = try HookBench()
        var start = HookBench.event(.sessionStart, details: ["source": "startup"])
        start.mode = "bypass permissions"
        try await hooks.send(start)
        try await hooks.send(HookBench.event(.prompt, details: ["prompt": "fix it"]))
        var sub = HookBench.event(.subagentStart, agent: "a1")
        sub.agentKind = "Explore"
        sub.parentAgent = "a0"
        try await hooks.send(sub)
        try await hooks.send(HookBench.event(.sessionEnd))
        #expect(
            hooks.bench.types
                == [.runStart, .hookSession, .runInput, .hookSession, .hookSession])
        let sessions = hooks.bench.ledger.drafts(of: .hookSession)
        #expect(
            sessions.map { $0.fields["ev"]?.string } == [
                "session_start", "subagent_start", "session_end",
            ])
        #expect(
            sessions[0].fields["hv"] == "2.1.327" && sessions[0].payloads.map(\.field) == ["said"])
        // No free text of a host is in a leaf.
        #expect(sessions[0].fields["mode"]?.string?.hasPrefix("sha256:") == true)
        #expect(sessions[1].fields["sub"] == "a1" && sessions[1].fields["par"] == "a0")
        #expect(sessions[1].fields["kind"] == "Explore")
        let prompt = try #require(hooks.bench.ledger.drafts(of: .runInput).last)
        #expect(prompt.fields["src"] == "user" && prompt.payloads.map(\.field) == ["text"])
    }

    @Test(.requirement("R094"))
    func `the words of a user are theirs, and other text of a prompt is the host's`() async throws {
        let hooks = try HookBench()
        try await hooks.send(
            HookBench.event(
                .prompt, agent: "a1", details: ["prompt": "fix it", "attachments": ["a.c"]]))
        var expansion = HookBench.event(.prompt, details: ["prompt": "text of a command"])
        expansion.hostName = "UserPromptExpansion"
        try await hooks.send(expansion)
        try await hooks.send(HookBench.event(.prompt, details: ["prompt": ["no", "text"]]))
        let inputs = hooks.bench.ledger.drafts(of: .runInput)
        #expect(inputs.map { $0.fields["src"] } == ["user", "hook", "hook"])
        #expect(inputs.map { $0.payloads.map(\.field) } == [["text", "said"], ["text"], ["text"]])
        #expect(inputs[0].fields["host"] == "claude-code" && inputs[0].fields["ses"] == "s1")
        #expect(inputs[0].fields["sub"] == "a1" && inputs[0].fields["call"] == nil)
    }

    @Test func `the model and the files of instructions of a session are on record`() async throws {
        let hooks = try HookBench()
        try await hooks.send(HookBench.event(.sessionStart, details: ["model": "model-5"]))
        try await hooks.send(HookBench.event(.modelSwitch, details: ["new_model": "model-6"]))
        let file: JSONObject = ["file_path": "/workspace/CLAUDE.md"]
        try await hooks.send(HookBench.event(.instructions, details: file))
        try await hooks.send(HookBench.event(.other, details: file))
        let records = hooks.bench.ledger.drafts(of: .hookSession)
        #expect(records.map { $0.fields["model"] } == ["model-5", "model-6", nil, nil])
        let path = try #require(records[2].fields["path"]?.string)
        #expect(path.hasPrefix("sha256:") && records[3].fields["path"] == nil)
        #expect(records.allSatisfy { $0.payloads.map(\.field) == ["said"] })
    }

    @Test func `each event is recorded by the name that its host gives it, in a bounded form`()
        async throws
    {
        let hooks = try HookBench()
        for name in [
            "PreCompact", "CwdChanged", "Tomorrow", "a b", String(repeating: "x", count: 65),
        ] {
            let kind = HookFacts.claudeCode.event(named: name)?.kind ?? .other
            try await hooks.send(
                HookEvent(
                    host: .claudeCode, kind: kind, hostName: name, session: "s1",
                    workingDirectory: "/workspace"))
        }
        let records = hooks.bench.ledger.drafts(of: .hookSession)
        #expect(
            records.map { $0.fields["ev"]?.string } == [
                "other", "directory", "other", "other", "other",
            ])
        let names = records.map { $0.fields["hev"]?.string ?? "" }
        #expect(names.prefix(3) == ["PreCompact", "CwdChanged", "Tomorrow"])
        #expect(names.suffix(2).allSatisfy { $0.hasPrefix("sha256:") && $0.utf8.count <= 64 })
    }

    @Test func `the end of a session closes its calls as unknown, and no others`() async throws {
        let hooks = try HookBench()
        try await hooks.send(Self.read)
        try await hooks.send(HookBench.event(session: "s2", tool: HookBench.tool(.read)))
        try await hooks.send(HookBench.event(.sessionEnd))
        let unknown = hooks.bench.ledger.drafts(of: .callUnknown)
        #expect(unknown.count == 1 && unknown.first?.fields["why"] == "disconnect")
        try await hooks.send(
            HookBench.event(.postTool, session: "s2", tool: HookBench.tool(.read)))
        #expect(hooks.bench.ledger.drafts(of: .callOutcome).count == 1)
    }

    @Test func `the open calls of a run have a bound of bytes`() {
        let registry = HostCallRegistry()
        let call = HostCall(fields: [:], patience: .zero) { _ in }
        func id(_ number: UInt8) -> CallID {
            CallID(milliseconds: 0, random: [UInt8](repeating: number, count: 10))
        }
        let run = RunID(milliseconds: 0, random: [UInt8](repeating: 1, count: 10))
        let half = HostCallRegistry.mostBytes / 2
        #expect(registry.add(call, id(1), bytes: half, of: run))
        #expect(registry.add(call, id(2), bytes: half, of: run))
        #expect(!registry.add(call, id(3), bytes: 1, of: run))
        registry.remove(id(1), of: run)
        #expect(registry.add(call, id(3), bytes: 1, of: run))
    }

    @Test func `the end of a run closes its calls before its last record`() async throws {
        let hooks = try HookBench()
        let gateway = hooks.bench.gateway
        try await hooks.send(Self.read)
        let run = try #require(hooks.bench.ledger.drafts(of: .callIntent).last?.run)
        try await gateway.endHeld(run, fields: ["code": "exited"])
        #expect(Array(hooks.bench.types.suffix(2)) == [.callUnknown, .runEnd])
        #expect(gateway.hostCalls.count(of: run.run) == 0)
    }

    @Test(.requirement("R112"))
    func `while halted tools and prompts are denied, and what ran is of unknown outcome`()
        async throws
    {
        let hooks = try HookBench()
        try await hooks.send(Self.read)
        let clerk = try #require(AgentName("clerk"))
        try await hooks.bench.halt(.agent(clerk))
        #expect(await until { !hooks.bench.ledger.drafts(of: .callUnknown).isEmpty })
        #expect(hooks.bench.ledger.drafts(of: .callUnknown).last?.fields["why"] == "killed")
        // A result that was not searched is withheld, too.
        let prompt = HookBench.event(.prompt, details: ["prompt": "go on"])
        for event in [Self.read, prompt, HookBench.event(.postTool, tool: Self.read.tool)] {
            let verdict = try await hooks.send(event)
            #expect(verdict.decision == .deny && verdict.reason == "halted")
        }
        // A deny of such an event would keep the host at work.
        #expect(try await hooks.send(HookBench.event(.other)).decision == .allow)
    }

    @Test func `a halt while people decide is a deny`() async throws {
        let hooks = try HookBench()
        let write = HookBench.tool(.write, ["file_path": "/workspace/a"])
        let asked = Task { try await hooks.send(HookBench.event(tool: write)) }
        #expect(await until { hooks.bench.waiting == 1 })
        let clerk = try #require(AgentName("clerk"))
        try await hooks.bench.halt(.agent(clerk))
        let verdict = try await asked.value
        #expect(verdict.decision == .deny && verdict.reason == "halted")
    }
}
