import InterlockJSON
import InterlockMCP
import InterlockPorts
import InterlockTransport
import Synchronization
import Testing

/// Servers of both eras, whose tools request input as the era of the session has it.
@Suite(.serialized, .timeLimit(.minutes(1))) struct CallerEraTests {
    /// A server of both eras.
    private static func both(
        onCall: @escaping @Sendable (FakeUpstream.Request, any Exchange) async -> Void =
            FakeUpstream.echo
    ) -> FakeUpstream {
        FakeUpstream(
            onDiscover: { FakeUpstream.discovered($0, versions: ["2025-11-25", "2026-07-28"]) },
            onCall: onCall)
    }

    /// The session of each call, or nil for a call of the modern era.
    private static func sessions(_ upstream: FakeUpstream) -> [String?] {
        upstream.requests.withLock { requests in
            requests.filter { $0.method == "tools/call" }.map { $0.head["mcp-session-id"] }
        }
    }

    @Test func `a caller who can be asked is served in its own era`() async throws {
        let upstream = Self.both()
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            for era in [Era.legacy, .modern, .legacy] {
                let answer = try await pool.call(Names.call(input: FakeCaller(era: era)))
                #expect(answer.summary.hasPrefix("result"))
            }
            _ = try await pool.call(Names.call())
            // The server is still known by what it said in the modern era.
            #expect(pool.handshake(of: try Names.server())?.version == .modern)
        }
        #expect(Self.sessions(upstream) == ["session-1", nil, "session-1", nil])
        let opened = upstream.requests.withLock { $0.filter { $0.method == "initialize" } }
        #expect(opened.count == 1)
        let capabilities = opened.first?.message["params"]?["capabilities"]
        #expect(capabilities?["elicitation"] != nil)
    }

    @Test func `a server of the modern era alone is asked for the other one once`() async throws {
        let upstream = FakeUpstream.modern()
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            for _ in 0..<3 {
                let answer = try await pool.call(Names.call(input: FakeCaller(era: .legacy)))
                #expect(answer.summary.hasPrefix("result"))
            }
        }
        #expect(Self.sessions(upstream) == [nil, nil, nil])
        #expect(upstream.methods().filter { $0 == "initialize" }.count == 1)
    }

    @Test func `a tool that pushes its requests is called in the legacy era after its error`()
        async throws
    {
        let upstream = Self.both { request, exchange in
            guard request.head["mcp-session-id"] == nil else {
                return await FakeUpstream.echo(request, exchange)
            }
            FakeUpstream.respond(
                exchange, request,
                [
                    "isError": true,
                    "content": [
                        [
                            "type": "text",
                            "text":
                                "elicitation via server-initiated requests is unavailable on 2026-07-28 connections.",
                        ]
                    ],
                ])
        }
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let first = try await pool.call(Names.call(input: FakeCaller()))
            #expect(first.summary.contains("unavailable"))
            for tool in ["echo", "other"] {
                _ = try await pool.call(Names.call(tool, input: FakeCaller()))
            }
        }
        // The failed call is not repeated, and what is learned is of that tool alone.
        #expect(Self.sessions(upstream) == [nil, "session-1", nil])
    }

    @Test func `a tool that returns its requests is called in the modern era after its error`()
        async throws
    {
        let upstream = Self.both { request, exchange in
            guard request.head["mcp-session-id"] != nil else {
                return await FakeUpstream.echo(request, exchange)
            }
            let error: JSONValue = [
                "jsonrpc": "2.0", "id": request.message["id"] ?? .null,
                "error": ["code": -32603, "message": "Handler returned an invalid result"],
            ]
            exchange.respond(
                HTTPResponse(
                    status: 200, headers: [("Content-Type", "application/json")],
                    body: error.serialized()))
        }
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let caller = FakeCaller(era: .legacy)
            let first = try await pool.call(Names.call(input: caller))
            #expect(first.summary == "error -32603 Handler returned an invalid result")
            #expect(try await pool.call(Names.call(input: caller)).summary.hasPrefix("result"))
        }
        #expect(Self.sessions(upstream) == ["session-1", nil])
    }

    @Test(
        arguments: [
            (Era.modern, "Cannot send: no back-channel for server-initiated requests.", Era.legacy),
            (.legacy, "Handler returned an invalid result", .modern), (.modern, "no such row", nil),
            (.modern, "Handler returned an invalid result", nil),
            (.legacy, "no server-initiated requests", nil),
        ] as [(Era, String, Era?)])
    func `an error of the other era's tools is recognized`(era: Era, text: String, other: Era?) {
        #expect(InputEra.other(than: era, after: text) == other)
        let blocks: JSONValue = [["type": "text", "text": .string(text)]]
        #expect(InputEra.other(than: era, after: ["isError": true, "content": blocks]) == other)
        #expect(InputEra.other(than: era, after: ["content": blocks]) == nil)
    }
}
