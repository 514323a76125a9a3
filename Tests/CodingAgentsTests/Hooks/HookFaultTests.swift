import InterlockApprovals
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Whatever fails at the gateway is no allow (docs/specs/coding-agents.md, sections 2 and 16).
@Suite struct HookFaultTests {
    private static let read = HookBench.event(tool: HookBench.tool(.read))

    @Test func `bytes that are no event are denied`() async throws {
        let hooks = try HookBench()
        let whole = Self.read.wire
        let torn = [
            [], Array("{}".utf8), Array(whole.dropLast()), whole + whole,
            Array(#"{"v":2}"#.utf8), [0xff, 0xfe],
            Array(
                String(decoding: whole, as: UTF8.self).replacing("host.read", with: "host.x").utf8),
            HookBench.event(.preTool).wire,
        ]
        for body in torn {
            let response = try await hooks.post(body)
            let verdict = try HookVerdict(wire: response.body)
            #expect(verdict.decision == .deny && verdict.reason == "bad-event")
        }
        #expect(hooks.bench.ledger.drafts(of: .callIntent).isEmpty)
    }

    @Test func `only supervisors with a valid token send events`() async throws {
        let hooks = try HookBench()
        let body = Self.read.wire
        #expect(try await hooks.post(body, HookBench.head(as: nil)).status == 401)
        #expect(try await hooks.post(body, HookBench.head(as: "stranger")).status == 401)
        #expect(try await hooks.post(body, HookBench.head(listener: .agents)).status == 404)
        #expect(try await hooks.post(body, HookBench.head(method: "GET")).status == 405)
        #expect(hooks.bench.ledger.drafts(of: .callIntent).isEmpty)
    }

    @Test func `a call whose intent is not recorded is denied`() async throws {
        let hooks = try HookBench()
        hooks.bench.ledger.refuse(.callIntent)
        let verdict = try await hooks.send(Self.read)
        #expect(verdict.decision == .deny && verdict.rule == "audit.full")
        hooks.bench.ledger.accept()
        #expect(try await hooks.send(Self.read).decision == .allow)
    }

    @Test func `prompts and MCP calls that are not recorded are denied`() async throws {
        let hooks = try HookBench()
        hooks.bench.ledger.refuse(.runInput, .hookCall, .hookSession)
        let prompt = HookBench.event(.prompt, details: ["prompt": "fix it"])
        #expect(try await hooks.send(prompt).decision == .deny)
        var tool = HookBench.tool(.mcp(server: "a", tool: "b"))
        tool.server = HookServer(url: "http://127.0.0.1:3128/mcp")
        #expect(try await hooks.send(HookBench.event(tool: tool)).decision == .deny)
        #expect(try await hooks.send(HookBench.event(.sessionStart)).decision == .deny)
    }

    @Test func `a call is denied while the store of approvals is down`() async throws {
        let hooks = try HookBench()
        hooks.bench.store.fail(.write(.ask))
        let write = HookBench.tool(.write, ["file_path": "/workspace/a"])
        let verdict = try await hooks.send(HookBench.event(tool: write))
        #expect(verdict.decision == .deny && verdict.approval == nil)
    }

    @Test func `a decision that comes too late is a deny, and the call is not executed`()
        async throws
    {
        let hooks = try HookBench(deadline: .milliseconds(20))
        let gate = Gate()
        hooks.bench.ledger.hold(.callIntent, at: gate)
        let verdict = try await hooks.send(Self.read)
        #expect(verdict.decision == .deny && verdict.reason == "late")
        gate.open()
        #expect(await until { !hooks.bench.ledger.drafts(of: .callOutcome).isEmpty })
        let outcome = try #require(hooks.bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["st"] == "not_executed")
        let end = try await hooks.send(HookBench.event(.postTool, tool: HookBench.tool(.read)))
        #expect(end.decision == .deny && end.reason == "hook-bypassed")
    }

    @Test func `a hook that is gone gets no allow later`() async throws {
        let hooks = try HookBench()
        let write = HookBench.tool(.write, ["file_path": "/workspace/a"])
        let exchange = FakeExchange()
        let asked = Task { try await hooks.send(HookBench.event(tool: write), exchange) }
        let request = try await hooks.bench.request()
        #expect(await until { hooks.bench.waiting == 1 })
        exchange.close()
        #expect(try await asked.value.decision == .deny)
        try await hooks.bench.vote(on: request.id, by: "ines")
        #expect(hooks.bench.ledger.drafts(of: .approvalUsed).isEmpty)
    }

    @Test func `too many open calls of a run are denied`() async throws {
        let hooks = try HookBench()
        for number in 0..<HostCallRegistry.most {
            let event = HookBench.event(call: "c\(number)", tool: HookBench.tool(.read))
            #expect(try await hooks.send(event).decision == .allow)
        }
        let over = try await hooks.send(HookBench.event(call: "x", tool: HookBench.tool(.read)))
        #expect(over.decision == .deny && over.reason == "too-many-calls")
        // Another run has its own.
        #expect(try await hooks.send(Self.read, as: "clerk#2").decision == .allow)
        try await hooks.send(HookBench.event(.sessionEnd))
        #expect(try await hooks.send(Self.read).decision == .allow)
    }
}
