import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Streams of legacy sessions that outlive their connections (docs/specs/mcp.md, sections 2, 5.2 and 10).
@Suite struct `Streams that a client has lost` {
    typealias Stream = `Changed lists`.Stream

    private static func text(_ exchange: FakeExchange) -> [String] {
        exchange.now.events.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func ids(_ exchange: FakeExchange) -> [String] {
        text(exchange).compactMap { event in
            event.split(separator: "\n").first { $0.hasPrefix("id: ") }.map {
                String($0.dropFirst(4))
            }
        }
    }

    private static func get(_ client: Client, after id: String?) -> RequestHead {
        let head = client.head("GET")
        var headers = head.headers
        if let id { headers.append((name: "last-event-id", value: id)) }
        return RequestHead(
            listener: .agents, method: "GET", path: "/mcp", query: nil, headers: headers,
            contentLength: nil)
    }

    private static func resume(_ client: Client, after id: String?) async -> Stream {
        await Stream(client.bench.pipeline, get(client, after: id))
    }

    /// A call that reports progress 1, waits at the gate, reports 2 and completes.
    private static func begin(_ client: Client, _ gate: Gate) async -> Client.Call {
        client.bench.upstreams.answer { call in
            call.notices?.progress(["progress": 1])
            await gate.pass()
            call.notices?.progress(["progress": 2])
            return .done
        }
        let call = client.begin("look", token: "tok")
        _ = await until { !call.exchange.messages.isEmpty }
        return call
    }

    private static func progress(_ exchange: FakeExchange) -> [JSONValue?] {
        exchange.messages.map { $0["params"]?["progress"] }
    }

    @Test func `each event has an id; the first is empty where the version has that`() async throws
    {
        let bench = try Bench()
        for version in ProtocolVersion.legacy {
            let client = try await Client.open(bench, version: version)
            let gate = Gate()
            gate.open()
            let call = await Self.begin(client, gate)
            let exchange = await call.answer()
            let events = Self.text(exchange)
            if version == .v2025_11_25 {
                #expect(events.first == "id: 1.1\nretry: 1000\ndata: \n\n")
            } else {
                #expect(events.first?.contains("progress") == true)
            }
            let ids = Self.ids(exchange)
            #expect(Set(ids).count == (version == .v2024_11_05 ? 0 : events.count))
            check(exchange, .text("done"))
        }
    }

    @Test func `a call goes on while its client is away, which misses nothing`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        let call = await Self.begin(client, gate)
        let last = try #require(Self.ids(call.exchange).last)
        call.exchange.close()
        #expect(bench.upstreams.calls.first?.cancel.cause == nil)
        gate.open()
        _ = await call.answer()
        let again = await Self.resume(client, after: last)
        await again.task.value
        #expect(Self.progress(again.exchange) == [2, nil])
        check(again.exchange, .text("done"))
        #expect(again.exchange.now.isEnded)
        #expect(call.exchange.messages.count == 1)
        let whole = await Self.resume(client, after: Self.ids(call.exchange).first)
        #expect(Self.progress(whole.exchange) == [1, 2, nil], "as often as it is asked for")
    }

    @Test func `a credential for less has no part in what was told to one for more`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let narrow = client.with(bearer: "clerk|desk:other")
        let gate = Gate()
        let call = await Self.begin(client, gate)
        let last = try #require(Self.ids(call.exchange).last)
        call.exchange.close()
        gate.open()
        _ = await call.answer()
        check(await Self.resume(narrow, after: last).exchange, .error(-32600, status: 400))
        let own = await Self.resume(client, after: nil)
        let start = try #require(Self.ids(own.exchange).first)
        own.exchange.close()
        await own.task.value
        check(await Self.resume(narrow, after: start).exchange, .error(-32600, status: 400))
        check(await Self.resume(client, after: last).exchange, .text("done"))
    }

    @Test func `who comes back before the answer gets it then, on the new stream`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        let call = await Self.begin(client, gate)
        let last = try #require(Self.ids(call.exchange).last)
        // The old connection still seems to exist.
        let again = await Self.resume(client, after: last)
        #expect(call.exchange.now.isEnded)
        gate.open()
        await again.task.value
        check(again.exchange, .text("done"))
        #expect(Self.progress(again.exchange) == [2, nil])
        #expect(again.exchange.now.faults.isEmpty)
        _ = await call.answer()
        #expect(call.exchange.now.faults.isEmpty)
    }

    @Test func `a question that nobody has seen is asked again`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = try await `Questions to legacy callers`.open(bench)
        let call = client.begin("look")
        _ = await until { call.exchange.now.isStream }
        let start = try #require(Self.ids(call.exchange).first)
        call.exchange.close()
        let again = await Self.resume(client, after: start)
        #expect(await until { again.methods == ["elicitation/create"] })
        let id = again.exchange.messages.first?["id"]
        check(
            await client.post(
                `Questions to legacy callers`.answer(id, ["action": "decline"])), .http(202))
        await again.task.value
        check(again.exchange, .text("asked: decline"))
    }

    @Test func `streams of one session are told apart`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        let calls = [await Self.begin(client, gate), await Self.begin(client, gate)]
        let ids = calls.map { Self.ids($0.exchange) }
        #expect(Set(ids.joined()).count == 4)
        for call in calls { call.exchange.close() }
        gate.open()
        for (call, ids) in zip(calls, ids) {
            let again = await Self.resume(client, after: ids.last)
            await again.task.value
            #expect(again.exchange.message?["id"] == .integer(call.id))
        }
    }

    @Test func `another's stream, and none, cannot be gone on with`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let gate = Gate()
        let call = await Self.begin(client, gate)
        let last = try #require(Self.ids(call.exchange).last)
        let other = try await Client.open(bench)
        for (who, id) in [
            (other, last), (client, "9.1"), (client, "1.99"), (client, "x"), (client, ""),
        ] {
            let refused = await Self.resume(who, after: id)
            check(refused.exchange, .error(-32600, status: 400))
        }
        let thief = Client.sessionless(bench, as: "reader")
        let exchange = FakeExchange()
        let head = thief.head("GET", session: client.session)
        await bench.pipeline.run(head, body: [], exchange)
        check(exchange, .error(-32600, status: 404))
        gate.open()
        check(await call.answer(), .text("done"))
    }

    @Test func `after five minutes, or a flood, it is too late`() async throws {
        let bench = try Bench(policy: [
            (
                "mcp_scopes: {desk: [look, report,",
                "data: {desk.look: {max_bytes: 4MiB}}\n    mcp_scopes: {desk: [look, report,"
            )
        ])
        let client = try await Client.open(bench)
        let gate = Gate()
        gate.open()
        let call = await Self.begin(client, gate)
        _ = await call.answer()
        let start = try #require(Self.ids(call.exchange).first)
        bench.clock.advance(.seconds(301))
        await bench.gateway.sweep()
        check(
            await Self.resume(client, after: start).exchange, .error(-32600, status: 400))
        bench.upstreams.answer { _ in .text(String(repeating: "x", count: 2 << 20)) }
        let large = await client.call("look", token: "tok")
        let id = try #require(Self.ids(large).first)
        check(await Self.resume(client, after: id).exchange, .error(-32600, status: 400))
    }

    @Test func `a second stream of the session is 409; one that comes back takes over`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let first = await Self.resume(client, after: nil)
        let id = try #require(Self.ids(first.exchange).last)
        check(await Self.resume(client, after: nil).exchange, .error(-32600, status: 409))
        let second = await Self.resume(client, after: id)
        await first.task.value
        #expect(first.exchange.now.isEnded)
        bench.upstreams.set(.ready(generation: 2, tools: [Bench.tool("look")]), of: "desk")
        bench.gateway.tellChanges()
        #expect(first.exchange.messages.isEmpty)
        #expect(second.methods == ["notifications/tools/list_changed"])
        // Messages sent in the meantime are sent again.
        second.exchange.close()
        await second.task.value
        let third = await Self.resume(client, after: id)
        #expect(third.methods == ["notifications/tools/list_changed"])
        third.exchange.close()
        await third.task.value
        let fresh = await Self.resume(client, after: nil)
        check(await Self.resume(client, after: id).exchange, .error(-32600, status: 400))
        fresh.exchange.close()
    }

    @Test func `where it is switched off nothing is kept`() async throws {
        let bench = try Bench(resumes: false)
        let client = try await Client.open(bench)
        let gate = Gate()
        gate.open()
        let exchange = await (await Self.begin(client, gate)).answer()
        check(exchange, .text("done"))
        #expect(Self.ids(exchange).isEmpty)
        check(await Self.resume(client, after: "1.1").exchange, .error(-32600, status: 400))
        let stream = await Self.resume(client, after: nil)
        #expect(stream.exchange.now.isStream)
        #expect(Self.text(stream.exchange).isEmpty)
        stream.exchange.close()
    }

    @Test func `a modern stream is lost with its connection`() async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        bench.upstreams.answer { call in
            call.notices?.progress(["progress": 1])
            return .done
        }
        let exchange = await client.send(client.call("look", token: "tok"))
        check(exchange, .text("done"))
        #expect(Self.ids(exchange).isEmpty)
    }
}
