import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct `Questions to modern callers` {
    static func client(_ bench: Bench) -> ModernClient {
        ModernClient(bench: bench, capabilities: ["elicitation": [:], "sampling": [:]])
    }

    /// Sends the call's first request, and returns the response and its state.
    static func park(
        _ client: ModernClient, id: Int64 = 7
    ) async throws -> (result: JSONValue, state: String) {
        let exchange = await client.send(client.call("look", ["text": "a"], id: id))
        let result = try #require(exchange.message?["result"])
        return (result, try #require(result["requestState"]?.string, "\(result)"))
    }

    static func retry(
        _ client: ModernClient, _ state: String, _ responses: JSONObject = accepted, id: Int64 = 8
    ) -> ModernClient.Request {
        var request = client.call("look", ["text": "a"], id: id)
        request.params["inputResponses"] = .object(responses)
        request.params["requestState"] = .string(state)
        return request
    }

    static let accepted: JSONObject = [
        "q": ["action": "accept", "content": ["region": "eu"]]
    ]

    @Test func `the call is parked and goes on with the retry`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()], [Asking.form("again")]])
        let client = Self.client(bench)
        let (result, state) = try await Self.park(client)
        #expect(result["resultType"] == "input_required")
        let asked = result["inputRequests"]?["q"]
        #expect(asked?["method"] == "elicitation/create")
        #expect(asked?["params"]?["message"] == "The server `desk` asks: Which one?")
        let second = await client.send(Self.retry(client, state))
        let next = try #require(second.message?["result"]?["requestState"]?.string)
        #expect(next != state)
        check(
            await client.send(Self.retry(client, next, ["again": ["action": "decline"]])),
            .text("asked: accept:eu decline"))
        #expect(bench.upstreams.sent.count == 1)
        #expect(bench.types.filter { $0 == .callIntent }.count == 1)
        #expect(bench.types.filter { $0 == .callInput }.count == 2)
        #expect(bench.types.filter { $0 == .callOutcome }.count == 1)
    }

    @Test func `what is declared is what both sides allow`() async throws {
        let bench = try Bench(policy: Asking.asks)
        let declared = Mutex<JSONObject?>(nil)
        bench.upstreams.answer { call in
            declared.withLock { $0 = call.input?.declared }
            return .done
        }
        var client = ModernClient(
            bench: bench,
            capabilities: ["elicitation": ["form": [:], "url": [:]], "roots": [:]])
        await client.send(client.call("look"))
        #expect(declared.withLock { $0 } == ["elicitation": ["form": [:]]])
        client.capabilities = ["roots": [:]]
        await client.send(client.call("look"))
        #expect(declared.withLock { $0 } == nil)
        let silent = try Bench()
        Asking.upstream(silent, [[Asking.form()]])
        let other = Self.client(silent)
        check(await other.send(other.call("look")), .text("nobody can be asked"))
    }

    @Test func `a secret is not asked for and what is not offered is declined`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(
            bench,
            [
                [
                    Asking.form("a", field: "password"),
                    InputRequest(
                        key: "b", method: .listRoots, params: [:]),
                ]
            ])
        let client = Self.client(bench)
        check(await client.send(client.call("look")), .text("asked: decline result"))
        let draft = try #require(bench.ledger.drafts.last { $0.type == .callInput })
        #expect(draft.fields["refused"] == ["secret", "not_allowed"])
    }

    @Test func `the eleventh round ends the call`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(
            bench, Array(repeating: [Asking.form("a", field: "pin_code_password")], count: 11))
        let client = Self.client(bench)
        let exchange = await client.send(client.call("look"))
        check(exchange, .refused(5020, "cancelled"))
        #expect(bench.types.filter { $0 == .callInput }.count == 10)
    }

    @Test func `every wrong retry has one answer`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = Self.client(bench)
        let (_, state) = try await Self.park(client)
        var wrong: [(String, ModernClient, ModernClient.Request)] = []
        func add(_ name: String, _ by: ModernClient, _ change: (inout ModernClient.Request) -> Void)
        {
            var request = Self.retry(by, state)
            change(&request)
            wrong.append((name, by, request))
        }
        add("arguments", client) { $0.params["arguments"] = ["text": "b"] }
        add("name", client) { request in
            request.params["name"] = "desk__report"
            request.header("mcp-name", "desk__report")
        }
        add("seal", client) { $0.params["requestState"] = .string(state + "A") }
        add("no state", client) { $0.params["requestState"] = "v1.a.b" }
        var stranger = client
        stranger.bearer = "reader"
        add("principal", stranger) { _ in }
        var narrow = client
        narrow.bearer = "clerk|desk:mail"
        add("scopes", narrow) { _ in }
        var empty = client
        empty.bearer = "clerk|other:read"
        add("no scope for it", empty) { _ in }
        var texts: Set<String> = []
        for (name, by, request) in wrong {
            let exchange = await by.send(request)
            check(exchange, .error(-32602, status: 400), "\(name)")
            texts.insert(exchange.message?["error"]?["message"]?.string ?? "")
        }
        #expect(texts.count == 1, "\(texts)")
        // The state is still valid, because none of these requests used it up.
        check(await client.send(Self.retry(client, state)), .text("asked: accept:eu"))
        let replayed = await client.send(Self.retry(client, state))
        check(replayed, .error(-32602, status: 400), "used twice")
        #expect(replayed.message?["error"]?["message"]?.string == texts.first)
    }

    @Test(arguments: [[:], ["other": [:]], ["q": 7]] as [JSONObject])
    func `what is not answered is asked again, under a new state`(responses: JSONObject)
        async throws
    {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = Self.client(bench)
        let (first, state) = try await Self.park(client)
        let again = await client.send(Self.retry(client, state, responses))
        let result = try #require(again.message?["result"])
        #expect(result["inputRequests"] == first["inputRequests"])
        let next = try #require(result["requestState"]?.string)
        check(await client.send(Self.retry(client, state)), .error(-32602, status: 400), "spent")
        var more = Self.accepted
        more["not asked"] = ["action": "accept"]
        check(await client.send(Self.retry(client, next, more)), .text("asked: accept:eu"))
        #expect(bench.types.filter { $0 == .callInput }.count == 1)
    }

    @Test func `answers that come with the call count where the server asks for just them`()
        async throws
    {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()], [Asking.form("again")]])
        let client = Self.client(bench)
        var early = client.call("look", ["text": "a"], id: 7)
        early.params["inputResponses"] = .object(Self.accepted)
        let exchange = await client.send(early)
        let asked = exchange.message?["result"]?["inputRequests"]?.object
        #expect(asked?.members.map(\.key) == ["again"], "the first round alone")
        #expect(bench.types.filter { $0 == .callInput }.count == 1, "recorded like any answer")
        var other = client.call("look", ["text": "b"], id: 8)
        other.params["inputResponses"] = ["other": ["action": "accept"]]
        let parked = await client.send(other)
        let open = parked.message?["result"]?["inputRequests"]?.object
        #expect(open?.members.map(\.key) == ["q"])
        for wrong in [JSONValue.null, 7, []] {
            var request = client.call("look", ["text": "c"], id: 9)
            request.params["inputResponses"] = wrong
            check(await client.send(request), .error(-32602, status: 400))
        }
    }

    @Test func `a capability that the server misses is named to a caller that could declare it`()
        async throws
    {
        let bench = try Bench(policy: Asking.asks)
        bench.upstreams.answer { _ in .unmet(["sampling": [:]], reason: "it needs `sampling`") }
        var client = ModernClient(bench: bench, capabilities: [:])
        let refused = await client.send(client.call("look"))
        check(refused, .error(-32021, status: 400))
        #expect(
            refused.message?["error"]?["data"] == ["requiredCapabilities": ["sampling": [:]]])
        client.capabilities = ["sampling": [:]]
        check(await client.send(client.call("look")), .refused(5020, "failed"))
        let legacy = try await Client.open(bench)
        check(await legacy.call("look"), .refused(5020, "failed"))
        #expect(bench.types.filter { $0 == .callOutcome }.count == 3)
    }

    @Test func `a state is good for ten minutes`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = Self.client(bench)
        let (_, state) = try await Self.park(client)
        bench.clock.advance(.seconds(600))
        check(await client.send(Self.retry(client, state)), .error(-32602, status: 400))
    }

    @Test func `nobody knows how a call of before a restart ended`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let (_, state) = try await Self.park(Self.client(bench))
        let after = try Bench(policy: Asking.asks, store: bench.store)
        let client = Self.client(after)
        let exchange = await client.send(Self.retry(client, state))
        check(exchange, .refused(5020, "parked"))
        #expect(
            exchange.message?["result"]?["_meta"]?["interlock/decision"]?["outcome"] == "unknown")
    }

    @Test func `a halt ends a parked call and its retry is told so`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = Self.client(bench)
        let (_, state) = try await Self.park(client)
        _ = try await bench.halt(.agent(try #require(AgentName("clerk"))))
        check(await client.send(Self.retry(client, state)), .error(4230))
        #expect(await until { bench.types.contains(.callUnknown) }, "\(bench.types)")
        #expect(!bench.types.contains(.callInput))
    }

    @Test func `an answer that cannot be recorded goes nowhere`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = Self.client(bench)
        let (_, state) = try await Self.park(client)
        bench.ledger.refuse(.callInput)
        check(await client.send(Self.retry(client, state)), .refused(5020, "cancelled"))
    }

    @Test func `the seventeenth parked call is declined`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = Self.client(bench)
        for id in 1...16 { _ = try await Self.park(client, id: Int64(id)) }
        check(await client.send(client.call("look", id: 17)), .text("asked: decline"))
    }

    @Test func `the closed stream of the retry cancels the call`() async throws {
        let bench = try Bench(policy: Asking.asks)
        let gate = Gate()
        bench.upstreams.answer { call in
            call.cancel.onCancel { _ in gate.open() }
            _ = await call.input?.ask([Asking.form()])
            await gate.pass()
            return call.cancel.cause == nil ? .done : .cancelled(confirmed: false)
        }
        let client = Self.client(bench)
        let (_, state) = try await Self.park(client)
        let exchange = FakeExchange()
        let sending = Task { await client.send(Self.retry(client, state), exchange) }
        #expect(await until { bench.types.contains(.callInput) })
        exchange.close()
        _ = await sending.value
        #expect(bench.upstreams.calls.first?.cancel.cause == .client)
    }
}
