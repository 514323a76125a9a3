import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockPorts
import InterlockTransport
import Synchronization
import Testing

/// Log messages of servers: the requested level, and the call to which a message belongs.
@Suite(.serialized, .timeLimit(.minutes(2))) struct UpstreamLogTests {
    private static func message(_ data: JSONValue) -> JSONValue {
        [
            "jsonrpc": "2.0", "method": "notifications/message",
            "params": ["level": "info", "data": data],
        ]
    }

    /// Sends one log message on the stream of each call.
    private static let talk: @Sendable (FakeUpstream.Request, any Exchange) async -> Void = {
        request, exchange in
        exchange.startEvents(headers: [])
        exchange.send(event: FakeUpstream.event(message(request.message["id"] ?? .null)))
        exchange.send(event: FakeUpstream.event(FakeUpstream.result(request, ["content": []])))
        exchange.endEvents()
    }

    private static func legacy(_ capabilities: JSONValue) -> FakeUpstream {
        FakeUpstream(
            onInitialize: { request in
                HTTPResponse(
                    status: 200, headers: [("Content-Type", "application/json")],
                    body: FakeUpstream.result(
                        request,
                        [
                            "protocolVersion": "2025-06-18", "capabilities": capabilities,
                            "serverInfo": ["name": "fake", "version": "1"],
                        ]))
            }, onCall: talk)
    }

    private static func levels(_ upstream: FakeUpstream) -> [JSONValue?] {
        upstream.requests.withLock { $0.filter { $0.method == "logging/setLevel" } }
            .map { $0.message["params"]?["level"] }
    }

    @Test func `a legacy server is asked for the most that a call of the session has wanted`()
        async throws
    {
        let upstream = Self.legacy(["tools": [:], "logging": [:]])
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            for (level, asked) in [
                (nil, []), (.error, ["error"]), (.critical, ["error"]),
                (.debug, ["error", "debug"]), (.info, ["error", "debug"]),
            ] as [(LogLevel?, [JSONValue?])] {
                let heard = HeardNotices(progress: false, level: level)
                let answer = await pool.call(try Names.call(notices: level == nil ? nil : heard))
                #expect(answer.summary == #"result {"content":[]}"#)
                #expect(Self.levels(upstream) == asked)
                // The sink decides which messages the caller receives.
                #expect(heard.log.count == (level == nil ? 0 : 1))
            }
            let methods = upstream.methods()
            let first = try #require(methods.firstIndex(of: "logging/setLevel"))
            #expect(methods[first + 1] == "tools/call", "before the call that wants them")
        }
    }

    @Test func `a refused level is asked for again by the next call, and not for ever`()
        async throws
    {
        for (refusals, asked) in [(1, 2), (10, 3)] {
            let upstream = Self.legacy(["tools": [:], "logging": [:]])
            upstream.refusedLevels.withLock { $0 = refusals }
            try await HTTPUpstreamTests.withUpstream(upstream) { pool in
                for _ in 0..<5 {
                    let heard = HeardNotices(progress: false, level: .error)
                    let answer = await pool.call(try Names.call(notices: heard))
                    #expect(answer.summary == #"result {"content":[]}"#)
                }
                #expect(Self.levels(upstream).count == asked)
            }
        }
    }

    @Test func `a server without the capability is not asked, and heard all the same`()
        async throws
    {
        let upstream = Self.legacy(["tools": [:]])
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let heard = HeardNotices(progress: false, level: .debug)
            _ = await pool.call(try Names.call(notices: heard))
            #expect(Self.levels(upstream).isEmpty)
            #expect(heard.log.count == 1)
        }
    }

    @Test func `a modern request says the level itself, or that it wants none`() async throws {
        let upstream = FakeUpstream.modern(onCall: Self.talk)
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            for level in [nil, .warning] as [LogLevel?] {
                let heard = HeardNotices(progress: false, level: level)
                _ = await pool.call(try Names.call(notices: heard))
                let call = upstream.requests.withLock { $0.last { $0.method == "tools/call" } }
                let meta = call?.message["params"]?["_meta"]
                #expect(
                    meta?["io.modelcontextprotocol/logLevel"]
                        == level.map { .string($0.rawValue) })
                #expect(meta?["progressToken"] == nil)
            }
            #expect(Self.levels(upstream).isEmpty)
        }
    }

    @Test func `a message of a child is told where one call is under way, else nobody`()
        async throws
    {
        try await StdioUpstreamTests.withServer { pool, _, reports in
            let alone = HeardNotices(level: .debug)
            _ = try await pool.call(Names.call("log", notices: alone))
            #expect(alone.log.map { $0["data"] } == ["hello"])
            let both = [HeardNotices(level: .debug), HeardNotices(level: .debug)]
            let waiting = Task { await pool.call(try Names.call("wait", notices: both[0])) }
            try await reports.wait(for: "waiting")
            _ = try await pool.call(Names.call("log", "{\"release\":true}", notices: both[1]))
            _ = try await waiting.value
            #expect(both.map(\.log.count) == [0, 0])
        }
    }

    @Test func `the idle limit begins anew after a question`() async throws {
        let heard = Signal()
        let upstream = FakeUpstream(
            onAnswer: { _ in heard.set() },
            onCall: { request, exchange in
                exchange.startEvents(headers: [])
                exchange.send(
                    event: FakeUpstream.event([
                        "jsonrpc": "2.0", "id": 5, "method": "elicitation/create",
                        "params": ["message": "sure?"],
                    ]))
                await heard.wait()
                try? await Task.sleep(for: .milliseconds(700))
                exchange.send(
                    event: FakeUpstream.event(FakeUpstream.result(request, ["content": []])))
                exchange.endEvents()
            })
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let caller = FakeCaller { requests in
                try? await Task.sleep(for: .milliseconds(1500))
                return await FakeCaller.accept(requests)
            }
            // The limit exceeds the time before the request for input and the time after it, but not both together with
            // the request.
            let answer = try await pool.call(Names.call(idle: .seconds(2), input: caller))
            #expect(answer.summary == #"result {"content":[]}"#)
        }
    }
}
