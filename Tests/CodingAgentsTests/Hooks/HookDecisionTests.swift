import InterlockApprovals
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Tools of coding agents as calls of server `host` (docs/specs/coding-agents.md, section 3).
@Suite struct HookDecisionTests {
    @Test(.requirement("R038", "R039"))
    func `a permitted tool is allowed after its intent, and its outcome follows`() async throws {
        let hooks = try HookBench()
        let read = HookBench.tool(.read, ["file_path": "/workspace/a.c"])
        let verdict = try await hooks.send(HookBench.event(tool: read, agent: "a1"))
        #expect(verdict.decision == .allow && !verdict.isSandboxed)
        #expect(hooks.bench.types == [.runStart, .callIntent])
        let intent = try #require(hooks.bench.ledger.drafts(of: .callIntent).last)
        #expect(verdict.record == intent.fields["call"]?.string.map { "dec_" + $0 })
        #expect(intent.fields["tool"] == "host__read" && intent.fields["risk"] == "read")
        #expect(intent.fields["host"] == "claude-code" && intent.fields["ses"] == "s1")
        #expect(intent.fields["hcall"] == "c1" && intent.fields["sub"] == "a1")
        let end = try await hooks.send(
            HookBench.event(.postTool, tool: read, details: ["tool_response": ["content": "x"]]))
        #expect(end.decision == .allow && end.reason == "closed" && end.record == verdict.record)
        let outcome = try #require(hooks.bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["st"] == "ok" && outcome.fields["call"] == intent.fields["call"])
        #expect(hooks.bench.upstreams.sent.isEmpty)
    }

    @Test func `a tool that failed has an outcome, and a second end is unmatched`() async throws {
        let hooks = try HookBench()
        let read = HookBench.tool(.read)
        try await hooks.send(HookBench.event(tool: read))
        try await hooks.send(HookBench.event(.postToolFailure, details: ["error": "no file"]))
        #expect(hooks.bench.ledger.drafts(of: .callOutcome).last?.fields["st"] == "tool_error")
        let again = try await hooks.send(HookBench.event(.postTool, tool: read))
        #expect(again.reason == "unmatched")
        #expect(hooks.bench.ledger.drafts(of: .hookCall).last?.fields["dec"] == "unmatched")
    }

    @Test(.requirement("R038"))
    func `a tool without a grant, and one that no table lists, is denied by name`() async throws {
        let hooks = try HookBench()
        let edit = try await hooks.send(HookBench.event(tool: HookBench.tool(.edit)))
        #expect(edit.decision == .deny && edit.reason == "no-grant")
        let other = try await hooks.send(HookBench.event(tool: HookBench.tool(.other)))
        #expect(other.decision == .deny && other.reason == "no-grant")
        #expect(hooks.bench.ledger.drafts(of: .callIntent).isEmpty)
        #expect(hooks.bench.ledger.drafts(of: .callDenied).count == 2)
        // An agent whose policy names no tool of hosts.
        let bare = try await hooks.send(
            HookBench.event(tool: HookBench.tool(.read)), as: "reader")
        #expect(bare.decision == .deny && bare.reason == "no-grant")
    }

    @Test(
        .requirement("R038", "R063"),
        arguments: [
            ("read a", "allow", "allow"), ("test", "allow", "allow"), ("write", "deny", "allow"),
            ("arbitrary", "deny", "deny"), ("delete", "deny", "deny"), ("push", "deny", "deny"),
            ("deploy", "deny", "deny"), ("production", "deny", "deny"),
            ("unheard of", "deny", "deny"),
        ])
    func `the class of a shell command decides whether people are asked`(
        _ command: String, _ supervised: String, _ trusted: String
    ) async throws {
        for (stage, expected) in [(1, supervised), (2, trusted)] {
            let hooks = try HookBench(stage: stage, hold: .milliseconds(1))
            let verdict = try await hooks.send(HookBench.event(tool: HookBench.shell(command)))
            #expect(verdict.decision.wire == expected, "\(command) at stage \(stage)")
            #expect((verdict.approval != nil) == (expected == "deny"))
        }
    }

    @Test(
        .requirement("R064"),
        arguments: [
            ("git status", "allow"), ("ls && swift test", "allow"), ("git push", "deny"),
            ("make lint", "allow"), ("make lint && git push", "deny"), ("make deploy", "deny"),
        ])
    func `commands are parsed, and those of the list need no approval`(
        _ command: String, _ expected: String
    ) async throws {
        let hooks = try HookBench(
            [
                (
                    "approvers: finance\n",
                    "approvers: finance\n    hooks: {shell_allow: [make lint]}\n"
                )
            ], shell: ParsedCommands(), hold: .milliseconds(1))
        let verdict = try await hooks.send(HookBench.event(tool: HookBench.shell(command)))
        #expect(verdict.decision.wire == expected)
    }

    @Test func `the policy shortens the wait for people`() async throws {
        let hooks = try HookBench([
            ("approvers: finance\n", "approvers: finance\n    hooks: {wait: 1s}\n")
        ])
        let begun = ContinuousClock.now
        let verdict = try await hooks.send(HookBench.event(tool: HookBench.tool(.write)))
        #expect(verdict.decision == .deny && verdict.approval != nil)
        #expect(ContinuousClock.now - begun < .seconds(15))
    }

    @Test func `a forbid reads host, directory and arguments of a call`() async throws {
        let hooks = try HookBench([
            (
                "forbid:",
                """
                forbid:
                  - {id: no-keys, tools: [host.read], when: 'args.arguments.file_path == "/k"'}
                  - {id: elsewhere, tools: [host.*], when: 'args.cwd != "/workspace"'}
                """
            )
        ])
        let read = HookBench.tool(.read, ["file_path": "/k"])
        let verdict = try await hooks.send(HookBench.event(tool: read))
        #expect(verdict.decision == .deny && verdict.rule == "no-keys")
        let allowed = try await hooks.send(
            HookBench.event(tool: HookBench.tool(.read, ["file_path": "/a"])))
        #expect(allowed.decision == .allow)
    }

    /// The agent has half of its limits at this stage.
    @Test func `limits count the calls of hosts`() async throws {
        let hooks = try HookBench([
            ("approvers: finance\n", "approvers: finance\n    limits: {host.read: 4/h}\n")
        ])
        for call in ["c1", "c2"] {
            let read = HookBench.event(call: call, tool: HookBench.tool(.read))
            #expect(try await hooks.send(read).decision == .allow)
        }
        let over = try await hooks.send(HookBench.event(call: "c3", tool: HookBench.tool(.read)))
        #expect(over.decision == .deny && over.reason == "limit")
    }

    @Test(.requirement("R038"))
    func `a call that waits for people is denied with its request, and a retry uses the grant`()
        async throws
    {
        let hooks = try HookBench(hold: .milliseconds(20))
        let write = HookBench.tool(.write, ["file_path": "/workspace/a", "content": "x"])
        let first = try await hooks.send(HookBench.event(tool: write))
        let request = try await hooks.bench.request()
        #expect(first.decision == .deny && first.approval == request.id.shown)
        try await hooks.bench.vote(on: request.id, by: "ines")
        // Other arguments need a request of their own.
        let other = HookBench.tool(.write, ["file_path": "/workspace/b", "content": "x"])
        #expect(try await hooks.send(HookBench.event(call: "c2", tool: other)).decision == .deny)
        let again = try await hooks.send(HookBench.event(call: "c3", tool: write))
        #expect(again.decision == .allow)
        #expect(hooks.bench.ledger.drafts(of: .approvalUsed).count == 1)
    }

    @Test func `a call that people approve in time is allowed`() async throws {
        let hooks = try HookBench()
        let write = HookBench.tool(.write, ["file_path": "/workspace/a", "content": "x"])
        let asked = Task { try await hooks.send(HookBench.event(tool: write)) }
        let request = try await hooks.bench.request()
        try await hooks.bench.vote(on: request.id, by: "ines")
        let verdict = try await asked.value
        #expect(verdict.decision == .allow && verdict.approval == nil)
    }

    @Test func `a tool of hosts is no tool of the agent plane`() async throws {
        let hooks = try HookBench()
        let client = try await Client.open(hooks.bench)
        #expect(await client.tools().allSatisfy { !$0.hasPrefix("host") })
        let called = await client.send(
            "tools/call", id: 9, ["name": "host__read", "arguments": [:]])
        #expect(called.message?["error"] != nil || called.message?["result"]?["isError"] == true)
        #expect(hooks.bench.ledger.drafts(of: .callIntent).isEmpty)
    }

    @Test(.requirement("R038"))
    func `only a server with the proxy's address is passed on, whatever its name`() async throws {
        let hooks = try HookBench()
        func verdict(_ server: HookServer?) async throws -> HookVerdict {
            var tool = HookBench.tool(.mcp(server: "interlock", tool: "desk__look"))
            tool.server = server
            return try await hooks.send(HookBench.event(tool: tool))
        }
        let own = "http://127.0.0.1:3128/mcp"
        for url in [own, own + "/desk"] {
            let passed = try await verdict(HookServer(name: "anything", url: url))
            #expect(passed.decision == .allow)
        }
        let others = [
            nil, HookServer(name: "interlock"), HookServer(url: own + "/desk/x"),
            HookServer(url: own + "?a=b"), HookServer(url: "http://127.0.0.1:3128/mcp2"),
            HookServer(url: "http://127.0.0.1:31280/mcp"), HookServer(url: own, command: ["sh"]),
            HookServer(command: ["interlock", "relay"]),
        ]
        for server in others {
            let refused = try await verdict(server)
            #expect(refused.decision == .deny && refused.reason == "unmanaged-server")
        }
        let records = hooks.bench.ledger.drafts(of: .hookCall)
        #expect(records.filter { $0.fields["dec"] == "passed" }.count == 2)
        #expect(records.filter { $0.fields["dec"] == "refused" }.count == others.count)
        #expect(hooks.bench.ledger.drafts(of: .callIntent).isEmpty)
    }
}
