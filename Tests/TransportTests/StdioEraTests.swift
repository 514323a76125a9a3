import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// The era that a child is found to support, and its consequences.
@Suite(.serialized, .timeLimit(.minutes(3))) struct StdioEraTests {
    /// - Parameter probe: the time limit of the probe; short only if no response is expected, because Python starts
    ///   slowly on a busy machine.
    private static func limits(probe: Duration = .seconds(30)) -> UpstreamLimits {
        var limits = UpstreamLimits()
        limits.probe = probe
        return limits
    }

    static let rows: [(flags: [String], version: String, children: Int)] = [
        ([], "2025-06-18", 2),
        (["--modern"], "2026-07-28", 2),
        (["--legacy-discover"], "2025-06-18", 2),
        (["--garbage-probe"], "2025-06-18", 2),
        (["--silent"], "2025-06-18", 2),
        // One more start after the probe, and one for the agent, which begins with the handshake.
        (["--crash-at-probe"], "2025-06-18", 3),
        // The child is silent at the probe, and its response to the handshake shows that it is modern.
        (["--modern", "--slow"], "2026-07-28", 2),
    ]

    @Test(arguments: rows.indices)
    func `the probe's answer says which era it is`(row: Int) async throws {
        let row = Self.rows[row]
        let isSilent = row.flags.contains("--silent") || row.flags.contains("--slow")
        let limits = Self.limits(probe: isSilent ? .milliseconds(300) : .seconds(30))
        try await StdioUpstreamTests.withServer(row.flags, limits: limits) {
            pool, launcher, reports in
            let version = pool.handshake(of: try Names.server())?.version.rawValue
            #expect(version == row.version, "\(row.flags)")
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.hasPrefix("result"), "\(row.flags)")
            #expect(launcher.launched.withLock { $0.count } == row.children, "\(row.flags)")
            #expect(!reports.contains("exited"), "an end at the probe is no fault")
        }
    }

    @Test func `a child that is halted while it is asked does not come back`() async throws {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let loops = LoopGroup(count: 1)
        let launcher = TestLauncher()
        let pool = UpstreamPool(loops: loops, launcher: launcher, clientVersion: "1")
        let server = try Names.server()
        let script = "/\(folder)/Fixtures/stdio_server.py"
        pool.configure([
            UpstreamConfiguration(
                server: server,
                connection: .stdio(argv: ["/usr/bin/python3", "-S", script, "--silent"]),
                limits: Self.limits(probe: .seconds(60)))
        ])
        func children() -> [Int32] { launcher.launched.withLock { $0.map(\.pid) } }
        _ = await eventually { !children().isEmpty }
        // The server is held as by the kill switch, so that nothing else starts it either.
        pool.holdBack { $0 == server }
        pool.endChildren { asked, _ in asked == server }
        _ = await eventually { !children().contains(where: TestLauncher.isAlive) }
        try await Task.sleep(for: .milliseconds(200))
        #expect(children().count == 1)
        await pool.close()
        loops.stop()
    }

    @Test func `versions that nobody here speaks are said`() async throws {
        try await StdioUpstreamTests.withServer(["--unsupported"], limits: Self.limits()) {
            pool, _, _ in
            guard case .unavailable(let reason) = pool.view(of: try Names.server()) else {
                Issue.record("\(pool.view(of: try Names.server()))")
                return
            }
            #expect(reason.contains("`2099-01-01`"))
        }
    }

    @Test func `a modern child tells that its tools have changed`() async throws {
        var limits = UpstreamLimits()
        limits.leastCheckGap = .milliseconds(1)
        try await StdioUpstreamTests.withServer(["--modern"], limits: limits) { pool, _, _ in
            let name = try Names.server()
            func tools() -> Int {
                if case .ready(_, let tools) = pool.view(of: name) { tools.count } else { 0 }
            }
            _ = await eventually { tools() == 11 }
            #expect(tools() == 11)
        }
    }

    @Test func `a modern child asks in its results, and goes on when it has heard`() async throws {
        try await StdioUpstreamTests.withServer(["--modern"]) { pool, launcher, _ in
            let caller = FakeCaller()
            let answer = try await pool.call(Names.call("ask", input: caller))
            #expect(answer.summary.contains(#""declared":{"elicitation":{}}"#))
            #expect(answer.summary.contains(#""action":"accept""#))
            #expect(caller.asked.withLock { $0.map(\.key) } == ["k", "k"])
            #expect(caller.asked.withLock { $0.last?.params["message"] } == "round 1")
            _ = try await pool.call(Names.call())
            #expect(launcher.launched.withLock { $0.count } == 2, "one child for all its calls")
        }
    }

    @Test func `a modern child may be cancelled, between its rounds too`() async throws {
        try await StdioUpstreamTests.withServer(["--modern"]) { pool, _, reports in
            let token = CancelToken()
            let call = try Names.call("hang", cancel: token)
            async let answer = pool.call(call)
            try await reports.wait(for: "hanging")
            token.cancel(.client)
            #expect(await answer.summary == "cancelled false")
            try await reports.wait(for: "cancelled {")
            let second = CancelToken()
            let caller = FakeCaller { requests in
                second.cancel(.halt)
                try? await Task.sleep(for: .milliseconds(50))
                return await FakeCaller.accept(requests)
            }
            let halted = try await pool.call(Names.call("ask", cancel: second, input: caller))
            #expect(halted.summary == "cancelled false")
        }
    }

    @Test func `three requests from a modern child quarantine its server`() async throws {
        try await StdioUpstreamTests.withServer(["--modern"]) { pool, _, reports in
            for agent in ["triage", "refunds", "triage"] {
                _ = try await pool.call(Names.call("stray", agent: agent))
            }
            try await reports.wait(for: "quarantined")
            let summary1 = try await pool.call(Names.call()).summary
            #expect(summary1 == "failed notExecuted")
        }
    }

    @Test func `a legacy child's question is put to the caller whose turn it is`() async throws {
        try await StdioUpstreamTests.withServer { pool, launcher, _ in
            let callers = (0..<3).map { _ in
                FakeCaller { requests in
                    try? await Task.sleep(for: .milliseconds(30))
                    return await FakeCaller.accept(requests)
                }
            }
            await withTaskGroup { group in
                for caller in callers {
                    group.addTask {
                        guard let call = try? Names.call("ask", input: caller) else { return }
                        let answer = await pool.call(call)
                        #expect(answer.summary.contains(#""action":"accept""#))
                    }
                }
            }
            #expect(callers.allSatisfy { $0.asked.withLock { $0.map(\.key) } == ["input-1"] })
            let declined = try await pool.call(Names.call("ask"))
            #expect(declined.summary.contains(#""action":"decline""#))
            #expect(
                launcher.launched.withLock { $0.count } == 3,
                "the catalogue's, one that may ask, one that may not")
        }
    }

    @Test func `a child whose call was given up asks nobody else`() async throws {
        try await StdioUpstreamTests.withServer { pool, launcher, _ in
            let caller = FakeCaller()
            let late = try await pool.call(
                Names.call("hang", idle: .milliseconds(150), input: caller))
            #expect(late.summary == "timed out unknown")
            let answer = try await pool.call(Names.call("ask", input: caller))
            #expect(answer.summary.contains(#""action":"accept""#))
            #expect(launcher.launched.withLock { $0.count } == 3)
        }
    }

    @Test func `what a child prints is shown without credentials, its last words too`()
        async throws
    {
        try await StdioUpstreamTests.withServer { pool, _, reports in
            _ = try await pool.call(Names.call("leak"))
            try await reports.wait(for: "password=[redacted] and no end of line")
            #expect(!reports.contains("hunter22"))
        }
    }

    @Test func `bad lines are counted over all children of a server`() async throws {
        try await StdioUpstreamTests.withServer { pool, _, reports in
            for agent in ["triage", "refunds", "other"] {
                _ = try await pool.call(Names.call("garbage", agent: agent))
            }
            try await reports.wait(for: "quarantined")
        }
    }
}
