import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The recipients and times of notifications about changed lists (docs/specs/mcp.md, section 6).
@Suite struct `Changed lists` {
    /// A stream that is held open.
    struct Stream {
        let exchange = FakeExchange()
        let task: Task<Void, Never>

        init(_ pipeline: CallPipeline, _ head: RequestHead, _ body: [UInt8] = []) async {
            let exchange = exchange
            task = Task { await pipeline.run(head, body: body, exchange) }
            _ = await until { exchange.now.isStream || exchange.now.isAnswered }
        }

        var methods: [JSONValue?] { exchange.messages.map { $0["method"] } }
    }

    static func listen(
        _ bench: Bench, as bearer: String = "clerk",
        _ wanted: JSONValue = ["toolsListChanged": true],
        path: String = "/mcp", id: Int64 = 7
    ) async -> Stream {
        let client = ModernClient(bench: bench, bearer: bearer)
        var request = client.request("subscriptions/listen", ["notifications": wanted], id: id)
        request.path = path
        return await Stream(bench.pipeline, request.head, request.body)
    }

    static func get(_ bench: Bench, as bearer: String) async throws -> Stream {
        await Stream(bench.pipeline, try await Client.open(bench, as: bearer).head("GET"))
    }

    private static let changed: JSONValue = "notifications/tools/list_changed"
    private static let acknowledged: JSONValue = "notifications/subscriptions/acknowledged"
    private static let idKey = "io.modelcontextprotocol/subscriptionId"

    private static func offer(_ bench: Bench, _ names: [String], generation: UInt64) {
        bench.upstreams.set(
            .ready(generation: generation, tools: names.map { Bench.tool($0) }), of: "desk")
        bench.gateway.tellChanges()
    }

    @Test func `a subscription is acknowledged first, with what is allowed of it, and tagged`()
        async throws
    {
        let bench = try Bench()
        let stream = await Self.listen(
            bench,
            [
                "toolsListChanged": true, "promptsListChanged": false, "somethingNew": 1,
                "resourceSubscriptions": ["file:///etc/passwd"],
            ])
        let first = try #require(stream.exchange.messages.first)
        #expect(first["method"] == Self.acknowledged)
        #expect(first["params"]?["notifications"] == ["toolsListChanged": true])
        #expect(first["params"]?["_meta"]?[Self.idKey] == 7)
        Self.offer(bench, ["look"], generation: 2)
        #expect(stream.methods == [Self.acknowledged, Self.changed])
        #expect(stream.exchange.messages.last?["params"]?["_meta"]?[Self.idKey] == 7)
        Self.offer(bench, ["look"], generation: 3)
        #expect(stream.methods.count == 2, "the same tools are the same list")
        stream.exchange.close()
        await stream.task.value
        Self.offer(bench, ["look", "audit"], generation: 4)
        #expect(stream.exchange.now.faults.isEmpty)
    }

    @Test func `what was not asked for is not told`() async throws {
        let bench = try Bench()
        let stream = await Self.listen(bench, ["promptsListChanged": true])
        Self.offer(bench, ["look"], generation: 2)
        #expect(stream.methods == [Self.acknowledged])
        #expect(stream.exchange.messages.first?["params"]?["notifications"] == [:])
        stream.exchange.close()
    }

    @Test(
        arguments: [
            [:], ["notifications": []], ["notifications": ["toolsListChanged": "yes"]],
            ["notifications": ["resourceSubscriptions": "file:///a"]],
            ["notifications": ["resourceSubscriptions": [1]]],
            ["notifications": ["resourceSubscriptions": [""]]],
            [
                "notifications": [
                    "resourceSubscriptions": .array(Array(repeating: "a:b", count: 257))
                ]
            ],
        ] as [JSONObject])
    func `a filter that makes no sense is refused`(params: JSONObject) async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        check(
            await client.send(client.request("subscriptions/listen", params)),
            .error(-32602, status: 400))
    }

    @Test func `only those whose own view has changed are told, in either era`() async throws {
        let bench = try Bench()
        var streams: [Stream] = []
        for bearer in ["clerk", "reader"] {
            streams.append(await Self.listen(bench, as: bearer))
            streams.append(try await Self.get(bench, as: bearer))
        }
        func told() -> [Int] { streams.map { $0.methods.filter { $0 == Self.changed }.count } }
        // `reader` may use only `look`.
        Self.offer(bench, ["look", "report"], generation: 2)
        #expect(told() == [1, 1, 0, 0])
        Self.offer(bench, ["report"], generation: 3)
        #expect(told() == [2, 2, 1, 1])
        for stream in streams { stream.exchange.close() }
    }

    @Test func `a reload that changes grants is told to those whom it concerns`() async throws {
        let bench = try Bench()
        let clerk = await Self.listen(bench, as: "clerk")
        let reader = try await Self.get(bench, as: "reader")
        try await bench.swap([("mcp_scopes: {desk: [look]}", "mcp_scopes: {desk: [look, report]}")])
        bench.gateway.tellChanges()
        #expect(reader.methods == [Self.changed])
        #expect(clerk.methods == [Self.acknowledged], "its own list is what it was")
        for stream in [clerk, reader] { stream.exchange.close() }
    }

    @Test func `one endpoint hears nothing of another's server`() async throws {
        let bench = try Bench()
        let other = await Self.listen(bench, path: "/mcp/elsewhere")
        let own = await Self.listen(bench, path: "/mcp/desk", id: 8)
        Self.offer(bench, ["look"], generation: 2)
        #expect(other.methods == [Self.acknowledged])
        #expect(own.methods == [Self.acknowledged, Self.changed])
        for stream in [other, own] { stream.exchange.close() }
    }

    @Test func `a session that was away hears of what has changed since`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let first = await Stream(bench.pipeline, client.head("GET"))
        first.exchange.close()
        await first.task.value
        Self.offer(bench, ["look"], generation: 2)
        let second = await Stream(bench.pipeline, client.head("GET"))
        #expect(await until { second.methods == [Self.changed] })
        second.exchange.close()
        await second.task.value
        let third = await Stream(bench.pipeline, client.head("GET"))
        bench.gateway.tellChanges()
        #expect(third.methods.isEmpty)
        third.exchange.close()
    }

    @Test func `a halt, a revocation, the credential's end and the shutdown end it in good form`()
        async throws
    {
        for way in ["halt", "revoked", "rotated", "expired", "shutdown"] {
            let bench = try Bench()
            let stream = await Self.listen(bench)
            let legacy = try await Self.get(bench, as: "clerk")
            switch way {
            case "halt": try await bench.halt(.agent(try #require(AgentName("clerk"))))
            case "revoked": bench.authenticator.revoke(run: NameAuthenticator.run(of: "clerk"))
            case "rotated":
                await bench.gateway.sweep()
                #expect(!stream.exchange.now.isEnded && !legacy.exchange.now.isEnded)
                bench.authenticator.revoke("clerk")
            case "expired": bench.clock.advance(.seconds(61))
            default: bench.gateway.endStreams()
            }
            if way != "halt", way != "shutdown" { await bench.gateway.sweep() }
            await stream.task.value
            await legacy.task.value
            let last = try #require(stream.exchange.messages.last, "\(way)")
            #expect(last["id"] == 7)
            #expect(last["result"]?["resultType"] == "complete")
            #expect(last["result"]?["_meta"]?[Self.idKey] == 7)
            #expect(stream.exchange.now.isEnded)
            #expect(legacy.exchange.now.isEnded)
        }
    }

    @Test func `a stream that opens while the gateway ends, ends too`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench, as: "clerk")
        bench.gateway.endStreams()
        let stream = await Self.listen(bench)
        let legacy = await Stream(bench.pipeline, client.head("GET"))
        await stream.task.value
        await legacy.task.value
        #expect(stream.exchange.messages.last?["result"]?["resultType"] == "complete")
        #expect(legacy.exchange.now.isEnded)
    }

    @Test func `a stream whose credential is rotated while it opens, ends too`() async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        let request = client.request(
            "subscriptions/listen", ["notifications": ["toolsListChanged": true]], id: 7)
        // The acknowledgement is written before the stream is registered.
        let exchange = FakeExchange { bench.authenticator.revoke("clerk") }
        await bench.pipeline.run(request.head, body: request.body, exchange)
        #expect(exchange.messages.last?["result"]?["resultType"] == "complete")
    }

    @Test func `the 33rd stream of a run is refused`() async throws {
        let bench = try Bench()
        var streams: [Stream] = []
        for number in 0..<32 { streams.append(await Self.listen(bench, id: Int64(number))) }
        check((await Self.listen(bench, id: 99)).exchange, .error(4290, status: 200))
        let other = await Self.listen(bench, as: "reader")
        #expect(other.methods == [Self.acknowledged], "the bound is a run's own")
        streams[0].exchange.close()
        await streams[0].task.value
        let again = await Self.listen(bench)
        #expect(again.methods == [Self.acknowledged])
        for stream in streams + [other, again] { stream.exchange.close() }
    }

    @Test func `the legacy eras have no such method, and the modern one no others`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let params: JSONObject = ["notifications": ["toolsListChanged": true]]
        check(
            await client.send("subscriptions/listen", id: 1, params), .error(-32601, status: 200))
        let modern = ModernClient(bench: bench)
        for method in ["resources/subscribe", "resources/unsubscribe"] {
            check(
                await modern.send(modern.request(method, ["uri": "a:b"])),
                .error(-32601, status: 404))
        }
    }
}
