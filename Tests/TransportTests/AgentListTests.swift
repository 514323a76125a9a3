import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// R151: if a child that serves one agent announces changed lists, they are requested from it, as from the server's own
/// child.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `Lists of agents' own children` {
    private static var quick: UpstreamLimits {
        var limits = UpstreamLimits()
        limits.firstRetry = .milliseconds(10)
        limits.leastCheckGap = .milliseconds(200)
        return limits
    }

    private func apart(_ pool: UpstreamPool) throws -> [AgentLists] {
        pool.offers(of: try Names.server()).apart
    }

    private func generation(_ pool: UpstreamPool) throws -> UInt64 {
        if case .ready(let generation, _) = pool.view(of: try Names.server()) {
            generation
        } else {
            0
        }
    }

    private func until(_ pool: UpstreamPool, _ agents: [String]) async throws {
        _ = try await eventually { try apart(pool).map(\.agent.text) == agents }
        #expect(try apart(pool).map(\.agent.text) == agents)
    }

    @Test(arguments: [[], ["--modern"]])
    func `what it lists then is kept beside what the server lists, until the child ends`(
        flags: [String]
    ) async throws {
        try await StdioUpstreamTests.withServer(flags, limits: Self.quick) { pool, _, reports in
            _ = try await pool.call(Names.call("echo", agent: "refunds"))
            let before = try generation(pool)
            #expect(try apart(pool).isEmpty)
            _ = try await pool.call(Names.call("turn"))
            try await until(pool, ["triage"])
            #expect(try generation(pool) > before)
            let tools = try apart(pool).first?.definitions?.tools ?? []
            #expect(tools.first?["description"] == "another tool")
            try await reports.wait(for: "toolsChanged(fake)")
            let changed = try generation(pool)
            _ = try await pool.call(Names.call("die"))
            try await until(pool, [])
            #expect(try generation(pool) > changed)
        }
    }

    @Test func `a later child of that agent is asked at its start, one of another agent is not`()
        async throws
    {
        try await StdioUpstreamTests.withServer(["--tell-lists"], limits: Self.quick) {
            pool, _, reports in
            func count(_ agent: String?) -> Int {
                reports.lines.withLock { lines in
                    lines.count {
                        $0.contains("listed") && $0.contains(agent ?? "agent: nil")
                    }
                }
            }
            _ = try await pool.call(Names.call("turn"))
            try await until(pool, ["triage"])
            _ = try await pool.call(Names.call("die"))
            try await until(pool, [])
            let first = count("triage")
            #expect(first >= 1)
            for _ in 0..<2000 where count("triage") == first {
                _ = try await pool.call(Names.call("echo"))
                _ = try await pool.call(Names.call("echo", agent: "refunds"))
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(count("triage") == first + 1)
            #expect(count("refunds") == 0)
            #expect(try apart(pool).isEmpty)
        }
    }

    @Test func `however often it announces changes, it is asked once in a while`() async throws {
        try await StdioUpstreamTests.withServer(["--tell-lists"], limits: Self.quick) {
            pool, _, reports in
            let clock = ContinuousClock()
            let began = clock.now
            _ = try await pool.call(Names.call("turn", #"{"times":500}"#))
            try await until(pool, ["triage"])
            _ = try await pool.call(Names.call("turn", #"{"times":500}"#))
            try await Task.sleep(for: .milliseconds(300))
            let most = Int((clock.now - began) / Self.quick.leastCheckGap) + 2
            let asked = reports.lines.withLock { lines in
                lines.count { $0.contains("listed another tool") && $0.contains("triage") }
            }
            #expect(asked >= 1 && asked <= most, "asked \(asked) times, at most \(most)")
        }
    }

    @Test func `an HTTP session that announces other lists and gives none is asked until it does`()
        async throws
    {
        let upstream = FakeUpstream(onCall: { request, exchange in
            exchange.startEvents(headers: [])
            exchange.send(
                event: FakeUpstream.event([
                    "jsonrpc": "2.0", "method": "notifications/tools/list_changed",
                ]))
            exchange.send(
                event: FakeUpstream.event(FakeUpstream.result(request, ["content": []])))
            exchange.endEvents()
        })
        try await HTTPUpstreamTests.withUpstream(upstream, limits: Self.quick) { pool in
            upstream.hidesTools.withLock { $0 = true }
            _ = try await pool.call(Names.call("echo"))
            try await until(pool, ["triage"])
            #expect(try apart(pool).first?.definitions == nil)
            upstream.hidesTools.withLock { $0 = false }
            try await until(pool, [])
        }
    }

    @Test func `a child that announces other lists and does not give them is ended`() async throws {
        try await StdioUpstreamTests.withServer(["--no-second-list"], limits: Self.quick) {
            pool, launcher, reports in
            _ = try await pool.call(Names.call("turn"))
            try await reports.wait(for: "a session announced other lists, and does not list them")
            let pid = launcher.launched.withLock { $0.last?.pid ?? 0 }
            _ = await eventually { !TestLauncher.isAlive(pid) }
            #expect(!TestLauncher.isAlive(pid))
            try await until(pool, [])
        }
    }
}
