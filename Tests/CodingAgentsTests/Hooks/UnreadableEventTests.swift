import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Events that the gateway cannot read: each may have brought the result of a tool (docs/decisions/0119).
@Suite struct UnreadableEventTests {
    private static let run = NameAuthenticator.run(of: "clerk")
    private static let read = HookBench.tool(.read)

    private func hooks(_ hooks: String? = nil) throws -> HookBench {
        let changes = hooks.map {
            [("approvers: finance\n", "approvers: finance\n    hooks: {\($0)}\n")]
        }
        return try HookBench(changes ?? [], since: Timestamp(microseconds: 0))
    }

    /// An event with a member that no event has.
    private static func odd(
        _ kind: HookEventKind, session: String = "s1", version: Int = 1
    ) -> [UInt8] {
        let wire = HookBench.event(kind, session: session, tool: read).wire
        return Array(
            String(decoding: wire, as: UTF8.self)
                .replacing(#""v":1,"#, with: "\"v\":\(version),\"odd\":1,").utf8)
    }

    private static let unknown: [[UInt8]] = [
        [], bytes("{}"), bytes("[]"), bytes("{}{}"), [0xff, 0xfe],
        bytes(#"{"v":1,"event":"pre_tool""#), odd(.preTool, version: 2),
        bytes(#"{"v":1,"event":"post_tools"}"#),
        bytes(#"{"v":1,"event":1}"#), bytes(#"{"v":1,"event":"pre_tool","event":"pre_tool"}"#),
    ]

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// Sends bytes that are no event, which are always refused.
    private func send(_ bytes: [UInt8], to hooks: HookBench, as bearer: String = "clerk")
        async throws
    {
        let response = try await hooks.post(bytes, HookBench.head(as: bearer))
        let verdict = try HookVerdict(wire: response.body)
        #expect(verdict.decision == .deny && verdict.reason == "bad-event")
    }

    private func send(_ bytes: [UInt8], to outside: OutsideBench, user: UInt32 = OutsideBench.user)
        async throws
    {
        let response = try await outside.post(bytes, OutsideBench.head(user: user))
        let verdict = try HookVerdict(wire: response.body)
        #expect(verdict.decision == .deny && verdict.reason == "bad-event")
    }

    private func stopped(_ hooks: HookBench) -> [RunID] { hooks.stops.runs.withLock { $0 } }

    private func stopped(_ outside: OutsideBench) -> Set<RunID> {
        Set(outside.stops.runs.withLock { $0 })
    }

    private func failures(_ bench: Bench) -> [RecordDraft] {
        bench.ledger.drafts(of: .redactionFailed)
    }

    private func alerts(_ bench: Bench) -> [RecordDraft] {
        bench.ledger.drafts(of: .alarmRaised).filter { $0.fields["code"] == "redaction.failed" }
    }

    /// The runs of an outside bench, in the order of their begin.
    private func begun(_ outside: OutsideBench) -> [RunID] {
        outside.bench.ledger.drafts(of: .runStart).compactMap(\.run?.run)
    }

    // MARK: Inside a run

    @Test(.requirement("R039", "R082"), arguments: [HookEventKind.postTool, .postToolFailure])
    func `an end of a tool that cannot be read ends the run`(kind: HookEventKind) async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        try await hooks.send(HookBench.event(tool: Self.read))
        try await send(Self.odd(kind), to: hooks)
        let record = try #require(failures(hooks.bench).last)
        #expect(record.run?.run == Self.run && record.fields["verdict"] == "kill")
        #expect(record.fields["ev"] == .string(kind.rawValue))
        #expect(record.fields["code"] == "unreadable" && record.fields["rules"] == [])
        #expect(record.fields["host"] == "claude-code" && record.fields["ses"] == "s1")
        #expect(stopped(hooks) == [Self.run] && alerts(hooks.bench).count == 1)
        // The order is on its way, and nothing else of the run begins.
        let next = HookBench.event(call: "c2", tool: Self.read)
        #expect(try await hooks.send(next).reason == "unredactable")
    }

    @Test(.requirement("R082"), arguments: unknown)
    func `an event of unknown kind counts as the end of a tool`(bytes: [UInt8]) async throws {
        let hooks = try hooks()
        try await send(bytes, to: hooks)
        let record = try #require(failures(hooks.bench).last)
        #expect(record.fields["ev"] == "unknown" && record.fields["code"] == "unreadable")
        #expect(record.fields["ses"] == nil && record.run?.run == Self.run)
        #expect(stopped(hooks) == [Self.run])
    }

    @Test func `an event that is known to be another one is refused, and no more`() async throws {
        let hooks = try hooks()
        for kind in HookEventKind.allCases where !kind.isEndOfTool {
            try await send(Self.odd(kind), to: hooks)
        }
        // A call without its tool.
        try await send(HookBench.event(.preTool).wire, to: hooks)
        #expect(hooks.bench.types.isEmpty && stopped(hooks).isEmpty)
    }

    @Test func `no other run is concerned`() async throws {
        let hooks = try hooks()
        try await hooks.send(HookBench.event(.sessionStart))
        // The other run names a session of this one.
        try await send(Self.odd(.postTool), to: hooks, as: "clerk#2")
        #expect(stopped(hooks) == [NameAuthenticator.run(of: "clerk#2")])
        #expect(try await hooks.send(HookBench.event(tool: Self.read)).decision == .allow)
    }

    @Test(.requirement("R082"))
    func `with an alert alone the run continues, with one record a minute`() async throws {
        let hooks = try hooks("on_unredactable: alert")
        for _ in 0..<20 { try await send(Self.odd(.postTool), to: hooks) }
        #expect(failures(hooks.bench).count == 1 && alerts(hooks.bench).count == 1)
        #expect(failures(hooks.bench).last?.fields["verdict"] == "alert")
        hooks.bench.clock.advance(HookedRun.unreadableWindow)
        for _ in 0..<20 { try await send(Self.odd(.postTool), to: hooks) }
        #expect(failures(hooks.bench).count == 2 && alerts(hooks.bench).count == 1)
        #expect(stopped(hooks).isEmpty)
        #expect(try await hooks.send(HookBench.event(tool: Self.read)).decision == .allow)
    }

    @Test(.requirement("R039"))
    func `a run that begins with it is noticed if it goes past its hook`() async throws {
        let hooks = try hooks("on_unredactable: alert")
        try await send(Self.odd(.postTool), to: hooks)
        try await hooks.send(HookBench.event(.sessionStart))
        #expect(stopped(hooks).isEmpty)
        try await hooks.send(HookBench.event(.postTool, tool: Self.read))
        let record = try #require(hooks.bench.ledger.drafts(of: .hookBypassed).last)
        #expect(record.run?.run == Self.run && record.fields["code"] == "no_intent")
        #expect(stopped(hooks) == [Self.run])
    }

    @Test func `an order that is not in force is given again, and once at a time`() async throws {
        let hooks = try hooks()
        for _ in 0..<20 { try await send(Self.odd(.postTool), to: hooks) }
        #expect(stopped(hooks).count == 1 && failures(hooks.bench).count == 1)
        hooks.bench.clock.advance(.seconds(11))
        hooks.monitor.sweep()
        #expect(stopped(hooks).count == 2)
    }

    // MARK: Outside a run

    @Test(.requirement("R082"))
    func `outside a run its own session ends, and no other`() async throws {
        let outside = try OutsideBench()
        try await outside.send(HookBench.event(.sessionStart))
        try await outside.send(HookBench.event(.sessionStart, session: "s2"))
        try await send(Self.odd(.postTool, session: "s2"), to: outside)
        let runs = begun(outside)
        #expect(runs.count == 2 && stopped(outside) == [runs[1]])
        #expect(failures(outside.bench).map(\.run?.run) == [runs[1]])
        #expect(failures(outside.bench).last?.fields["ses"] == "s2")
    }

    @Test func `a session that begins with it has a run, which ends`() async throws {
        let outside = try OutsideBench()
        try await send(Self.odd(.postTool, session: "new"), to: outside)
        let runs = begun(outside)
        #expect(runs.count == 1 && stopped(outside) == Set(runs) && outside.service.count == 1)
        let start = try #require(outside.bench.ledger.drafts(of: .runStart).last)
        #expect(start.fields["host"] == "claude-code" && start.fields["ses"] == "new")
    }

    @Test(.requirement("R082"), arguments: unknown)
    func `without a session each session of the user ends, and none of another user`(
        bytes: [UInt8]
    ) async throws {
        let reader = ("purpose: Reads\n", "purpose: Reads\n    hooks: {uid: 1001}\n")
        let outside = try OutsideBench(OutsideBench.users + [reader])
        try await outside.send(HookBench.event(.sessionStart))
        try await outside.send(HookBench.event(.sessionStart, session: "s2"))
        try await outside.send(HookBench.event(.sessionStart), user: 1001)
        try await send(bytes, to: outside)
        let runs = begun(outside)
        #expect(runs.count == 3 && stopped(outside) == Set(runs.prefix(2)))
        #expect(failures(outside.bench).count == 2)
        #expect(failures(outside.bench).allSatisfy { $0.run?.agent.text == "clerk" })
    }

    @Test func `without an open session people are notified once an hour`() async throws {
        let outside = try OutsideBench()
        for _ in 0..<20 { try await send([], to: outside) }
        #expect(alerts(outside.bench).count == 1 && outside.bench.types.isEmpty)
        #expect(alerts(outside.bench).last?.fields["agent"] == "clerk")
        outside.bench.clock.advance(HostSessionTable.unattributedWindow)
        for _ in 0..<20 { try await send([], to: outside) }
        #expect(alerts(outside.bench).count == 2 && outside.service.count == 0)
        #expect(begun(outside).isEmpty && stopped(outside).isEmpty)
    }

    @Test func `outside a run another event is refused, and begins no session`() async throws {
        let outside = try OutsideBench()
        for kind in HookEventKind.allCases where !kind.isEndOfTool {
            try await send(Self.odd(kind), to: outside)
        }
        #expect(outside.bench.types.isEmpty && outside.service.count == 0)
    }

    @Test func `it keeps no session open that it does not name`() async throws {
        let hooks = "hooks: {uid: 1000, on_unredactable: alert}"
        let scopes = "mcp_scopes: {desk: [look, report"
        let outside = try OutsideBench([(scopes, hooks + "\n    " + scopes)])
        try await outside.send(HookBench.event(.sessionStart))
        try await outside.send(HookBench.event(.sessionStart, session: "s2"))
        outside.bench.clock.advance(HostSessionTable.idle - .seconds(1))
        try await send([], to: outside)
        try await send(Self.odd(.postTool, session: "s2"), to: outside)
        outside.bench.clock.advance(.seconds(2))
        await outside.service.sweep()
        #expect(outside.ends == ["idle"] && outside.service.count == 1)
        let ended = outside.bench.ledger.drafts(of: .runEnd).compactMap(\.run?.run)
        #expect(ended == Array(begun(outside).prefix(1)))
    }

    @Test func `a session in which it was reported still ends by its own event`() async throws {
        let hooks = "hooks: {uid: 1000, on_unredactable: alert}"
        let scopes = "mcp_scopes: {desk: [look, report"
        let outside = try OutsideBench([(scopes, hooks + "\n    " + scopes)])
        try await outside.send(HookBench.event(.sessionStart))
        try await send([], to: outside)
        #expect(failures(outside.bench).count == 1 && stopped(outside).isEmpty)
        #expect(try await outside.send(HookBench.event(.sessionEnd)).decision == .allow)
        #expect(outside.ends == ["ended"] && outside.service.count == 0)
    }
}
