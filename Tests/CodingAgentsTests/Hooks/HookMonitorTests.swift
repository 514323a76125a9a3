import InterlockApprovals
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Signs that the hook of a coding agent is gone or silent (docs/specs/coding-agents.md, section 10).
@Suite struct HookMonitorTests {
    private static let run = NameAuthenticator.run(of: "clerk")
    private static let proxy = HookServer(url: "http://127.0.0.1:3128/mcp")

    /// A bench whose monitor knows the runs from their begin.
    private func hooks(_ hooks: String? = nil, hold: Duration = .seconds(60)) throws -> HookBench {
        let changes = hooks.map {
            [("approvers: finance\n", "approvers: finance\n    hooks: {\($0)}\n")]
        }
        return try HookBench(changes ?? [], hold: hold, since: Timestamp(microseconds: 0))
    }

    private func mcp(_ tool: String, _ arguments: JSONObject = [:]) -> HookTool {
        var tool = HookBench.tool(
            .mcp(server: "interlock", tool: ExactText("desk__" + tool)), arguments)
        tool.server = Self.proxy
        return tool
    }

    private func stopped(_ hooks: HookBench) -> [RunID] { hooks.stops.runs.withLock { $0 } }

    private func alerts(_ hooks: HookBench) -> [String] {
        hooks.bench.ledger.drafts(of: .alarmRaised).compactMap { $0.fields["code"]?.string }
            .filter { $0.hasPrefix("hook.") || $0.hasPrefix("host.") }
    }

    /// Opens a session as the supervisor of a run passes it on, which has passed on the events of the hook.
    private func open(_ hooks: HookBench, as bearer: String = "clerk") async throws -> Client {
        try await Client.open(hooks.bench, as: bearer, listener: .local(uid: 7, pid: 1))
    }

    /// Moves the clock and lets the monitor look.
    private func pass(_ time: Duration, _ hooks: HookBench) {
        hooks.bench.clock.advance(time)
        hooks.monitor.sweep()
    }

    // MARK: Bypassed

    @Test(.requirement("R039"))
    func `the end of a denied call ends the run`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        let edit = HookBench.tool(.edit)
        #expect(try await hooks.send(HookBench.event(tool: edit)).decision == .deny)
        let end = try await hooks.send(HookBench.event(.postTool, tool: edit))
        #expect(end.decision == .deny && end.reason == "hook-bypassed")
        let record = try #require(hooks.bench.ledger.drafts(of: .hookBypassed).last)
        #expect(record.run?.run == Self.run)
        #expect(record.fields["code"] == "denied" && record.fields["verdict"] == "kill")
        #expect(record.fields["tool"] == "host.edit" && record.fields["hcall"] == "c1")
        #expect(stopped(hooks) == [Self.run] && alerts(hooks) == ["hook.bypassed"])
        let alert = try #require(
            hooks.bench.ledger.drafts(of: .alarmRaised).last {
                $0.fields["code"] == "hook.bypassed"
            })
        #expect(alert.fields["ofrun"] == .string(Self.run.text) && alert.fields["agent"] == "clerk")
        // The order is on its way, and nothing else of the run begins.
        let next = try await hooks.send(HookBench.event(call: "c2", tool: HookBench.tool(.read)))
        #expect(next.decision == .deny && next.reason == "hook-bypassed")
        // A second sign is recorded; people are notified once, and the order is given once.
        try await hooks.send(HookBench.event(.postTool, call: "c9", tool: edit))
        #expect(hooks.bench.ledger.drafts(of: .hookBypassed).count == 2)
        #expect(stopped(hooks).count == 1 && alerts(hooks).count == 1)
    }

    @Test func `the end of a call that was never asked about ends the run`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        try await hooks.send(HookBench.event(.postTool, tool: HookBench.tool(.read)))
        #expect(
            hooks.bench.ledger.drafts(of: .hookBypassed).last?.fields["code"] == "no_intent")
        #expect(stopped(hooks) == [Self.run])
    }

    @Test func `an MCP call that was refused or never asked about counts as bypassed too`()
        async throws
    {
        let refused = try hooks()
        try await refused.send(HookBench.event(.sessionStart))
        var foreign = mcp("look")
        foreign.server = HookServer(name: "interlock")
        try await refused.send(HookBench.event(tool: foreign))
        try await refused.send(HookBench.event(.postTool, tool: foreign))
        #expect(refused.bench.ledger.drafts(of: .hookBypassed).last?.fields["code"] == "denied")
        let unasked = try hooks()
        try await unasked.send(HookBench.event(.sessionStart))
        try await unasked.send(HookBench.event(.postTool, tool: mcp("look")))
        #expect(stopped(unasked) == [Self.run])
        let passed = try hooks()
        try await passed.send(HookBench.event(.sessionStart))
        try await passed.send(HookBench.event(tool: mcp("look")))
        try await passed.send(HookBench.event(.postTool, tool: mcp("look")))
        #expect(passed.bench.ledger.drafts(of: .hookBypassed).isEmpty)
    }

    @Test func `late and second ends, and failures of denied calls, are no bypass`() async throws {
        let hooks = try hooks()
        let read = HookBench.tool(.read)
        try await hooks.send(HookBench.event(.sessionStart))
        try await hooks.send(HookBench.event(tool: read))
        try await hooks.send(HookBench.event(call: "c2", tool: read))
        try await hooks.send(HookBench.event(.postTool, tool: read))
        try await hooks.send(HookBench.event(.postTool, tool: read))
        try await hooks.send(HookBench.event(.sessionEnd))
        let late = try await hooks.send(HookBench.event(.postTool, call: "c2", tool: read))
        #expect(late.decision == .allow && late.reason == "unmatched")
        let edit = HookBench.event(call: "c3", tool: HookBench.tool(.edit))
        try await hooks.send(edit)
        try await hooks.send(
            HookBench.event(.postToolFailure, call: "c3", tool: HookBench.tool(.edit)))
        #expect(hooks.bench.ledger.drafts(of: .hookBypassed).isEmpty && stopped(hooks).isEmpty)
    }

    /// The gateway was started again, so the event before the call came to an earlier process.
    @Test func `an unknown end in a run from before this process is no sign`() async throws {
        let hooks = try HookBench()
        let end = try await hooks.send(HookBench.event(.postTool, tool: HookBench.tool(.read)))
        #expect(end.reason == "unmatched" && stopped(hooks).isEmpty && alerts(hooks).isEmpty)
    }

    @Test(.requirement("R039"))
    func `with an alert alone the run continues, and nothing of it is approved`() async throws {
        let hooks = try hooks("on_bypass: alert")
        try await hooks.send(HookBench.event(.sessionStart))
        let write = HookBench.tool(.write, ["file_path": "/workspace/a"])
        let asked = Task { try await hooks.send(HookBench.event(call: "w1", tool: write)) }
        let request = try await hooks.bench.request()
        let end = try await hooks.send(
            HookBench.event(.postTool, call: "c9", tool: HookBench.tool(.read)))
        #expect(end.reason == "unmatched")
        let record = try #require(hooks.bench.ledger.drafts(of: .hookBypassed).last)
        #expect(record.fields["verdict"] == "alert" && stopped(hooks).isEmpty)
        #expect(alerts(hooks) == ["hook.bypassed"])
        // People decide about the call that waits, and too late.
        try await hooks.bench.vote(on: request.id, by: "ines")
        let waited = try await asked.value
        #expect(waited.decision == .deny && waited.reason == "hook-bypassed")
        #expect(hooks.bench.ledger.drafts(of: .approvalUsed).isEmpty)
        let other = HookBench.tool(.write, ["file_path": "/workspace/b"])
        let refused = try await hooks.send(HookBench.event(call: "w2", tool: other))
        #expect(refused.reason == "hook-bypassed" && refused.approval == nil)
        let read = HookBench.event(call: "c2", tool: HookBench.tool(.read))
        #expect(try await hooks.send(read).decision == .allow)
        // Another run of the agent is not concerned.
        #expect(!hooks.bench.gateway.runs.distrusted.contains(NameAuthenticator.run(of: "clerk#2")))
    }

    @Test func `an order that is not in force is given again until it is`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        try await hooks.send(HookBench.event(.postTool, tool: HookBench.tool(.read)))
        pass(.seconds(9), hooks)
        #expect(stopped(hooks).count == 1)
        pass(.seconds(2), hooks)
        #expect(stopped(hooks).count == 2)
        _ = try await hooks.bench.kill.stop(.run(Self.run), byDetector: "hook-bypassed")
        pass(.seconds(11), hooks)
        pass(.seconds(11), hooks)
        #expect(stopped(hooks).count == 2)
    }

    // MARK: Silent

    @Test(.requirement("R039"))
    func `an MCP call without an event is noticed within five seconds`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        let client = try await open(hooks)
        try await hooks.send(HookBench.event(tool: mcp("look", ["id": 1])))
        await client.call("look", ["id": 1])
        pass(.seconds(10), hooks)
        #expect(stopped(hooks).isEmpty)
        // The hook is gone; the event before covered one call.
        await client.call("look", ["id": 1])
        pass(.seconds(3), hooks)
        #expect(stopped(hooks).isEmpty)
        pass(.seconds(1), hooks)
        #expect(stopped(hooks) == [Self.run] && alerts(hooks) == ["hook.silent"])
        let record = try #require(hooks.bench.ledger.drafts(of: .hookSilent).last)
        #expect(record.run == nil && record.fields["ofrun"] == .string(Self.run.text))
        #expect(record.fields["agent"] == "clerk" && record.fields["verdict"] == "kill")
        #expect(record.fields["tool"] == "desk__look")
        let call = try #require(
            hooks.bench.ledger.drafts.last { $0.type == .callIntent || $0.type == .callDenied })
        #expect(record.fields["call"] == call.fields["call"], "\(hooks.types())")
        #expect(hooks.bench.gateway.runs.distrusted.contains(Self.run))
    }

    @Test func `an event may follow its call, and other arguments are another call`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        let client = try await open(hooks)
        await client.call("look", ["id": 1])
        pass(.seconds(3), hooks)
        try await hooks.send(HookBench.event(tool: mcp("look", ["id": 1])))
        pass(.seconds(9), hooks)
        #expect(stopped(hooks).isEmpty)
        try await hooks.send(HookBench.event(call: "c2", tool: mcp("look", ["id": 2])))
        await client.call("look", ["id": 3])
        pass(.seconds(4), hooks)
        #expect(stopped(hooks) == [Self.run])
    }

    @Test func `runs without a hook, and tools of hosts, are not concerned`() async throws {
        let hooks = try hooks()
        let client = try await open(hooks)
        await client.call("look")
        try await hooks.send(HookBench.event(.sessionStart), as: "clerk#2")
        await client.call("look")
        try await hooks.send(
            HookBench.event(tool: HookBench.tool(.read)), as: "clerk#2")
        pass(.seconds(9), hooks)
        #expect(stopped(hooks).isEmpty && alerts(hooks).isEmpty)
    }

    @Test func `a call that the policy refuses is noticed too`() async throws {
        let hooks = try hooks("on_bypass: alert")
        try await hooks.send(HookBench.event(.sessionStart))
        let client = try await open(hooks)
        await client.call("nuke")
        pass(.seconds(4), hooks)
        let record = try #require(hooks.bench.ledger.drafts(of: .hookSilent).last)
        #expect(record.fields["verdict"] == "alert" && stopped(hooks).isEmpty)
    }

    // MARK: Changed and unmanaged

    @Test func `a change of settings is on record with a fingerprint`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        for source in ["user_settings", "policy_settings"] {
            try await hooks.send(
                HookBench.event(.configChange, call: nil, details: ["source": .string(source)]))
        }
        let records = hooks.bench.ledger.drafts(of: .hookConfigChanged)
        #expect(records.map { $0.fields["src"]?.string } == ["user_settings", "policy_settings"])
        #expect(records[0].fields["fp"] != records[1].fields["fp"])
        #expect(records[0].run?.run == Self.run && stopped(hooks).isEmpty)
        #expect(alerts(hooks) == ["hook.config_changed"])
    }

    @Test func `changed managed settings call a person at once`() async throws {
        let hooks = try hooks()
        try await hooks.send(
            HookBench.event(.configChange, call: nil, details: ["source": "policy_settings"]))
        #expect(hooks.bench.ledger.drafts(of: .alarmRaised).last?.fields["sev"] == "page")
    }

    @Test func `a session without a begin is on record once`() async throws {
        let hooks = try hooks()
        for call in ["c1", "c2"] {
            try await hooks.send(HookBench.event(call: call, tool: HookBench.tool(.read)))
        }
        let records = hooks.bench.ledger.drafts(of: .hostUnmanaged)
        #expect(records.count == 1 && records.first?.fields["code"] == "no_session_start")
        #expect(records.first?.fields["ses"] == "s1" && stopped(hooks).isEmpty)
        #expect(alerts(hooks) == ["host.unmanaged"])
    }

    @Test func `a host in use without an event for a day is unmanaged`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        try await hooks.send(HookBench.event(.sessionEnd))
        hooks.bench.clock.advance(.seconds(24 * 3600 - 1))
        // Calls of another run of the same agent: its host sends no events any more.
        let client = try await open(hooks, as: "clerk#2")
        await client.call("look")
        #expect(hooks.bench.ledger.drafts(of: .hostUnmanaged).isEmpty)
        hooks.bench.clock.advance(.seconds(1))
        await client.call("look")
        await client.call("look")
        let records = hooks.bench.ledger.drafts(of: .hostUnmanaged)
        #expect(records.count == 1 && records.first?.fields["code"] == "no_events")
        #expect(
            records.first?.fields["ofrun"] == .string(NameAuthenticator.run(of: "clerk#2").text))
        // A host without hooks was never managed.
        let reader = try await open(hooks, as: "reader")
        await reader.call("look")
        #expect(hooks.bench.ledger.drafts(of: .hostUnmanaged).count == 1)
    }
}
