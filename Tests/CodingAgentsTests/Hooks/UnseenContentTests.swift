import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Content that a coding agent's model reads and no search has seen (docs/specs/output-safety.md, section 6; decision
/// 0154).
@Suite(.requirement("R084")) struct UnseenContentTests {
    private static let run = NameAuthenticator.run(of: "clerk")

    private func hooks(
        _ rule: String = "taint: {mode: strict}", _ inspector: StubInspector = .clean
    ) throws -> HookBench {
        try HookBench(
            [("approvers: finance\n", "approvers: finance\n    \(rule)\n")],
            since: Timestamp(microseconds: 0), results: ResultInspections(inspector))
    }

    private func level(_ hooks: HookBench) -> TaintLevel {
        hooks.bench.gateway.runs.tainted.settledLevel(of: Self.run)
    }

    private func records(_ hooks: HookBench) -> [RecordDraft] {
        hooks.bench.ledger.drafts(of: .runTainted)
    }

    private func prompt(_ text: String, host: HookHost = .claudeCode) -> HookEvent {
        HookEvent(
            host: host, kind: .prompt, hostName: "UserPromptSubmit", session: "s1",
            workingDirectory: "/workspace", details: ["prompt": .string(text)])
    }

    @Test(arguments: [
        ("read @notes.md", true), ("@/etc/passwd", true), ("see (@src/a.c)", true),
        ("see \"@a b\"", true), ("é@a", true), ("@agent-x", true), ("@", false), ("a @ b", false),
        ("mail ann@acme.example", false), ("no mention", false),
    ])
    func `a prompt that mentions a file makes the run untrusted, on record`(
        _ text: String, _ isMention: Bool
    ) async throws {
        let hooks = try hooks()
        let verdict = try await hooks.send(prompt(text))
        #expect(verdict.decision == .allow)
        #expect(level(hooks) == (isMention ? .untrusted : .clean), "\(text)")
        #expect(records(hooks).count == (isMention ? 1 : 0), "\(text)")
        guard isMention else { return }
        let record = try #require(records(hooks).first)
        #expect(record.fields["tl"] == 1 && record.fields["code"] == "mention")
        #expect(record.run?.run == Self.run)
        // The level has risen once.
        try await hooks.send(prompt(text))
        #expect(records(hooks).count == 1)
    }

    @Test func `a host that takes each sign for a file gets no exception`() {
        #expect(prompt("mail ann@acme.example", host: .geminiCLI).unseenContent == .mention)
        #expect(prompt("mail ann@acme.example").unseenContent == nil)
        var odd = prompt("x")
        odd.details = ["prompt": ["@a.md"]]
        #expect(odd.unseenContent == .mention)
    }

    @Test(
        arguments: [
            ("include", true), ("tomorrow", true), (nil, true), ("session_start", false),
            ("nested_traversal", false),
        ] as [(String?, Bool)])
    func `an import makes the run untrusted, and a file of the workspace does not`(
        _ reason: String?, _ isImport: Bool
    ) async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        var details: JSONObject = ["file_path": "/workspace/CLAUDE.md"]
        details["load_reason"] = reason.map(JSONValue.string)
        try await hooks.send(HookBench.event(.instructions, details: details))
        #expect(level(hooks) == (isImport ? .untrusted : .clean))
        #expect(records(hooks).map { $0.fields["code"] } == (isImport ? ["import"] : []))
    }

    @Test func `a level that the log does not take blocks the prompt, and counts nevertheless`()
        async throws
    {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        hooks.bench.ledger.refuse(.runTainted)
        let verdict = try await hooks.send(prompt("read @notes.md"))
        #expect(verdict.decision == .deny && verdict.reason == "unrecorded")
        #expect(level(hooks) == .untrusted)
        // Nor does it let the next one through, which raises nothing.
        #expect(try await hooks.send(prompt("read @notes.md")).decision == .deny)
        hooks.bench.ledger.accept()
        #expect(try await hooks.send(prompt("read @notes.md")).decision == .allow)
        #expect(records(hooks).map { $0.fields["tl"] } == [1])
        #expect(try await hooks.send(prompt("read @notes.md")).decision == .allow)
        #expect(records(hooks).count == 1)
    }

    @Test func `a result that could not be replaced makes the run untrusted`() async throws {
        let secret = "canary-value"
        let hooks = try hooks(
            "taint: {mode: strict}\n    hooks: {on_unredactable: alert}", .finding(secret))
        let tool = HookTool(hostName: "NewRead", name: .read, arguments: [:])
        try await hooks.send(HookBench.event(.sessionStart))
        try await hooks.send(HookBench.event(tool: tool))
        var end = HookBench.event(
            .postTool, tool: tool, details: ["tool_response": .string(secret)])
        end.hostName = "PostToolUse"
        #expect(try await hooks.send(end).decision == .allow)
        #expect(level(hooks) == .untrusted)
        #expect(records(hooks).map { $0.fields["code"] } == ["unredactable"])
    }

    @Test func `an event that cannot be read makes the run hostile`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        _ = try await hooks.post(Array(#"{"v":9}"#.utf8))
        #expect(level(hooks) == .hostile)
        let record = try #require(records(hooks).last)
        #expect(record.fields["code"] == "unread" && record.fields["tl"] == 2)
    }

    @Test(arguments: [
        (HookToolName.fetch, HookEventKind.postTool, true), (.read, .postTool, false),
        (.fetch, .postToolFailure, false),
    ])
    func `the end of a call that no event began counts if it reads the outside`(
        _ name: HookToolName, _ kind: HookEventKind, _ taints: Bool
    ) async throws {
        let hooks = try hooks("taint: {mode: strict}\n    hooks: {on_bypass: alert}")
        try await hooks.send(HookBench.event(.sessionStart))
        try await hooks.send(
            HookBench.event(
                kind, tool: HookBench.tool(name), details: ["tool_response": "text"]))
        #expect(level(hooks) == (taints ? .hostile : .clean))
        #expect(records(hooks).map { $0.fields["code"] } == (taints ? ["unmatched"] : []))
    }

    @Test func `a value that no index has is untrusted after unseen content`() async throws {
        let hooks = try hooks("taint: {mode: provenance}")
        let gateway = hooks.bench.gateway
        try await hooks.send(prompt("send the report"))
        let isComplete = gateway.runs.labelled.read(Self.run) { $0.isComplete }
        #expect(isComplete == true)
        try await hooks.send(prompt("read @notes.md"))
        #expect(gateway.runs.labelled.read(Self.run) { $0.isComplete } == false)
    }
}
