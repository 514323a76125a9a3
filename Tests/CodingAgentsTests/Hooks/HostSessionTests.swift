import InterlockApprovals
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// Sessions of hosts outside runs (docs/specs/coding-agents.md, section 9).
@Suite struct HostSessionTests {
    private static let read = HookBench.event(tool: HookBench.tool(.read))

    @Test(.requirement("R038", "R039"))
    func `a session is a run from its first event to its last`() async throws {
        let outside = try OutsideBench()
        var start = HookBench.event(.sessionStart, details: ["source": "startup"])
        start.mode = "plan"
        #expect(try await outside.send(start).decision == .allow)
        let verdict = try await outside.send(Self.read)
        #expect(verdict.decision == .allow && !verdict.isSandboxed)
        #expect(try await outside.send(HookBench.event(.sessionEnd)).decision == .allow)
        #expect(
            outside.bench.types == [
                .runStart, .hookSession, .callIntent, .callUnknown, .hookSession, .runEnd,
            ])
        let runs = Set(outside.bench.ledger.drafts.compactMap { $0.run?.run })
        #expect(runs.count == 1 && outside.ends == ["ended"] && outside.service.count == 0)
        let begun = try #require(outside.bench.ledger.drafts(of: .runStart).first)
        #expect(begun.fields["host"] == "claude-code" && begun.fields["ses"] == "s1")
        #expect(begun.fields["hv"] == "2.1.327" && begun.fields["mode"] == "plan")
        #expect(begun.run?.agent.text == "clerk")
    }

    @Test func `a tool without a begin opens the run, and each session is one`() async throws {
        let outside = try OutsideBench()
        #expect(try await outside.send(Self.read).decision == .allow)
        try await outside.send(HookBench.event(session: "s2", tool: HookBench.tool(.read)))
        try await outside.send(HookBench.event(.postTool, tool: HookBench.tool(.read)))
        #expect(outside.bench.ledger.drafts(of: .runStart).count == 2)
        #expect(outside.bench.ledger.drafts(of: .callOutcome).count == 1)
        // No run is begun in order to end it.
        try await outside.send(HookBench.event(.sessionEnd, session: "s3"))
        #expect(outside.bench.ledger.drafts(of: .runStart).count == 2)
        // The same session again, after its end.
        try await outside.send(HookBench.event(.sessionEnd))
        try await outside.send(Self.read)
        #expect(outside.bench.ledger.drafts(of: .runStart).count == 3)
    }

    @Test func `events that begin a session together have one run`() async throws {
        let outside = try OutsideBench()
        let prompt = HookBench.event(.prompt, details: ["prompt": "fix it"])
        let begins = HookBench.event(.sessionStart)
        async let first = outside.send(begins)
        async let second = outside.send(prompt)
        async let third = outside.send(Self.read)
        for verdict in try await [first, second, third] { #expect(verdict.decision == .allow) }
        #expect(outside.bench.ledger.drafts(of: .runStart).count == 1)
    }

    @Test func `the user of no agent is refused with a reason, before the body is read`()
        async throws
    {
        let outside = try OutsideBench()
        let verdict = try await outside.send(Self.read, user: 1001)
        #expect(verdict.decision == .deny && verdict.reason == "unknown-user")
        #expect(verdict.text.contains("1001"))
        guard case .refuse = outside.service.judge(OutsideBench.head(user: 1001)) else {
            Issue.record("the body would be read")
            return
        }
        let refused = try #require(outside.bench.ledger.drafts(of: .accessRefused).first)
        #expect(refused.fields["code"] == "access.unknown_user")
        #expect(outside.bench.ledger.drafts(of: .runStart).isEmpty)
    }

    @Test func `events of users of no agent leave one record of each user in an hour`()
        async throws
    {
        let outside = try OutsideBench()
        func records() -> Int { outside.bench.ledger.drafts(of: .accessRefused).count }
        for _ in 0..<100 {
            #expect(try await outside.send(Self.read, user: 1001).reason == "unknown-user")
        }
        #expect(records() == 1)
        #expect(try await outside.send(Self.read, user: 1002).reason == "unknown-user")
        #expect(records() == 2 && outside.bench.types.count == 2)
        #expect(outside.service.count == 0)
        // The user of an agent is not concerned.
        #expect(try await outside.send(Self.read).decision == .allow)
        outside.bench.clock.advance(.seconds(3_662))
        for _ in 0..<3 { try await outside.send(Self.read, user: 1001) }
        #expect(records() == 3)
    }

    @Test func `more users than are counted one by one leave one record together`() async throws {
        let outside = try OutsideBench()
        for user in UInt32(10_000)..<14_196 {
            guard case .refuse = outside.service.judge(OutsideBench.head(user: user)) else {
                Issue.record("the body would be read")
                return
            }
        }
        #expect(outside.bench.ledger.drafts(of: .accessRefused).count == 4_097)
    }

    @Test func `the socket serves nothing but events`() async throws {
        let outside = try OutsideBench()
        let body = Self.read.wire
        for path in [
            "/", "/mcp", "/v1/kill", "/hook/v1/event/", "/hook/v1/Event", "//hook/v1/event",
        ] {
            #expect(try await outside.post(body, OutsideBench.head(path: path)).status == 404)
        }
        #expect(try await outside.post(body, OutsideBench.head(method: "GET")).status == 405)
        #expect(try await outside.post(body, OutsideBench.head(query: "a")).status == 404)
        for torn in [[], Array("{}".utf8), body + body] {
            let verdict = try HookVerdict(wire: try await outside.post(torn).body)
            #expect(verdict.decision == .deny && verdict.reason == "bad-event")
        }
        #expect(outside.bench.types.isEmpty)
    }

    @Test func `a token in an event counts for nothing`() async throws {
        let outside = try OutsideBench()
        let head = OutsideBench.head(bearer: "reader")
        let response = try await outside.post(Self.read.wire, head)
        #expect(try HookVerdict(wire: response.body).decision == .allow)
        #expect(outside.bench.ledger.drafts(of: .callIntent).last?.run?.agent.text == "clerk")
        let stranger = try await outside.post(
            Self.read.wire, OutsideBench.head(user: 1001, bearer: "clerk"))
        #expect(try HookVerdict(wire: stranger.body).reason == "unknown-user")
    }

    @Test func `the rate of requests holds before the body`() async throws {
        let outside = try OutsideBench {
            $0.doors.requests = .perMinute(1)
            $0.doors.burst = 1
        }
        #expect(try await outside.post(Self.read.wire).status == 200)
        #expect(try await outside.post(Self.read.wire).status == 429)
    }

    @Test(.requirement("R112"))
    func `while halted tools and new sessions are denied, and ends are recorded`() async throws {
        let outside = try OutsideBench()
        try await outside.send(Self.read)
        let clerk = try #require(AgentName("clerk"))
        try await outside.bench.halt(.agent(clerk))
        #expect(await until { !outside.bench.ledger.drafts(of: .callUnknown).isEmpty })
        let begins = HookBench.event(.sessionStart, session: "s2")
        for event in [Self.read, begins, HookBench.event(.prompt)] {
            let verdict = try await outside.send(event)
            #expect(verdict.decision == .deny && verdict.reason == "halted")
        }
        #expect(try await outside.send(HookBench.event(.sessionEnd)).decision == .allow)
        #expect(outside.ends == ["ended"])
    }

    @Test func `a session whose run was halted does not go on as another run`() async throws {
        let outside = try OutsideBench()
        try await outside.send(Self.read)
        let run = try #require(outside.bench.ledger.drafts(of: .runStart).last?.run?.run)
        try await outside.bench.halt(.run(run))
        #expect(try await outside.send(HookBench.event(.sessionEnd)).decision == .allow)
        for event in [HookBench.event(.sessionStart), Self.read] {
            #expect(try await outside.send(event).reason == "halted")
        }
        #expect(outside.bench.ledger.drafts(of: .runStart).count == 1 && outside.service.count == 1)
    }

    @Test func `the end of a tool that an earlier run of the session began is no bypass`()
        async throws
    {
        let outside = try OutsideBench()
        // The gateway was started again since the call began.
        let end = try await outside.send(HookBench.event(.postTool, tool: HookBench.tool(.read)))
        #expect(end.decision == .allow)
        #expect(outside.bench.ledger.drafts(of: .hookBypassed).isEmpty)
        #expect(outside.bench.ledger.drafts(of: .hostUnmanaged).isEmpty)
        // It is one if the session is known from its begin.
        try await outside.send(HookBench.event(.sessionStart, session: "s2"))
        try await outside.send(
            HookBench.event(.postTool, session: "s2", tool: HookBench.tool(.read)))
        #expect(outside.bench.ledger.drafts(of: .hookBypassed).count == 1)
    }

    @Test func `a policy that names the user no more denies at once, also what waits`()
        async throws
    {
        let outside = try OutsideBench()
        let write = HookBench.tool(.write, ["file_path": "/workspace/a"])
        let asked = Task { try await outside.send(HookBench.event(tool: write)) }
        let request = try await outside.bench.request()
        try outside.bench.swapUnseen(
            HookBench.grants + [
                (
                    "mcp_scopes: {desk: [look, report",
                    "hooks: {uid: 1001}\n    mcp_scopes: {desk: [look, report"
                )
            ])
        try await outside.bench.vote(on: request.id, by: "ines")
        #expect(try await asked.value.decision == .deny)
        #expect(try await outside.send(Self.read).reason == "unknown-user")
    }

    @Test func `other workloads of the agent do not keep its hooks out`() async throws {
        let scopes = "mcp_scopes: {desk: [look, report"
        let outside = try OutsideBench([
            (scopes, "hooks: {uid: 1000}\n    workloads: {run: true}\n    " + scopes)
        ])
        #expect(try await outside.send(Self.read).decision == .allow)
    }

    @Test func `a silent session ends after a time, and one that is used does not`() async throws {
        let outside = try OutsideBench()
        try await outside.send(Self.read)
        try await outside.send(HookBench.event(session: "s2", tool: HookBench.tool(.read)))
        outside.bench.clock.advance(HostSessionTable.idle - .seconds(1))
        try await outside.send(HookBench.event(.postTool, tool: HookBench.tool(.read)))
        await outside.service.sweep()
        #expect(outside.ends.isEmpty)
        outside.bench.clock.advance(.seconds(2))
        await outside.service.sweep()
        #expect(outside.ends == ["idle"] && outside.service.count == 1)
        let ended = outside.bench.ledger.drafts(of: .runEnd).first?.run
        let intent = outside.bench.ledger.drafts(of: .callIntent).last
        #expect(ended?.run == intent?.run?.run)
    }

    @Test func `an end that is not recorded is tried again`() async throws {
        let outside = try OutsideBench()
        try await outside.send(Self.read)
        outside.bench.ledger.refuse(.runEnd)
        #expect(try await outside.send(HookBench.event(.sessionEnd)).decision == .allow)
        #expect(outside.ends.isEmpty && outside.service.count == 1)
        outside.bench.ledger.accept()
        await outside.service.sweep()
        #expect(outside.ends == ["ended"] && outside.service.count == 0)
    }

    @Test func `a session whose start is not recorded is denied, and begins at the next event`()
        async throws
    {
        let outside = try OutsideBench()
        outside.bench.ledger.refuse(.runStart)
        let verdict = try await outside.send(Self.read)
        #expect(verdict.decision == .deny && verdict.reason == "unrecorded")
        #expect(outside.service.count == 0)
        outside.bench.ledger.accept()
        #expect(try await outside.send(Self.read).decision == .allow)
    }

    @Test func `sessions of an agent have a bound`() async throws {
        let outside = try OutsideBench()
        for number in 0..<HostSessionTable.most {
            try await outside.send(
                HookBench.event(session: "s\(number)", tool: HookBench.tool(.read)))
        }
        let verdict = try await outside.send(
            HookBench.event(session: "more", tool: HookBench.tool(.read)))
        #expect(verdict.decision == .deny && verdict.reason == "too-many-sessions")
        try await outside.send(HookBench.event(.sessionEnd, session: "s0"))
        outside.bench.clock.advance(.seconds(2))
        let event = HookBench.event(session: "more", tool: HookBench.tool(.read))
        #expect(try await outside.send(event).decision == .allow)
    }

    @Test func `sessions that are begun and ended in a loop are bounded, with one record a minute`()
        async throws
    {
        let outside = try OutsideBench()
        func loop(_ number: Int) async throws -> HookVerdict {
            let verdict = try await outside.send(
                HookBench.event(.sessionStart, session: "l\(number)"))
            try await outside.send(HookBench.event(.sessionEnd, session: "l\(number)"))
            return verdict
        }
        func refused() -> [RecordDraft] { outside.bench.ledger.drafts(of: .accessRefused) }
        for number in 0..<AgentRateLimiter.sessions.burst {
            #expect(try await loop(number).decision == .allow)
        }
        #expect(outside.service.count == 0 && refused().isEmpty)
        let written = outside.bench.types.count
        for number in 0..<100 {
            let verdict = try await loop(1_000 + number)
            #expect(verdict.decision == .deny && verdict.reason == "too-many-sessions")
        }
        #expect(outside.bench.types.count == written + 1 && refused().count == 1)
        #expect(refused().first?.fields["code"] == "access.too_many_sessions")
        #expect(refused().first?.fields["agent"] == "clerk")
        // One is admitted every two seconds, and no more.
        outside.bench.clock.advance(.seconds(2))
        #expect(try await loop(2_000).decision == .allow)
        #expect(try await loop(2_001).reason == "too-many-sessions")
        #expect(refused().count == 1)
        outside.bench.clock.advance(AgentRateLimiter.window)
        for number in 0..<40 { _ = try await loop(3_000 + number) }
        #expect(refused().count == 2)
    }

    @Test func `a session that goes on is not kept out by those that may not begin`() async throws {
        let outside = try OutsideBench()
        for number in 0..<AgentRateLimiter.sessions.burst - 1 {
            try await outside.send(HookBench.event(.sessionStart, session: "s\(number)"))
            try await outside.send(HookBench.event(.sessionEnd, session: "s\(number)"))
        }
        try await outside.send(HookBench.event(.sessionStart, session: "goes-on"))
        let refused = try await outside.send(HookBench.event(.sessionStart, session: "more"))
        #expect(refused.reason == "too-many-sessions")
        let read = HookBench.event(session: "goes-on", tool: HookBench.tool(.read))
        #expect(try await outside.send(read).decision == .allow)
    }

    @Test func `MCP tools pass by the address of the agent plane alone`() async throws {
        let outside = try OutsideBench()
        let plane = OutsideBench.agentPlane
        func ask(_ url: String?, command: [String]? = nil) async throws -> HookVerdict {
            var tool = HookBench.tool(.mcp(server: "interlock", tool: "x"))
            tool.server = HookServer(
                name: "interlock", url: url, command: command, source: nil)
            return try await outside.send(HookBench.event(tool: tool))
        }
        for url in [plane, plane + "/desk"] { #expect(try await ask(url).decision == .allow) }
        for url in [
            nil, "http://127.0.0.1:3128/mcp", "http://127.0.0.1:7400", "http://127.0.0.1:74001/mcp",
            plane + "x", plane + "/desk/a", plane + "/", plane + "?a",
            "http://a@127.0.0.1:7400/mcp", "https://127.0.0.1:7400/mcp",
        ] {
            #expect(try await ask(url).reason == "unmanaged-server", "\(url ?? "nil")")
        }
        #expect(try await ask(plane, command: ["sh"]).reason == "unmanaged-server")
    }

    @Test func `sessions of an earlier process end as unknown, and other runs do not`()
        async throws
    {
        func run(_ number: UInt8) -> RunID {
            RunID(milliseconds: 0, random: [UInt8](repeating: number, count: 10))
        }
        let starts = OutsideBench.Starts(leaves: [
            run(1): ["host": "claude-code"], run(2): ["iso": "full"],
        ])
        let outside = try OutsideBench(starts: starts)
        let clerk = try #require(AgentName("clerk"))
        await outside.service.end(earlier: [1, 2, 3].map { (run: run($0), agent: clerk) })
        #expect(outside.ends == ["unknown"] && outside.service.count == 0)
        #expect(outside.bench.ledger.drafts(of: .runEnd).first?.run?.run == run(1))
    }
}
