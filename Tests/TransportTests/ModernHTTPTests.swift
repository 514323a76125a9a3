import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockTransport
import Synchronization
import Testing

@Suite(.serialized) struct ModernHTTPTests {
    private static let meta = "io.modelcontextprotocol/"

    @Test func `each request says its version, its sender and its capabilities, in no session`()
        async throws
    {
        let upstream = FakeUpstream.modern()
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let caller = FakeCaller(declared: ["elicitation": ["form": [:]]])
            _ = try await pool.call(Names.call())
            _ = try await pool.call(Names.call(input: caller))
            let all = upstream.requests.withLock { $0 }
            #expect(
                all.map(\.method) == [
                    "server/discover", "tools/list", "tools/list", "tools/call", "tools/call",
                ])
            for request in all {
                let meta = request.message["params"]?["_meta"]
                #expect(meta?[Self.meta + "protocolVersion"] == "2026-07-28")
                #expect(
                    meta?[Self.meta + "clientInfo"] == ["name": "interlock", "version": "1.2.3"])
                #expect(request.head["mcp-protocol-version"] == "2026-07-28")
                #expect(request.head["mcp-method"] == request.method)
                #expect(request.head["mcp-session-id"] == nil)
            }
            #expect(all[3].head["mcp-name"] == "echo")
            #expect(all[2].head["mcp-name"] == nil)
            let declared = all.map {
                $0.message["params"]?["_meta"]?[Self.meta + "clientCapabilities"]
            }
            #expect(declared == [[:], [:], [:], [:], ["elicitation": ["form": [:]]]])
            #expect(all[4].head["authorization"] == "Bearer of-triage")
            #expect(Set(all.compactMap(\.id)).count == all.count)
        }
        #expect(!upstream.methods().contains("DELETE"))
    }

    @Test func `arguments are repeated in the headers that the tool declares`() async throws {
        let upstream = FakeUpstream.modern()
        upstream.tools.withLock {
            $0 = [
                [
                    "name": "echo",
                    "inputSchema": [
                        "type": "object",
                        "properties": [
                            "region": ["type": "string", "x-mcp-header": "Region"],
                            "count": ["type": "integer", "x-mcp-header": "Count"],
                            "dry": ["type": "boolean", "x-mcp-header": "Dry"],
                            "absent": ["type": "string", "x-mcp-header": "Absent"],
                            "inner": [
                                "type": "object",
                                "properties": ["city": ["type": "string", "x-mcp-header": "City"]],
                            ],
                        ],
                    ],
                ]
            ]
        }
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            _ = try await pool.call(
                Names.call(
                    "echo",
                    #"{"absent":null,"count":42,"dry":false,"inner":{"city":"Zürich"},"region":"eu"}"#
                ))
            let head = try #require(upstream.requests.withLock { $0.last?.head })
            #expect(head["mcp-param-region"] == "eu")
            #expect(head["mcp-param-count"] == "42")
            #expect(head["mcp-param-dry"] == "false")
            #expect(head["mcp-param-city"] == "=?base64?WsO8cmljaA==?=")
            #expect(head["mcp-param-absent"] == nil)
        }
    }

    /// Requests input `rounds` times, then returns the responses that it received.
    private static func asking(_ rounds: Int, _ requests: JSONValue) -> FakeUpstream {
        FakeUpstream.modern { request, exchange in
            let params = request.message["params"]
            let round = Int(params?["requestState"]?.string ?? "0") ?? 0
            guard round < rounds else {
                return FakeUpstream.respond(
                    exchange, request,
                    [
                        "resultType": "complete", "content": [],
                        "heard": params?["inputResponses"] ?? .null,
                    ])
            }
            var result: JSONObject = [
                "resultType": "input_required", "requestState": .string("\(round + 1)"),
            ]
            if requests != .null { result["inputRequests"] = requests }
            FakeUpstream.respond(exchange, request, .object(result))
        }
    }

    private static let form: JSONValue = [
        "k": ["method": "elicitation/create", "params": ["message": "sure?"]]
    ]

    @Test func `what the server wants to know is asked, and the call goes on with a new id`()
        async throws
    {
        let upstream = Self.asking(2, Self.form)
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let caller = FakeCaller()
            let answer = try await pool.call(Names.call(input: caller))
            #expect(
                answer.summary.contains(
                    #""heard":{"k":{"action":"accept","content":{"sure":true}}}"#))
            #expect(caller.asked.withLock { $0.map(\.key) } == ["k", "k"])
            let calls = upstream.requests.withLock { $0.filter { $0.method == "tools/call" } }
            #expect(calls.map { $0.message["params"]?["requestState"] } == [nil, "1", "2"])
            #expect(calls.allSatisfy { $0.message["params"]?["arguments"] == ["a": 1] })
            #expect(Set(calls.compactMap(\.id)).count == 3)
        }
    }

    @Test func `a form is declined where nobody can be asked`() async throws {
        try await HTTPUpstreamTests.withUpstream(Self.asking(1, Self.form)) { pool in
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.contains(#""heard":{"k":{"action":"decline"}}"#))
        }
    }

    @Test func `what was not offered ends the call, and so does an eleventh round`() async throws {
        let sampling: JSONValue = ["k": ["method": "sampling/createMessage", "params": [:]]]
        let unknown: JSONValue = ["k": ["method": "tools/call", "params": [:]]]
        for (upstream, calls) in [
            (Self.asking(1, sampling), 1), (Self.asking(1, unknown), 1),
            (Self.asking(11, Self.form), 11),
        ] {
            try await HTTPUpstreamTests.withUpstream(upstream) { pool in
                let answer = try await pool.call(Names.call(input: FakeCaller()))
                #expect(answer.summary == "failed unknown")
                #expect(upstream.methods().filter { $0 == "tools/call" }.count == calls)
            }
        }
    }

    @Test func `a server that only wants to be asked again is asked again`() async throws {
        try await HTTPUpstreamTests.withUpstream(Self.asking(3, .null)) { pool in
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.hasPrefix("result"))
        }
    }

    @Test func `a caller that is gone ends the call; the time of its answers does not count`()
        async throws
    {
        try await HTTPUpstreamTests.withUpstream(Self.asking(1, Self.form)) { pool in
            let gone = FakeCaller { _ in .abandoned(reason: "the caller has left") }
            let ended = try await pool.call(Names.call(input: gone))
            #expect(ended.summary == "failed unknown")
            let slow = FakeCaller { requests in
                try? await Task.sleep(for: .milliseconds(300))
                return await FakeCaller.accept(requests)
            }
            let answer = try await pool.call(
                Names.call(idle: .milliseconds(150), hard: .milliseconds(200), input: slow))
            #expect(answer.summary.hasPrefix("result"))
        }
    }

    @Test func `a cancelled call closes its stream and says nothing else`() async throws {
        let started = Signal()
        let closed = Signal()
        let upstream = FakeUpstream.modern { _, exchange in
            let closedNow = Signal()
            exchange.onClose {
                closedNow.set()
                closed.set()
            }
            started.set()
            await closedNow.wait()
        }
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let token = CancelToken()
            let call = try Names.call(cancel: token)
            async let answer = pool.call(call)
            await started.wait()
            token.cancel(.client)
            #expect(await answer.summary == "cancelled false")
            await closed.wait()
            let late = try await pool.call(Names.call(idle: .milliseconds(40)))
            #expect(late.summary == "timed out unknown")
        }
        #expect(!upstream.methods().contains("notifications/cancelled"))
    }

    @Test func `three requests from a modern server quarantine it`() async throws {
        let upstream = FakeUpstream.modern { request, exchange in
            exchange.startEvents(headers: [])
            exchange.send(
                event: FakeUpstream.event(["jsonrpc": "2.0", "id": 7, "method": "roots/list"]))
            exchange.send(event: FakeUpstream.event(FakeUpstream.result(request, ["content": []])))
            exchange.endEvents()
        }
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            for _ in 0..<3 {
                let summary1 = try await pool.call(Names.call()).summary
                #expect(summary1.hasPrefix("result"))
            }
            let summary2 = try await pool.call(Names.call()).summary
            #expect(summary2 == "failed notExecuted")
            let answers = upstream.requests.withLock { $0.filter { $0.message["method"] == nil } }
            #expect(answers.isEmpty, "nothing was answered")
        }
    }

    @Test func `refusals of the modern era say that nothing was done`() async throws {
        for (code, text) in [
            (Int64(-32021), "`elicitation`"), (-32020, "headers otherwise"),
        ] {
            let upstream = FakeUpstream.modern { request, exchange in
                exchange.respond(
                    FakeUpstream.refuse(
                        request, 400, code, data: ["requiredCapabilities": ["elicitation": [:]]]))
            }
            try await HTTPUpstreamTests.withUpstream(upstream) { pool in
                let reason: String
                switch try await pool.call(Names.call()) {
                case .failed(.notExecuted, let said): reason = said
                case .unmet(let capabilities, let said):
                    #expect(code == -32021 && capabilities == ["elicitation": [:]])
                    reason = said
                case let other:
                    Issue.record("\(other.summary)")
                    return
                }
                #expect(reason.contains(text))
                let again = code == -32020 ? 1 : 0
                #expect(upstream.methods().filter { $0 == "tools/call" }.count == 1 + again)
                #expect(upstream.methods().filter { $0 == "tools/list" }.count >= 1 + again)
            }
        }
    }

    @Test(arguments: [true, false])
    func
        `a call with headers that the server does not take goes out again where the tool is as it was`(
            isAsBefore: Bool
        ) async throws
    {
        let calls = Atomic<Int>(0)
        let upstream = FakeUpstream.modern { request, exchange in
            if calls.wrappingAdd(1, ordering: .relaxed).newValue == 1 {
                return exchange.respond(FakeUpstream.refuse(request, 400, -32020))
            }
            await FakeUpstream.echo(request, exchange)
        }
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            if !isAsBefore {
                upstream.tools.withLock { tools in
                    tools[0] = [
                        "name": "echo", "description": "another",
                        "inputSchema": ["type": "object"],
                    ]
                }
            }
            let summary = try await pool.call(Names.call("echo")).summary
            #expect(summary.hasPrefix(isAsBefore ? "result" : "failed notExecuted"), "\(summary)")
            let ids = upstream.requests.withLock { $0.compactMap(\.id) }
            #expect(Set(ids).count == ids.count)
        }
        #expect(upstream.methods().filter { $0 == "tools/call" }.count == (isAsBefore ? 2 : 1))
    }

    @Test func `a version that is no longer spoken is found out anew, once`() async throws {
        let upstream = FakeUpstream.modern { request, exchange in
            exchange.respond(
                FakeUpstream.refuse(request, 400, -32022, data: ["supported": ["2026-07-28"]]))
        }
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let summary3 = try await pool.call(Names.call()).summary
            #expect(summary3 == "error -32022 refused")
            #expect(upstream.methods().filter { $0 == "tools/call" }.count == 1)
            #expect(upstream.methods().filter { $0 == "server/discover" }.count == 2)
        }
    }

    /// A tool may return this error after it has done its work.
    @Test func `a call that a server refuses in its own era is never sent again`() async throws {
        for (status, code) in [(400, Int64(-32600)), (404, -32000), (405, -32000), (200, -32022)] {
            let upstream = FakeUpstream.modern { request, exchange in
                exchange.respond(FakeUpstream.refuse(request, status, code))
            }
            try await HTTPUpstreamTests.withUpstream(upstream) { pool in
                _ = try await pool.call(Names.call())
                #expect(upstream.methods().filter { $0 == "tools/call" }.count == 1)
            }
        }
    }

    @Test func `a result of another kind than was asked for is none`() async throws {
        let upstream = FakeUpstream.modern { request, exchange in
            FakeUpstream.respond(
                exchange, request, ["resultType": "task", "taskId": "t", "content": []])
        }
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let summary4 = try await pool.call(Names.call()).summary
            #expect(summary4 == "failed unknown")
        }
    }
}
