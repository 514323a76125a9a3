import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct StdioUpstreamTests {
    /// The reported events, as text.
    final class Reports: Sendable {
        let lines = Mutex<[String]>([])
        func add(_ event: UpstreamEvent) { lines.withLock { $0.append("\(event)") } }
        func contains(_ part: String) -> Bool {
            lines.withLock { $0.contains { $0.contains(part) } }
        }
        func wait(for part: String) async throws {
            _ = await eventually { contains(part) }
            #expect(contains(part), "\(lines.withLock { $0 })")
        }
    }

    static func withServer(
        _ flags: [String] = [], limits: UpstreamLimits = UpstreamLimits(),
        _ body: (UpstreamPool, TestLauncher, Reports) async throws -> Void
    ) async throws {
        let loops = LoopGroup(count: 2)
        let launcher = TestLauncher()
        let reports = Reports()
        let pool = UpstreamPool(
            loops: loops, launcher: launcher, clientVersion: "1", report: { reports.add($0) })
        pool.configure([try configuration(flags, limits: limits)])
        _ = await pool.settled(try Names.server())
        var problem: (any Error)?
        do { try await body(pool, launcher, reports) } catch { problem = error }
        await pool.close()
        loops.stop()
        let left = launcher.launched.withLock { $0.map(\.pid) }.filter(TestLauncher.isAlive)
        #expect(left.isEmpty, "children stay behind")
        if let problem { throw problem }
    }

    static func configuration(
        _ flags: [String] = [], limits: UpstreamLimits = UpstreamLimits()
    ) throws -> UpstreamConfiguration {
        let script = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return UpstreamConfiguration(
            server: try Names.server(),
            connection: .stdio(
                argv: ["/usr/bin/python3", "-S", "/\(script)/Fixtures/stdio_server.py"] + flags),
            environment: [("PYTHONUNBUFFERED", "1")], limits: limits)
    }

    @Test(arguments: ["latin", "twice"])
    func `an answer that is no JSON ends its call at once, and no other`(tool: String) async throws
    {
        try await Self.withServer { pool, _, _ in
            let hanging = try Names.call("hang", idle: .seconds(2))
            async let other = pool.call(hanging)
            let begun = ContinuousClock.now
            let answer = try await pool.call(Names.call(tool)).summary
            #expect(answer == "failed unknown")
            // Sooner than its own limit of ten seconds, also on a busy machine.
            #expect(ContinuousClock.now - begun < .seconds(8))
            let late = await other.summary
            #expect(late.hasPrefix("timed out"))
        }
    }

    @Test func `a child is asked for its tools and called, one child per agent`() async throws {
        try await Self.withServer { pool, launcher, _ in
            guard case .ready(1, let tools) = pool.view(of: try Names.server()) else {
                Issue.record("\(pool.view(of: try Names.server()))")
                return
            }
            #expect(tools.count == 12)
            let echo = try await pool.call(Names.call())
            #expect(echo.summary == #"result {"content":[{"type":"text","text":"{\"a\": 1}"}]}"#)
            let first = try await pool.call(Names.call("pid")).summary
            let again = try await pool.call(Names.call("pid")).summary
            let other = try await pool.call(Names.call("pid", agent: "refunds")).summary
            #expect(first == again)
            #expect(first != other)
            let agents = launcher.launched.withLock { $0.map { $0.command.agent?.text } }
            #expect(agents == [nil, "triage", "refunds"])
            let failed = try await pool.call(Names.call("fail"))
            #expect(failed.summary == "error -32000 no")
        }
    }

    @Test func `with another network the children are started anew`() async throws {
        try await Self.withServer { pool, launcher, _ in
            let first = try await pool.call(Names.call("pid")).summary
            var configuration = try Self.configuration()
            pool.configure([configuration])
            #expect(try await pool.call(Names.call("pid")).summary == first)
            configuration.network = .host
            pool.configure([configuration])
            _ = await pool.settled(try Names.server())
            #expect(try await pool.call(Names.call("pid")).summary != first)
            let networks = launcher.launched.withLock { $0.map(\.command.network) }
            #expect(networks == [.own, .own, .host, .host])
        }
    }

    @Test func `many calls at once are each answered with their own result`() async throws {
        try await Self.withServer { pool, _, _ in
            let right = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        guard let call = try? Names.call("echo", "{\"n\":\(number)}") else {
                            return false
                        }
                        return await pool.call(call).summary.contains(#"{\"n\": \#(number)}"#)
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(right == 100)
        }
    }

    @Test func `progress is passed on; the child's ping is answered, its other wishes refused`()
        async throws
    {
        let heard = HeardNotices()
        try await Self.withServer { pool, _, _ in
            let answer = try await pool.call(
                Names.call("progress", notices: heard))
            #expect(answer.summary.contains(#"{"jsonrpc":"2.0","id":"q1","result":{}}"#))
            #expect(answer.summary.contains(#""id":"q2","error":{"code":-32601"#))
            #expect(heard.progress.map { $0["total"] } == [2])
        }
    }

    @Test func `a child that dies in mid-call leaves it unknown, and is started again later`()
        async throws
    {
        // The retry is late enough that even a busy machine makes the next call before it.
        var limits = UpstreamLimits()
        limits.firstRetry = .seconds(3)
        try await Self.withServer(limits: limits) { pool, launcher, reports in
            let died = try await pool.call(Names.call("die"))
            #expect(died.summary == "failed unknown")
            try await reports.wait(for: "it exited with status 7")
            let soon = try await pool.call(Names.call())
            #expect(soon.summary == "failed notExecuted")
            for _ in 0..<5000 {
                if try await pool.call(Names.call()).summary.hasPrefix("result") { break }
                try await Task.sleep(for: .milliseconds(2))
            }
            let later = try await pool.call(Names.call())
            #expect(later.summary.hasPrefix("result"))
            #expect(launcher.launched.withLock { $0.count } == 3)
        }
    }

    @Test func `a hanging call times out and the child is told`() async throws {
        try await Self.withServer { pool, _, reports in
            let answer = try await pool.call(Names.call("hang", idle: .milliseconds(150)))
            #expect(answer.summary == "timed out unknown")
            try await reports.wait(for: "timeout")
            let next = try await pool.call(Names.call())
            #expect(next.summary.hasPrefix("result"))
        }
    }

    @Test func `a cancelled call ends at once and the child is told`() async throws {
        try await Self.withServer { pool, _, reports in
            _ = try await pool.call(Names.call())
            let token = CancelToken()
            let call = try Names.call("hang", cancel: token)
            async let answer = pool.call(call)
            try await reports.wait(for: "hanging")
            token.cancel(.client)
            #expect(await answer.summary == "cancelled false")
            try await reports.wait(for: "cancelled {")
            #expect(await pool.call(call).summary == "cancelled true")
        }
    }

    @Test func `three lines that are no JSON quarantine the server`() async throws {
        try await Self.withServer { pool, launcher, reports in
            let two = try await pool.call(Names.call("garbage", "{\"lines\":2}"))
            #expect(two.summary == #"result {"content":[]}"#)
            let third = try await pool.call(Names.call("garbage", "{\"lines\":1}"))
            #expect(["failed unknown", #"result {"content":[]}"#].contains(third.summary))
            try await reports.wait(for: "quarantined")
            let after = try await pool.call(Names.call())
            #expect(after.summary == "failed notExecuted")
            for _ in 0..<1000 {
                if case .unavailable = pool.view(of: try Names.server()) { break }
                try await Task.sleep(for: .milliseconds(2))
            }
            guard case .unavailable = pool.view(of: try Names.server()) else {
                Issue.record("\(pool.view(of: try Names.server()))")
                return
            }
            _ = launcher
        }
    }

    @Test func `a quarantine outlives a reload and ends with another try`() async throws {
        try await Self.withServer { pool, _, reports in
            let name = try Names.server()
            _ = try await pool.call(Names.call("garbage", "{\"lines\":3}"))
            try await reports.wait(for: "quarantined")
            pool.configure([try Self.configuration()])
            #expect(try await pool.call(Names.call()).summary == "failed notExecuted")
            await pool.tryAgain(name)
            guard case .ready(let generation, _) = pool.view(of: name) else {
                Issue.record("\(pool.view(of: name))")
                return
            }
            #expect(generation > 1, "what was compared before is compared again")
            let answer = try await pool.call(Names.call()).summary
            #expect(answer.hasPrefix("result"))
            await pool.tryAgain(name)
            guard case .ready(generation, _) = pool.view(of: name) else {
                Issue.record("a server that behaves was begun anew")
                return
            }
        }
    }

    @Test func `a line above the limit kills the child`() async throws {
        var limits = UpstreamLimits()
        limits.lineBytes = 10_000
        try await Self.withServer(limits: limits) { pool, _, reports in
            let answer = try await pool.call(Names.call("long", "{\"bytes\":20000}"))
            #expect(answer.summary == "failed unknown")
            try await reports.wait(for: "above 10000 bytes")
        }
    }

    @Test func `stderr is reported, without control characters`() async throws {
        try await Self.withServer { pool, _, reports in
            _ = try await pool.call(Names.call("stderr"))
            try await reports.wait(for: "a warning.[31m")
        }
    }

    @Test func `a child that ignores everything is killed`() async throws {
        var limits = UpstreamLimits()
        limits.stopStep = .milliseconds(40)
        try await Self.withServer(["--deaf"], limits: limits) { pool, launcher, _ in
            _ = try await pool.call(Names.call())
            let pids = launcher.launched.withLock { $0.map(\.pid) }
            #expect(pids.count == 2)
            #expect(pids.allSatisfy(TestLauncher.isAlive))
            await pool.close()
            #expect(!pids.contains(where: TestLauncher.isAlive))
        }
    }

    @Test func `a child that always exits is quarantined`() async throws {
        var limits = UpstreamLimits()
        limits.exits = 1
        limits.firstRetry = .milliseconds(20)
        try await Self.withServer(["--exit"], limits: limits) { pool, _, reports in
            try await reports.wait(for: "quarantined")
            let answer = try await pool.call(Names.call())
            #expect(answer.summary == "failed notExecuted")
        }
    }

    @Test func `an idle child is stopped, without that counting as an exit`() async throws {
        var limits = UpstreamLimits()
        limits.childIdle = .milliseconds(50)
        try await Self.withServer(limits: limits) { pool, launcher, reports in
            _ = try await pool.call(Names.call())
            let pid = try #require(launcher.launched.withLock { $0.last?.pid })
            _ = await eventually { !TestLauncher.isAlive(pid) }
            #expect(!TestLauncher.isAlive(pid))
            #expect(!reports.contains("exited"))
            let again = try await pool.call(Names.call())
            #expect(again.summary.hasPrefix("result"))
        }
    }

    @Test func `a halted child is ended at once, and its server not asked while it is halted`()
        async throws
    {
        var limits = UpstreamLimits()
        limits.checkEvery = .milliseconds(20)
        limits.leastCheckGap = .milliseconds(1)
        limits.stopStep = .milliseconds(40)
        try await Self.withServer(["--deaf"], limits: limits) { pool, launcher, reports in
            let server = try Names.server()
            _ = try await pool.call(Names.call())
            _ = try await pool.call(Names.call(agent: "refunds"))
            let pids = launcher.launched.withLock { $0.map(\.pid) }
            let triage = try Names.agent()
            func wait(until gone: [Int32]) async throws {
                _ = await eventually { !gone.contains(where: TestLauncher.isAlive) }
            }
            pool.endChildren { $1 == triage }
            try await wait(until: [pids[1]])
            #expect(pids.map(TestLauncher.isAlive) == [true, false, true])
            pool.holdBack { $0 == server }
            pool.endChildren { asked, _ in asked == server }
            try await wait(until: pids)
            try await Task.sleep(for: .milliseconds(200))
            #expect(launcher.launched.withLock { $0.count } == 3, "nothing was started")
            #expect(!reports.contains("exited"))
            pool.holdBack { _ in false }
            let again = try await pool.call(Names.call())
            #expect(again.summary.hasPrefix("result"))
        }
    }

    @Test(.requirement("R151"))
    func `R151: a halt ends children whose loop is busy, and knows that they are gone`()
        async throws
    {
        let loops = LoopGroup(count: 1)
        let launcher = TestLauncher()
        let reports = Reports()
        let pool = UpstreamPool(
            loops: loops, launcher: launcher, clientVersion: "1", report: { reports.add($0) })
        pool.configure([try Self.configuration(["--deaf"])])
        _ = try await pool.call(Names.call())
        let pids = launcher.launched.withLock { $0.map(\.pid) }
        let release = DispatchGate()
        loops.loops[0].post { release.wait() }
        let ending = pool.endChildren { _, _ in true }
        for _ in 0..<2500 where ending.left > 0 { usleep(2000) }
        #expect(ending.left == 0)
        release.open()
        await pool.close()
        #expect(pids.count == 2 && !pids.contains(where: TestLauncher.isAlive))
        #expect(!reports.contains("exited"), "the end is no fault of theirs")
        loops.stop()
    }

    @Test func `a server that waits for its secret counts as connecting, and takes no call`()
        async throws
    {
        let loops = LoopGroup(count: 1)
        let pool = UpstreamPool(loops: loops, launcher: TestLauncher(), clientVersion: "1")
        let server = try Names.server()
        pool.configure([try Self.configuration([])])
        _ = await pool.settled(server)
        // The next policy gives it another secret, so it is closed until that is there.
        pool.configure([], awaiting: [server])
        guard case .connecting = pool.view(of: server) else {
            Issue.record("\(pool.view(of: server))")
            return
        }
        #expect(try await pool.call(Names.call()).summary == "failed notExecuted")
        pool.configure([])
        guard case .unknown = pool.view(of: server) else {
            Issue.record("\(pool.view(of: server))")
            return
        }
        await pool.close()
        loops.stop()
    }

    @Test func `a program that is not there is said so`() async throws {
        let loops = LoopGroup(count: 1)
        for launcher in [TestLauncher?.none, TestLauncher()] {
            let pool = UpstreamPool(loops: loops, launcher: launcher, clientVersion: "1")
            pool.configure([
                UpstreamConfiguration(
                    server: try Names.server(), connection: .stdio(argv: ["/nonexistent/server"]))
            ])
            guard case .unavailable(let reason) = await pool.settled(try Names.server()) else {
                Issue.record("\(pool.view(of: try Names.server()))")
                return
            }
            #expect(reason.contains("the server cannot be started"))
            await pool.close()
        }
        loops.stop()
    }
}
