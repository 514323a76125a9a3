import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

@Suite(.serialized) struct HTTPUpstreamTests {
    /// Runs `body` with a pool whose one server, `fake`, is this upstream.
    static func withUpstream(
        _ upstream: FakeUpstream, limits: UpstreamLimits = UpstreamLimits(),
        credentials: any UpstreamCredentials = FixedCredentials { agent in
            agent.map {
                UpstreamCredential(header: "Authorization", value: "Bearer of-\($0.text)")
            }
        },
        _ body: (UpstreamPool) async throws -> Void
    ) async throws {
        try await withServer(upstream.handler) { server, loops in
            let pool = UpstreamPool(loops: loops, launcher: nil, clientVersion: "1.2.3")
            pool.configure([
                UpstreamConfiguration(
                    server: try Names.server(),
                    connection: .http(url: "http://127.0.0.1:\(server.port)/mcp"),
                    credentials: credentials, limits: limits)
            ])
            _ = await pool.settled(try Names.server())
            do {
                try await body(pool)
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
        }
    }

    @Test func `the catalogue has the tools of all pages`() async throws {
        try await Self.withUpstream(FakeUpstream()) { pool in
            guard case .ready(1, let tools) = pool.view(of: try Names.server()) else {
                Issue.record("\(pool.view(of: try Names.server()))")
                return
            }
            #expect(tools.compactMap { $0["name"]?.string } == ["echo", "other", "third"])
        }
    }

    @Test func `nothing of a call stays behind when it has been answered`() async throws {
        try await Self.withUpstream(FakeUpstream()) { pool in
            weak var token: CancelToken?
            do {
                let cancel = CancelToken()
                token = cancel
                _ = try await pool.call(Names.call(cancel: cancel))
            }
            // The loop may not have left the call yet.
            _ = await eventually { token == nil }
            #expect(token == nil)
        }
    }

    @Test func `a call is answered, in a session of its agent`() async throws {
        let upstream = FakeUpstream()
        try await Self.withUpstream(upstream) { pool in
            for agent in ["triage", "refunds", "triage"] {
                let answer = try await pool.call(Names.call(agent: agent))
                #expect(
                    answer.summary
                        == #"result {"content":[{"type":"text","text":"{\"a\":1}"}]}"#)
            }
            let calls = upstream.requests.withLock { $0.filter { $0.method == "tools/call" } }
            #expect(
                calls.map { $0.head["mcp-session-id"] } == ["session-2", "session-3", "session-2"])
            #expect(calls.allSatisfy { $0.head["mcp-protocol-version"] == "2025-06-18" })
            #expect(calls.map { $0.head["authorization"] }.first == "Bearer of-triage")
            let ids = upstream.requests.withLock { $0.compactMap(\.id) }
            #expect(Set(ids).count == ids.count, "an id was used twice")
        }
        #expect(upstream.methods().filter { $0 == "DELETE" }.count == 3)
    }

    @Test func `the first messages of a session are in order`() async throws {
        let upstream = FakeUpstream()
        try await Self.withUpstream(upstream) { _ in
            let first = upstream.requests.withLock { $0 }
            #expect(
                first.map(\.method) == [
                    "server/discover", "initialize", "notifications/initialized", "tools/list",
                    "tools/list",
                ])
            #expect(first[1].message["params"]?["protocolVersion"] == "2025-11-25")
            #expect(first[1].message["params"]?["clientInfo"]?["version"] == "1.2.3")
            #expect(first[1].head["mcp-protocol-version"] == nil)
            #expect(first.prefix(2).allSatisfy { $0.head["mcp-session-id"] == nil })
            #expect(first.prefix(2).allSatisfy { $0.head["authorization"] == nil })
            #expect(
                first.prefix(2).allSatisfy {
                    $0.head["accept"] == "application/json, text/event-stream"
                })
            #expect(first[2].head["mcp-session-id"] == "session-1")
        }
    }

    @Test func `an event stream brings progress, questions and the answer`() async throws {
        let upstream = FakeUpstream { request, exchange in
            exchange.startEvents(headers: [])
            let token = request.message["params"]?["_meta"]?["progressToken"] ?? .null
            exchange.send(event: Array("id: 1\ndata: \n\n".utf8))
            for message: JSONValue in [
                [
                    "jsonrpc": "2.0", "method": "notifications/progress",
                    "params": ["progressToken": token, "progress": 1],
                ],
                ["jsonrpc": "2.0", "id": 77, "method": "ping"],
                ["jsonrpc": "2.0", "id": "e", "method": "elicitation/create", "params": [:]],
                ["jsonrpc": "2.0", "id": 999_999, "result": [:]],
            ] { exchange.send(event: FakeUpstream.event(message)) }
            exchange.send(event: FakeUpstream.event(FakeUpstream.result(request, ["content": []])))
            exchange.endEvents()
        }
        let heard = HeardNotices()
        try await Self.withUpstream(upstream) { pool in
            let answer = await pool.call(
                try Names.call(notices: heard))
            #expect(answer.summary == #"result {"content":[]}"#)
            #expect(heard.progress.map { $0["progress"] } == [1])
            _ = await eventually { upstream.requests.withLock({ $0.count }) >= 10 }
            let answers = upstream.requests.withLock { $0.map(\.message) }
                .filter { $0["method"] == nil && $0["id"] != nil }
            #expect(answers.contains { $0["id"] == 77 && $0["result"] == [:] })
            #expect(answers.contains { $0["id"] == "e" && $0["result"]?["action"] == "decline" })
        }
    }

    @Test func `a session that is gone is opened again, once, and the call is sent again`()
        async throws
    {
        let upstream = FakeUpstream { request, exchange in
            if request.head["mcp-session-id"] == "session-2" {
                exchange.respond(HTTPResponse(status: 404))
            } else {
                await FakeUpstream.echo(request, exchange)
            }
        }
        try await Self.withUpstream(upstream) { pool in
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.hasPrefix("result "))
            let calls = upstream.requests.withLock { $0.filter { $0.method == "tools/call" } }
            #expect(calls.map { $0.head["mcp-session-id"] } == ["session-2", "session-3"])
            #expect(calls[0].id != calls[1].id)
        }
        let forgetful = FakeUpstream { _, exchange in exchange.respond(HTTPResponse(status: 404)) }
        try await Self.withUpstream(forgetful) { pool in
            let answer = try await pool.call(Names.call())
            #expect(answer.summary == "failed notExecuted")
            #expect(forgetful.methods().filter { $0 == "tools/call" }.count == 2)
        }
    }

    static let bad: [(answer: HTTPResponse, summary: String)] = [
        (HTTPResponse(status: 500), "failed unknown"),
        (HTTPResponse(status: 401), "failed notExecuted"),
        (HTTPResponse(status: 202), "failed unknown"),
        (
            HTTPResponse(
                status: 200, headers: [("Content-Type", "text/html")], body: Array("<p>".utf8)),
            "failed unknown"
        ),
        (
            HTTPResponse(
                status: 200, headers: [("Content-Type", "application/json")],
                body: Array("{\"jsonrpc\":".utf8)), "failed unknown"
        ),
        (
            HTTPResponse(
                status: 200, headers: [("Content-Type", "application/json")],
                body: Array("{\"id\":1}".utf8)), "failed unknown"
        ),
        (
            HTTPResponse(
                status: 400, headers: [("Content-Type", "application/json")],
                body: Array(
                    #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"bad"}}"#.utf8)),
            "error -32600 bad"
        ),
    ]

    /// Results that exceed a limit of the parser, and what is said of them.
    @Test(arguments: [
        (String(repeating: "[", count: 200) + String(repeating: "]", count: 200), "too deep"),
        (
            "{" + (0...10_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}", "too large"
        ),
        ("[" + String(repeating: "1", count: 2_000) + "]", "too large"), ("[1", "failed unknown"),
    ])
    func `an answer above a limit is not read, and says which`(
        value: String, summary: String
    ) async throws {
        let upstream = FakeUpstream { request, exchange in
            let id = String(decoding: (request.message["id"] ?? .null).serialized(), as: UTF8.self)
            let body =
                "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"result\":{\"content\":[],\"structuredContent\":"
                + value + "}}"
            exchange.respond(
                HTTPResponse(
                    status: 200, headers: [("Content-Type", "application/json")],
                    body: Array(body.utf8)))
        }
        try await Self.withUpstream(upstream) { pool in
            let answer = try await pool.call(Names.call())
            #expect(answer.summary == summary)
        }
    }

    @Test(arguments: bad.indices)
    func `an answer that is none says what is known of the call`(row: Int) async throws {
        let upstream = FakeUpstream { _, exchange in exchange.respond(Self.bad[row].answer) }
        try await Self.withUpstream(upstream) { pool in
            let answer1 = try await pool.call(Names.call())
            #expect(answer1.summary == Self.bad[row].summary)
        }
    }

    @Test func `an upstream's error is passed on, a stream without an answer is unknown`()
        async throws
    {
        let upstream = FakeUpstream { request, exchange in
            if request.message["params"]?["name"] == "other" {
                exchange.startEvents(headers: [])
                return exchange.endEvents()
            }
            let message: JSONValue = [
                "jsonrpc": "2.0", "id": request.message["id"] ?? .null,
                "error": ["code": -32602, "message": "no such thing"],
            ]
            exchange.respond(
                HTTPResponse(
                    status: 200, headers: [("Content-Type", "application/json")],
                    body: message.serialized()))
        }
        try await Self.withUpstream(upstream) { pool in
            let answer2 = try await pool.call(Names.call())
            #expect(answer2.summary == "error -32602 no such thing")
            let answer3 = try await pool.call(Names.call("other"))
            #expect(answer3.summary == "failed unknown")
        }
    }

    @Test func `an answer of 10 MiB arrives, one of 17 MiB does not`() async throws {
        let upstream = FakeUpstream { request, exchange in
            let size = request.message["params"]?["name"] == "echo" ? 10 : 17
            let text = String(repeating: "x", count: size << 20)
            FakeUpstream.respond(
                exchange, request, ["content": [["type": "text", "text": .string(text)]]])
        }
        try await Self.withUpstream(upstream) { pool in
            guard case .result(_, let bytes) = try await pool.call(Names.call()) else {
                Issue.record("no result")
                return
            }
            #expect(bytes.count > 10 << 20)
            let answer4 = try await pool.call(Names.call("other"))
            #expect(answer4.summary == "too large")
        }
    }

    @Test func `a call that hangs times out, and the upstream is told`() async throws {
        let upstream = FakeUpstream { _, exchange in
            let closed = Signal()
            exchange.onClose { closed.set() }
            await closed.wait()
        }
        try await Self.withUpstream(upstream) { pool in
            let answer = try await pool.call(Names.call(idle: .milliseconds(40)))
            #expect(answer.summary == "timed out unknown")
            _ = await eventually { upstream.methods().contains("notifications/cancelled") }
            #expect(upstream.methods().contains("notifications/cancelled"))
        }
    }

    @Test func `a cancelled call tells the upstream and ends`() async throws {
        let started = Signal()
        let closed = Signal()
        let upstream = FakeUpstream { _, exchange in
            exchange.onClose { closed.set() }
            started.set()
            await closed.wait()
        }
        try await Self.withUpstream(upstream) { pool in
            let token = CancelToken()
            let call = try Names.call(cancel: token)
            async let answer = pool.call(call)
            await started.wait()
            let start = ContinuousClock.now
            token.cancel(.halt)
            #expect(await answer.summary == "cancelled false")
            #expect(ContinuousClock.now - start < .seconds(1))
            await closed.wait()
            let sent = upstream.requests.withLock { $0 }
            let id = sent.first { $0.method == "tools/call" }?.id
            let told = sent.first { $0.method == "notifications/cancelled" }
            #expect(told?.message["params"]?["requestId"]?.integer == id)
            token.cancel(.client)
            #expect(await pool.call(call).summary == "cancelled true")
        }
    }

    @Test func `an upstream that is not there is unavailable, and calls were not executed`()
        async throws
    {
        let loops = LoopGroup(count: 1)
        let pool = UpstreamPool(loops: loops, launcher: nil, clientVersion: "1")
        let answer5 = try await pool.call(Names.call())
        #expect(answer5.summary == "failed notExecuted")
        let name = try Names.server()
        pool.configure([
            UpstreamConfiguration(server: name, connection: .http(url: "http://127.0.0.1:1/mcp"))
        ])
        guard case .unavailable = await pool.settled(name) else {
            Issue.record("\(pool.view(of: name))")
            return
        }
        let answer6 = try await pool.call(Names.call())
        #expect(answer6.summary == "failed notExecuted")
        pool.configure([])
        guard case .unknown = pool.view(of: name) else {
            Issue.record("\(pool.view(of: name))")
            return
        }
        await pool.close()
        loops.stop()
    }

    @Test func `changed tools raise the generation, after a notification or in time`() async throws
    {
        let upstream = FakeUpstream { request, exchange in
            exchange.startEvents(headers: [])
            exchange.send(
                event: FakeUpstream.event([
                    "jsonrpc": "2.0", "method": "notifications/tools/list_changed",
                ]))
            exchange.send(event: FakeUpstream.event(FakeUpstream.result(request, [:])))
            exchange.endEvents()
        }
        var limits = UpstreamLimits()
        limits.leastCheckGap = .milliseconds(1)
        try await Self.withUpstream(upstream, limits: limits) { pool in
            let name = try Names.server()
            func generation() -> UInt64 {
                if case .ready(let generation, _) = pool.view(of: name) { generation } else { 0 }
            }
            #expect(generation() == 1)
            upstream.tools.withLock { _ = $0.removeLast() }
            _ = try await pool.call(Names.call())
            func tools() -> Int {
                if case .ready(_, let tools) = pool.view(of: name) { tools.count } else { 0 }
            }
            _ = await eventually { tools() != 3 }
            // The list changes once, or twice if the agent's own session listed it first.
            #expect(tools() == 2 && (2...3).contains(generation()))
        }
        limits.checkEvery = .milliseconds(20)
        let silent = FakeUpstream()
        try await Self.withUpstream(silent, limits: limits) { pool in
            silent.tools.withLock { _ = $0.removeLast() }
            for _ in 0..<500 {
                if case .ready(2, _) = pool.view(of: try Names.server()) { break }
                try await Task.sleep(for: .milliseconds(2))
            }
            guard case .ready(2, _) = pool.view(of: try Names.server()) else {
                Issue.record("\(pool.view(of: try Names.server()))")
                return
            }
        }
    }
}
