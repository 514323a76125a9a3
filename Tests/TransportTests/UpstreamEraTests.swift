import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockTransport
import Synchronization
import Testing

/// The era that a server over HTTP is found to support.
@Suite(.serialized) struct UpstreamEraTests {
    typealias Row = (
        name: String, discover: @Sendable (FakeUpstream.Request) -> HTTPResponse,
        initialized: Bool, version: String?
    )

    static let rows: [Row] = [
        ("modern", { FakeUpstream.discovered($0, versions: ["2026-07-28"]) }, false, "2026-07-28"),
        (
            "both, modern wins",
            { FakeUpstream.discovered($0, versions: ["2025-11-25", "2026-07-28"]) },
            false, "2026-07-28"
        ),
        (
            "discovers legacy versions only",
            { FakeUpstream.discovered($0, versions: ["2025-11-25", "2025-06-18"]) }, true,
            "2025-06-18"
        ),
        ("400 -32020", { FakeUpstream.refuse($0, 400, -32020) }, false, "2026-07-28"),
        ("400 -32021", { FakeUpstream.refuse($0, 400, -32021) }, false, "2026-07-28"),
        (
            "400 -32022 with legacy versions",
            { FakeUpstream.refuse($0, 400, -32022, data: ["supported": ["2025-11-25"]]) }, true,
            "2025-06-18"
        ),
        (
            "400 -32022 with unknown versions",
            { FakeUpstream.refuse($0, 400, -32022, data: ["supported": ["2099-01-01"]]) }, false,
            nil
        ),
        ("404 -32601", { FakeUpstream.refuse($0, 404, -32601) }, false, "2026-07-28"),
        ("400 -32601", { FakeUpstream.refuse($0, 400, -32601) }, true, "2025-06-18"),
        ("400 -32600", { FakeUpstream.refuse($0, 400, -32600) }, true, "2025-06-18"),
        ("404 -32000", { FakeUpstream.refuse($0, 404, -32000) }, true, "2025-06-18"),
        ("405 -32000", { FakeUpstream.refuse($0, 405, -32000) }, true, "2025-06-18"),
        ("400 without a body", { _ in HTTPResponse(status: 400) }, true, "2025-06-18"),
        ("404 without a body", { _ in HTTPResponse(status: 404) }, true, "2025-06-18"),
        (
            "404 in HTML",
            { _ in
                HTTPResponse(
                    status: 404, headers: [("Content-Type", "text/html")], body: Array("<p>".utf8))
            }, true, "2025-06-18"
        ),
        ("405 without a body", { _ in HTTPResponse(status: 405) }, true, "2025-06-18"),
        ("200 -32601", { FakeUpstream.refuse($0, 200, -32601) }, true, "2025-06-18"),
        ("401 is no verdict", { _ in HTTPResponse(status: 401) }, false, nil),
        ("403 is no verdict", { FakeUpstream.refuse($0, 403, -32020) }, false, nil),
        ("429 is no verdict", { _ in HTTPResponse(status: 429) }, false, nil),
        ("500 is no verdict", { FakeUpstream.refuse($0, 500, -32601) }, false, nil),
        ("503 is no verdict", { _ in HTTPResponse(status: 503) }, false, nil),
    ]

    @Test(arguments: rows.indices)
    func `the probe's answer says which era it is`(row: Int) async throws {
        let row = Self.rows[row]
        let upstream = FakeUpstream(onDiscover: row.discover)
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let server = try Names.server()
            #expect(upstream.methods().contains("initialize") == row.initialized, "\(row.name)")
            #expect(pool.handshake(of: server)?.version.rawValue == row.version, "\(row.name)")
            let called = try await pool.call(Names.call())
            #expect(called.summary.hasPrefix("result") == (row.version != nil), "\(row.name)")
        }
    }

    @Test func `the verdict holds for all sessions of the server`() async throws {
        let upstream = FakeUpstream()
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            for agent in ["triage", "refunds"] {
                _ = try await pool.call(Names.call(agent: agent))
            }
        }
        #expect(upstream.methods().filter { $0 == "server/discover" }.count == 1)
        #expect(upstream.methods().filter { $0 == "initialize" }.count == 3)
    }

    @Test func `the version of the review is tried first, and may be contradicted`() async throws {
        for (upstream, methods) in [
            (
                FakeUpstream(),
                ["initialize", "notifications/initialized", "tools/list", "tools/list"]
            ),
            (FakeUpstream.modern(), ["initialize", "server/discover", "tools/list", "tools/list"]),
        ] {
            try await withServer(upstream.handler) { server, loops in
                let pool = UpstreamPool(loops: loops, launcher: nil, clientVersion: "1")
                pool.configure([
                    UpstreamConfiguration(
                        server: try Names.server(),
                        connection: .http(url: "http://127.0.0.1:\(server.port)/mcp"),
                        reviewedVersion: .v2025_06_18)
                ])
                _ = await pool.settled(try Names.server())
                #expect(upstream.methods() == methods)
                let first = upstream.requests.withLock { $0[0] }
                #expect(first.message["params"]?["protocolVersion"] == "2025-06-18")
                await pool.close()
            }
        }
    }

    @Test func `a server that has changed its era is asked again, and the call sent once more`()
        async throws
    {
        // The server is modern when it is listed, and a legacy server that requires a session when it is called.
        let upstream = FakeUpstream(
            onDiscover: { request in
                request.id.map { $0 > 3 } == true
                    ? FakeUpstream.refuse(request, 400, -32600)
                    : FakeUpstream.discovered(request, versions: ["2026-07-28"])
            },
            onCall: { request, exchange in
                guard request.head["mcp-session-id"] != nil else {
                    return exchange.respond(FakeUpstream.refuse(request, 400, -32600))
                }
                await FakeUpstream.echo(request, exchange)
            })
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.hasPrefix("result"))
            let calls = upstream.requests.withLock { $0.filter { $0.method == "tools/call" } }
            #expect(calls.count == 2)
            #expect(calls[0].id != calls[1].id)
            #expect(calls[0].head["mcp-protocol-version"] == "2026-07-28")
            #expect(calls[1].head["mcp-protocol-version"] == "2025-06-18")
        }
    }
}
