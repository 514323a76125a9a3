import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct `Modern requests` {
    @Test func `discover answers from the gateway's own knowledge`() async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        let exchange = await client.send(client.request("server/discover"))
        let result = exchange.message?["result"]
        #expect(exchange.now.response?.status == 200)
        #expect(result?["supportedVersions"] == ["2026-07-28"])
        #expect(result?["capabilities"] == ["tools": ["listChanged": true], "logging": [:]])
        #expect(result?["resultType"] == "complete" && result?["cacheScope"] == "private")
        #expect((0...60_000).contains(try #require(result?["ttlMs"]?.integer)))
        #expect(
            result?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"] == "interlock")
    }

    @Test func `a list says how long it holds and whose it is`() async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        let exchange = await client.send(client.request("tools/list"))
        let result = exchange.message?["result"]
        #expect(result?["tools"]?.array?.isEmpty == false)
        #expect(result?["resultType"] == "complete" && result?["cacheScope"] == "private")
        #expect(result?["ttlMs"] == 0)
        var bad = client.request("tools/list", ["cursor": "nonsense"])
        check(await client.send(bad), .error(-32602, status: 400))
        bad.header("mcp-session-id", "unknown")
        check(await client.send(bad), .error(-32602, status: 400), "a session id is ignored")
    }

    @Test func `a call needs no session and its result has a type`() async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        let exchange = await client.send(client.call("look"))
        check(exchange, .text("done"))
        let result = exchange.message?["result"]
        #expect(result?["resultType"] == "complete")
        #expect(
            result?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"] == "interlock")
        #expect(bench.types.filter { $0 == .sessionOpened }.isEmpty)
        #expect(bench.types.contains(.callOutcome))
    }

    @Test func `content of any type comes through`() async throws {
        let bench = try Bench()
        bench.upstreams.answer { _ in .text("done", ["structuredContent": [1, 2]]) }
        let client = ModernClient(bench: bench)
        let exchange = await client.send(client.call("look"))
        #expect(exchange.message?["result"]?["structuredContent"] == [1, 2])
    }

    @Test func `a refusal is a typed result and an unknown tool is 400`() async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        let refused = await client.send(client.call("look", ["n": "three"]))
        check(refused, .refused(4030, "violation"))
        #expect(refused.message?["result"]?["resultType"] == "complete")
        let unknown = await client.send(client.call("unheard"))
        let hidden = await client.send(client.call("secret"))
        check(unknown, .error(-32602, status: 400))
        check(hidden, .error(-32602, status: 400))
    }

    @Test(arguments: ["ping", "logging/setLevel", "initialize", "no/such", "resources/subscribe"])
    func `what the era does not have is 404`(method: String) async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        check(await client.send(client.request(method)), .error(-32601, status: 404))
    }

    @Test(arguments: ["GET", "DELETE"])
    func `there are no streams and no sessions`(verb: String) async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        var request = client.request("tools/list")
        request.verb = verb
        let exchange = await client.send(request)
        check(exchange, .http(405))
        #expect(
            exchange.now.response?.headers.contains { $0.name == "allow" && $0.value == "POST" }
                == true)
    }

    @Test func `a response is answered 400 and a notification 202`() async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        var response = client.request("x")
        response.isResponse = true
        check(await client.send(response), .error(-32600, status: 400))
        var notification = client.request("notifications/whatever")
        notification.id = nil
        check(await client.send(notification), .http(202))
        notification.header("mcp-protocol-version", "2030-01-01")
        check(await client.send(notification), .error(-32022, status: 400))
    }

    @Test func `a halted caller is told in 200`() async throws {
        let bench = try Bench()
        _ = try await bench.halt(.agent(try #require(AgentName("clerk"))))
        let client = ModernClient(bench: bench)
        check(await client.send(client.call("look")), .error(4230))
    }

    // MARK: Cancellation

    @Test func `a closed response stream cancels the call`() async throws {
        let bench = try Bench()
        let gate = Gate()
        bench.upstreams.answer(after: gate)
        let client = ModernClient(bench: bench)
        let exchange = FakeExchange()
        let sending = Task { await client.send(client.call("look"), exchange) }
        #expect(await until { !bench.upstreams.sent.isEmpty })
        exchange.close()
        _ = await sending.value
        #expect(bench.upstreams.calls.first?.cancel.cause == .client)
        #expect(bench.types.last == .callUnknown)
    }

    @Test func `a notification cancels nothing`() async throws {
        let bench = try Bench()
        let gate = Gate()
        bench.upstreams.answer(after: gate)
        let client = ModernClient(bench: bench)
        let exchange = FakeExchange()
        let sending = Task { await client.send(client.call("look"), exchange) }
        #expect(await until { !bench.upstreams.sent.isEmpty })
        var notification = client.request("notifications/cancelled", ["requestId": 7])
        notification.id = nil
        check(await client.send(notification), .http(202))
        #expect(bench.upstreams.calls.first?.cancel.cause == nil)
        gate.open()
        check(await sending.value, .text("done"))
    }

    @Test func `a legacy caller that goes away has cancelled nothing`() async throws {
        let bench = try Bench()
        let gate = Gate()
        bench.upstreams.answer(after: gate)
        let client = try await Client.open(bench)
        let call = client.begin("look")
        #expect(await until { !bench.upstreams.sent.isEmpty })
        call.exchange.close()
        #expect(bench.upstreams.calls.first?.cancel.cause == nil)
        gate.open()
        _ = await call.answer()
        #expect(bench.types.last == .callOutcome)
    }

    @Test func `a closed stream withdraws a request for approval`() async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        let exchange = FakeExchange()
        let sending = Task { await client.send(client.call("note"), exchange) }
        #expect(await until { bench.types.contains(.approvalRequested) && exchange.now.isStream })
        exchange.close()
        _ = await sending.value
        #expect(await until { bench.types.contains(.approvalWithdrawn) }, "\(bench.types)")
        #expect(bench.upstreams.sent.isEmpty)
    }
}
