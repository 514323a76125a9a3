import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Every route by which the text of a server can reach an agent, each with a planted value
/// (docs/specs/output-safety.md, section 2).
@Suite(.requirement("R082")) struct ServerTextRouteTests {
    private static let secret = "canary-value"

    enum Route: String, CaseIterable, Sendable {
        case result, structuredContent, metadata, toolError, protocolError, failure, unmet
        case brokenResult
        case resource, embeddedResource, resourceLink, prompt, completion
        case progress, log, logger, notices, resourceUpdate
        case form, sample, inputKey
        case tools, toolSchema, prompts, resources, resourceURI, templates, instructions
        case violation, promptViolation
    }

    private static func answer(_ method: CallMethod, _ route: Route) -> UpstreamResponse {
        let text = JSONValue.string("a \(secret)")
        let plain: JSONObject = ["type": "text", "text": "t"]
        let link: JSONObject = [
            "type": "resource_link", "uri": "a:b", "name": "n", "description": text,
        ]
        return switch route {
        case .structuredContent:
            .text("{}", ["structuredContent": ["k": text]])
        case .metadata: .text("t", ["_meta": ["k": text]])
        case .toolError: .text("a \(secret)", ["isError": true])
        case .protocolError: .rpcError(code: -32000, message: "a \(secret)")
        case .failure: .failed(.unknown, reason: "a \(secret)")
        case .unmet: .unmet(["sampling": ["k": text]], reason: "a \(secret)")
        case .brokenResult: OfferBench.result(["content": [["type": text]]])
        case .resource:
            OfferBench.result(["contents": [["uri": "notes://a", "text": text]]])
        case .embeddedResource:
            OfferBench.result([
                "content": [["type": "resource", "resource": ["uri": "a:b", "text": text]]]
            ])
        case .resourceLink:
            OfferBench.result(["content": [.object(link)]])
        case .prompt:
            OfferBench.result([
                "messages": [["role": "user", "content": ["type": "text", "text": text]]]
            ])
        case .completion: OfferBench.result(["completion": ["values": [text]]])
        case .result: .text("a \(secret)")
        default:
            switch method {
            case .readResource:
                OfferBench.result(["contents": [["uri": "notes://a", "text": "t"]]])
            case .getPrompt:
                OfferBench.result(["messages": [["role": "user", "content": .object(plain)]]])
            default: .done
            }
        }
    }

    /// The notices and requests that the server sends during a call.
    private static func speak(_ call: UpstreamCall, _ route: Route) async {
        let text = JSONValue.string("a \(secret)")
        func log(_ data: JSONValue, logger: JSONValue = "db") {
            call.notices?.log(["level": "error", "logger": logger, "data": data])
        }
        switch route {
        case .progress: call.notices?.progress(["progress": 1, "message": text])
        case .log: log(["k": text])
        case .logger: log("t", logger: text)
        case .notices:
            log("canary")
            log("-value")
        case .form:
            var params = Asking.form().params
            params["message"] = text
            _ = await call.input?.ask([InputRequest(key: "q", method: .elicit, params: params)])
        case .sample:
            var params = Asking.sample.params
            params["systemPrompt"] = text
            _ = await call.input?.ask([InputRequest(key: "s", method: .sample, params: params)])
        case .inputKey: _ = await call.input?.ask([Asking.form(secret)])
        default: break
        }
    }

    private static func tools(_ route: Route) -> [JSONValue] {
        var look = Bench.tool("look").object ?? [:]
        let schema: JSONValue = ["type": "object", "required": [.string(secret)]]
        switch route {
        case .tools: look["description"] = .string("a \(secret)")
        case .toolSchema, .violation: look["inputSchema"] = schema
        default: break
        }
        return [.object(look)]
    }

    private static func offers(_ route: Route) -> ServerFeatures {
        let text = JSONValue.string("a \(secret)")
        var offers = OfferBench.offers(.declared)
        switch route {
        case .prompts: offers.prompts = [["name": "greet", "description": text]]
        case .promptViolation:
            offers.prompts = [
                ["name": "greet", "arguments": [["name": .string(secret), "required": true]]]
            ]
        case .resources: offers.resources = [["uri": "notes://a", "name": "a", "title": text]]
        case .resourceURI:
            offers.resources = [["uri": .string("notes://\(secret)"), "name": "a"]]
        case .templates:
            offers.templates = [["uriTemplate": "notes://{id}", "name": "n", "description": text]]
        case .instructions: offers.instructions = secret
        default: break
        }
        return offers
    }

    private func bench(_ route: Route, _ inspector: StubInspector) throws -> Bench {
        let bench = try Bench(
            policy: OfferBench.policy + Asking.asks, tools: Self.tools(route), results: inspector
        ) { $0.resultSearchLimit = .seconds(30) }
        bench.upstreams.set(
            Self.offers(route), tools: Self.tools(route), generation: 2, of: "desk")
        bench.upstreams.answer { call in
            if call.request.method == .callTool { await Self.speak(call, route) }
            return Self.answer(call.request.method, route)
        }
        return bench
    }

    /// Makes one request of each kind, as an agent that is asked for input and answers, and returns all that it got.
    private func everything(_ route: Route, _ inspector: StubInspector) async throws -> String {
        try await everything(route, in: try bench(route, inspector))
    }

    private func everything(_ route: Route, in bench: Bench) async throws -> String {
        let client = try await Client.open(
            bench, capabilities: ["elicitation": [:], "sampling": [:]])
        let stream = FakeExchange()
        Task { await bench.pipeline.run(client.head("GET"), body: [], stream) }
        #expect(await until { stream.now.isStream })
        var exchanges = [stream]
        func send(_ method: String, _ params: JSONObject = [:]) async {
            exchanges.append(await client.send(method, id: client.nextID(), params))
        }
        await send("logging/setLevel", ["level": "debug"])
        for list in ["tools/list", "prompts/list", "resources/list", "resources/templates/list"] {
            await send(list)
        }
        let call = client.begin("look", token: 7)
        #expect(await until { call.exchange.now.isAnswered || asked(call.exchange) != nil })
        if let id = asked(call.exchange) {
            await client.post(["jsonrpc": "2.0", "id": id, "result": ["action": "decline"]])
        }
        exchanges.append(await call.answer())
        let note = "interlock:desk:notes://a"
        await send("resources/read", ["uri": .string(note)])
        await send("prompts/get", ["name": "desk__greet", "arguments": ["who": "ann"]])
        await send(
            "completion/complete",
            [
                "ref": ["type": "ref/prompt", "name": "desk__greet"],
                "argument": ["name": "who", "value": "a"],
            ])
        await send("resources/subscribe", ["uri": .string(note)])
        let updated = route == .resourceUpdate ? "notes://\(Self.secret)" : "notes://a"
        bench.upstreams.update(updated, "desk clerk")
        exchanges.append(
            await Client.sessionless(bench).send(
                "initialize", id: 1,
                [
                    "protocolVersion": "2025-11-25", "capabilities": [:],
                    "clientInfo": ["name": "test", "version": "1"],
                ]))
        let modern = ModernClient(
            bench: bench, capabilities: ["elicitation": [:], "sampling": [:]])
        for request in [modern.request("server/discover"), modern.call("look", ["n": 1])] {
            exchanges.append(await modern.send(request))
        }
        stream.close()
        return exchanges.map(\.text).joined(separator: "\n")
    }

    /// The id of the request for input that waits for an answer.
    private func asked(_ exchange: FakeExchange) -> JSONValue? {
        exchange.messages.first { $0["method"] != nil && $0["id"] != nil }?["id"]
    }

    @Test(arguments: Route.allCases)
    func `a value does not reach an agent`(by route: Route) async throws {
        let got = try await everything(route, .finding(Self.secret))
        #expect(!got.contains(Self.secret), "\(route): \(got)")
        #expect(!got.contains("\"-value\""), "\(route): \(got)")
    }

    /// The search is stopped, slow, has no room, or the text is too long for it.
    @Test(arguments: Route.allCases, ResultInspectionFailure.allCases)
    func `without an answer of the search no text reaches an agent`(
        by route: Route, _ failure: ResultInspectionFailure
    ) async throws {
        let got = try await everything(route, .atOnce { _ in .failed(failure) })
        #expect(!got.contains(Self.secret), "\(route), \(failure): \(got)")
        #expect(!got.contains("\"-value\""), "\(route), \(failure): \(got)")
    }

    /// Each route has its own call of the alert, which a new one could lack.
    @Test(arguments: Route.allCases)
    func `a canary raises an alert`(by route: Route) async throws {
        guard !Self.closed.contains(route) else { return }
        let bench = try bench(route, .finding(Self.secret, .canary))
        let got = try await everything(route, in: bench)
        #expect(!got.contains(Self.secret), "\(route): \(got)")
        let alarms = bench.ledger.drafts(of: .alarmRaised).filter {
            $0.fields["code"] == "result.canary"
        }
        #expect(alarms.first?.fields["cny"] == "decoy", "\(route): \(alarms)")
        #expect(alarms.first?.fields["agent"] != nil && alarms.first?.fields["ofrun"] != nil)
    }

    /// The routes on which nothing of a server is sent at all.
    private static let closed: Set<Route> = [.resourceUpdate, .instructions]

    /// The control: without findings the same value arrives, so the route is the one that it seems to be.
    @Test(arguments: Route.allCases)
    func `a text reaches an agent if nothing is found`(by route: Route) async throws {
        let got = try await everything(route, .clean)
        let arrived = got.contains(route == .notices ? "\"-value\"" : Self.secret)
        #expect(arrived == !Self.closed.contains(route), "\(route): \(got)")
    }
}
