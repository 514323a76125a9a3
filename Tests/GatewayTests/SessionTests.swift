import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Sessions, streams, cancellation and batches (docs/specs/mcp.md, section 6).
@Suite struct `Sessions` {
    @Test func `a session is its agent's and its run's alone`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        for bearer in ["reader", "clerk#2"] {
            let thief = Client.sessionless(bench, as: bearer)
            let exchange = FakeExchange()
            await bench.pipeline.run(
                thief.head(session: client.session),
                body: Client.message("tools/call", id: 1, Client.params("look", [:])).serialized(),
                exchange)
            check(exchange, .error(-32600, status: 404))
            for method in ["GET", "DELETE"] {
                let exchange = FakeExchange()
                await bench.pipeline.run(
                    thief.head(method, session: client.session), body: [], exchange)
                check(exchange, .error(-32600, status: 404))
            }
        }
        check(await client.call("look"), .text("done"), "it is still there")
    }

    @Test func `a call without a session is refused`() async throws {
        let bench = try Bench()
        await bench.check(.error(-32600, status: 400)) {
            await Client.sessionless(bench).call("look")
        }
    }

    @Test func `DELETE ends a session, with its record`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let exchange = FakeExchange()
        let before = bench.types.count
        await bench.pipeline.run(client.head("DELETE"), body: [], exchange)
        check(exchange, .http(200))
        #expect(Array(bench.types.dropFirst(before)) == [.sessionClosed])
        check(await client.call("look"), .error(-32600, status: 404))
        #expect(bench.gateway.sessions.count == 0)
        let sess = bench.ledger.drafts(of: .sessionClosed).last?.fields["sess"]?.string
        #expect(sess == client.session.map { String($0.prefix(8)) }, "not enough to use it")
    }

    @Test func `a session has one stream, which ends with it`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let first = FakeExchange()
        let head = client.head("GET")
        let pipeline = bench.pipeline
        let stream = Task { await pipeline.run(head, body: [], first) }
        #expect(await until { first.now.isStream })
        let second = FakeExchange()
        await pipeline.run(head, body: [], second)
        check(second, .error(-32600, status: 409))
        bench.gateway.tellChanges()
        #expect(first.messages.isEmpty)
        bench.upstreams.set(.ready(generation: 2, tools: [Bench.tool("look")]), of: "desk")
        bench.gateway.tellChanges()
        #expect(first.messages.count == 1)
        #expect(first.messages.last?["method"] == "notifications/tools/list_changed")
        await pipeline.run(client.head("DELETE"), body: [], FakeExchange())
        await stream.value
        #expect(first.now.isEnded && first.now.outlivesHandler)
    }

    @Test func `a stream whose client went away makes room for another`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let head = client.head("GET")
        let pipeline = bench.pipeline
        for _ in 0..<3 {
            let exchange = FakeExchange()
            let stream = Task { await pipeline.run(head, body: [], exchange) }
            #expect(await until { exchange.now.isStream })
            exchange.close()
            await stream.value
        }
    }

    @Test func `a halt ends the streams of those it stops, and of nobody else`() async throws {
        let bench = try Bench()
        let pipeline = bench.pipeline
        var streams: [(exchange: FakeExchange, task: Task<Void, Never>)] = []
        for bearer in ["clerk", "reader"] {
            let client = try await Client.open(bench, as: bearer)
            let exchange = FakeExchange()
            let head = client.head("GET")
            let task = Task { await pipeline.run(head, body: [], exchange) }
            #expect(await until { exchange.now.isStream })
            streams.append((exchange, task))
        }
        try await bench.halt(.agent(try #require(AgentName("clerk"))))
        #expect(streams.map(\.exchange.now.isEnded) == [true, false])
        try await bench.halt(.org)
        #expect(streams.map(\.exchange.now.isEnded) == [true, true])
        for stream in streams { await stream.task.value }
    }

    @Test func `half an hour without use ends a session, not one that is at work`() async throws {
        let bench = try Bench()
        let gate = Gate()
        bench.upstreams.answer(after: gate)
        let idle = try await Client.open(bench)
        let busy = try await Client.open(bench)
        let call = busy.begin("look")
        _ = await until { bench.upstreams.sent.count == 1 }
        bench.clock.advance(.seconds(1800))
        await bench.gateway.sweep()
        #expect(bench.gateway.sessions.count == 2)
        bench.clock.advance(.seconds(1))
        await bench.gateway.sweep()
        #expect(bench.gateway.sessions.count == 1)
        #expect(bench.ledger.drafts(of: .sessionClosed).count == 1)
        check(await idle.call("look"), .error(-32600, status: 404))
        gate.open()
        check(await call.answer(), .text("done"))
    }

    @Test func `the 33rd session of an owner ends its oldest idle one`() async throws {
        let bench = try Bench()
        var clients: [Client] = []
        for _ in 0..<33 {
            clients.append(try await Client.open(bench))
            bench.clock.advance(.seconds(1))
        }
        check(await clients[0].call("look"), .error(-32600, status: 404))
        check(await clients[1].call("look"), .text("done"))
        check(await clients[32].call("look"), .text("done"))
    }

    @Test func `without an idle session the 33rd is refused with 503`() async throws {
        let bench = try Bench()
        let gate = Gate()
        bench.upstreams.answer(after: gate)
        var calls: [Client.Call] = []
        for _ in 0..<32 { calls.append(try await Client.open(bench).begin("look")) }
        #expect(await until { bench.upstreams.sent.count == 32 })
        let exchange = await Client.sessionless(bench).send(
            "initialize", id: 1,
            [
                "protocolVersion": "2025-11-25", "capabilities": [:],
                "clientInfo": ["name": "test", "version": "1"],
            ])
        check(exchange, .error(4290, status: 503))
        gate.open()
        for call in calls { check(await call.answer(), .text("done")) }
    }

    @Test func `a request id that waits already is refused`() async throws {
        let bench = try Bench()
        let gate = Gate()
        bench.upstreams.answer(after: gate)
        let client = try await Client.open(bench)
        let call = client.begin("look", id: 5)
        _ = await until { bench.upstreams.sent.count == 1 }
        await bench.check(.error(-32600, status: 400)) { await client.call("look", id: 5) }
        let other = try await Client.open(bench)
        let theirs = other.begin("look", id: 5)
        #expect(await until { bench.upstreams.sent.count == 2 }, "ids are a session's own")
        gate.open()
        check(await call.answer(), .text("done"))
        check(await theirs.answer(), .text("done"))
        check(await client.call("look", id: 5), .text("done"), "and free again after the answer")
    }

    @Test func `a cancellation reaches the call of that id in that session alone`() async throws {
        let bench = try Bench()
        bench.upstreams.answer(after: Gate())
        let client = try await Client.open(bench)
        let other = try await Client.open(bench)
        let call = client.begin("look", id: 5)
        _ = await until { bench.upstreams.sent.count == 1 }
        for (sender, id) in [(other, 5), (client, 6)] as [(Client, JSONValue)] {
            check(
                await sender.send("notifications/cancelled", id: nil, ["requestId": id]), .http(202)
            )
        }
        check(
            await client.send("notifications/cancelled", id: nil, ["requestId": "5"]), .http(202))
        #expect(bench.upstreams.calls.first?.cancel.cause == nil)
        check(await client.send("notifications/cancelled", id: nil, ["requestId": 5]), .http(202))
        check(await call.answer(), .refused(5020, "cancelled"))
        #expect(bench.ledger.drafts(of: .callUnknown).last?.fields["why"] == "disconnect")
    }

    @Test func `progress reaches only the caller who sent a token, under that token`() async throws
    {
        let bench = try Bench()
        bench.upstreams.answer { call in
            call.notices?.progress(["progress": 1, "total": 2, "message": "half"])
            return .done
        }
        let client = try await Client.open(bench)
        let plain = await client.call("look")
        check(plain, .text("done"))
        #expect(!plain.now.isStream)
        #expect(bench.upstreams.calls.last?.notices == nil)
        for token in ["tok", 7] as [JSONValue] {
            let exchange = await client.call("look", token: token)
            check(exchange, .text("done"))
            #expect(exchange.now.isStream)
            #expect(exchange.messages.count == 2)
            let params = exchange.messages.first?["params"]
            #expect(params?["progressToken"] == token)
            #expect(params?["progress"] == 1)
            #expect(params?["message"] == "half")
        }
    }

    @Test func `a refused call with a token is no stream`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let exchange = await client.call("audit", token: "tok")
        check(exchange, .refused(4030, "guard-false"))
        #expect(!exchange.now.isStream)
    }

    @Test func `a response that nobody asked for is refused`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        check(
            await client.post(["jsonrpc": "2.0", "id": 1, "result": [:]]),
            .error(-32600, status: 400))
    }

    @Test func `lists are counted, and recorded once a minute`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        #expect(
            await client.tools() == [
                "desk__audit", "desk__look", "desk__mail", "desk__note", "desk__pay",
                "desk__report",
            ])
        _ = await client.tools()
        _ = await client.tools()
        #expect(bench.ledger.drafts(of: .listServed).map { $0.fields["cnt"] } == [1])
        bench.clock.advance(.seconds(60))
        _ = await client.tools()
        #expect(bench.ledger.drafts(of: .listServed).map { $0.fields["cnt"] } == [1, 3])
        #expect(bench.ledger.drafts(of: .listServed).last?.fields["tools"] == 6)
        let reader = try await Client.open(bench, as: "reader")
        #expect(await reader.tools() == ["desk__look"])
    }
}

/// Batches exist in one version of the protocol, and each element is decided separately.
@Suite struct `Batches` {
    private static func request(_ id: Int64, _ tool: String) -> JSONValue {
        Client.message("tools/call", id: id, Client.params(tool, [:]))
    }

    @Test func `each element has its own answer`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench, version: .v2025_03_26)
        let exchange = await client.post([
            Self.request(1, "look"), Self.request(2, "secret"), Self.request(3, "audit"),
            Client.message("notifications/initialized", id: nil, [:]),
            ["jsonrpc": "1.0", "id": 4, "method": "ping"], Client.message("ping", id: 5, [:]),
        ])
        let answers = exchange.message?.array ?? []
        #expect(answers.map { $0["id"] } == [1, 2, 3, 4, 5])
        #expect(answers.first?["result"]?["content"]?.array?.first?["text"] == "done")
        #expect(answers.dropFirst().first?["error"]?["code"] == -32602)
        #expect(
            answers.dropFirst(2).first?["result"]?["_meta"]?["interlock/decision"]?["code"] == 4030)
        #expect(answers.dropFirst(3).first?["error"]?["code"] == -32600)
        #expect(bench.upstreams.sent.count == 1)
        #expect(exchange.now.response?.status == 200)
    }

    @Test func `notifications alone get 202`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench, version: .v2025_03_26)
        check(
            await client.post([Client.message("notifications/initialized", id: nil, [:])]),
            .http(202))
    }

    @Test func `other versions have none`() async throws {
        let bench = try Bench()
        for version in ProtocolVersion.legacy where version != .v2025_03_26 {
            let client = try await Client.open(bench, version: version)
            await bench.check(.error(-32600, status: 400)) {
                await client.post([Self.request(1, "look")])
            }
        }
    }

    /// A batch that is refused as a whole leaves no trace.
    @Test func `the ids of a refused batch are free`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench, version: .v2025_03_26)
        await bench.check(.error(-32600, status: 400)) {
            await client.post([
                Self.request(1, "look"), ["jsonrpc": "2.0", "id": 9, "result": [:]],
            ])
        }
        check(await client.call("look", id: 1), .text("done"))
    }

    @Test func `a call that waits for people waits inside the batch, without a stream`()
        async throws
    {
        let bench = try Bench { $0.hold = .milliseconds(5) }
        let client = try await Client.open(bench, version: .v2025_03_26)
        let exchange = await client.post([Self.request(1, "note"), Self.request(2, "look")])
        #expect(!exchange.now.isStream)
        let answers = exchange.message?.array ?? []
        #expect(
            answers.first?["result"]?["_meta"]?["interlock/decision"]?["code"] == 4032)
        #expect(answers.last?["result"]?["content"]?.array?.first?["text"] == "done")
    }
}
