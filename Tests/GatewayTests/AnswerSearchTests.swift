import InterlockCredentials
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

/// The search of what servers answer before an agent gets it (docs/specs/output-safety.md, sections 2, 4 and 8).
@Suite(.requirement("R082")) struct AnswerSearchTests {
    private static let secret = "canary-value"

    /// The mark of the secret for an agent, whose run it depends on.
    private static func mark(of agent: String = "clerk", _ value: String = secret) -> String {
        let message = Array(NameAuthenticator.run(of: agent).text.utf8) + [0] + Array(value.utf8)
        let suffix = Hex.encode(OpenSSLHashing().sha256(message).bytes.prefix(4))
        return "[redacted:canary-rule:\(suffix)]"
    }

    private func bench(
        _ inspector: StubInspector = .finding(secret), policy: [(String, String)] = [],
        _ change: (inout GatewaySettings) -> Void = { _ in }
    ) throws -> Bench {
        try Bench(policy: policy, results: inspector) { settings in
            settings.resultSearchLimit = .seconds(30)
            change(&settings)
        }
    }

    private func outcome(_ bench: Bench) throws -> RecordDraft {
        try #require(bench.ledger.drafts(of: .callOutcome).last)
    }

    /// Expects that the agent did not get the result of a call that was executed, and why.
    private func expectWithheld(
        _ exchange: FakeExchange, _ reason: String, code: String, in bench: Bench,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        check(exchange, .refused(5020, reason), sourceLocation: sourceLocation)
        let answer = exchange.text
        #expect(!answer.contains(Self.secret), sourceLocation: sourceLocation)
        #expect(answer.contains("the call was executed"), sourceLocation: sourceLocation)
        #expect(answer.contains(#""outcome":"executed""#), sourceLocation: sourceLocation)
        let outcome = try outcome(bench)
        #expect(outcome.fields["st"] == "withheld", sourceLocation: sourceLocation)
        #expect(outcome.fields["code"] == .string(code), sourceLocation: sourceLocation)
        // The owner can read what came, and where the search found something.
        let isFound = code == "safety.result_withheld"
        #expect(
            outcome.payloads.map(\.field) == (isFound ? ["res", "insp"] : ["res"]),
            sourceLocation: sourceLocation)
    }

    @Test func `a value in a text is replaced, and both forms are on record`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("a \(Self.secret) b \(Self.secret)") }
        let exchange = await client.call("look")
        check(exchange, .text("a \(Self.mark()) b \(Self.mark())"))
        let outcome = try outcome(bench)
        #expect(outcome.fields["st"] == "ok" && outcome.fields["code"] == "0")
        #expect(outcome.fields["find"] == ["token": 2])
        #expect(outcome.fields["scan"] == .string(OpenSSLHashing().sha256([7]).base64))
        #expect(outcome.payloads.map(\.field) == ["res", "out", "insp"])
        #expect(outcome.plaintext("out") == exchange.message?["result"]?.serialized())
        let out = String(decoding: outcome.plaintext("out") ?? [], as: UTF8.self)
        #expect(!out.contains(Self.secret))
    }

    @Test func `a value is the same mark in each call of a run, and another one elsewhere`()
        async throws
    {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text(Self.secret) }
        for _ in 0..<2 { check(await client.call("look"), .text(Self.mark())) }
        let reader = try await Client.open(bench, as: "reader")
        check(await reader.call("look"), .text(Self.mark(of: "reader")))
        #expect(Self.mark() != Self.mark(of: "reader"))
    }

    @Test func `a text that repeats structured content repeats it still`() async throws {
        // The value is escaped in the text, so that it is another text there.
        let value = "x\"\(Self.secret)"
        let inspector = StubInspector { texts in
            guard let rule = RuleID("canary-rule") else { return .failed(.scanner) }
            let found = texts.enumerated().filter { $0.element.contains(Self.secret) }
            guard !found.isEmpty else { return .clean }
            return .found(
                found.map { index, text in
                    let count = text.utf8.count
                    let isJSON = text.hasPrefix("{")
                    return ResultFinding(
                        rule: rule, secretClass: .token,
                        extent: .part(
                            text: index, bytes: isJSON ? 6..<count - 2 : 0..<count))
                })
        }
        let bench = try bench(inspector)
        let client = try await Client.open(bench)
        let structured: JSONValue = ["k": .string(value)]
        let repeated = String(decoding: structured.serialized(), as: UTF8.self)
        bench.upstreams.answer { _ in .text(repeated, ["structuredContent": structured]) }
        let result = try #require(await client.call("look").message?["result"])
        let shown = try #require(result["structuredContent"])
        #expect(shown == ["k": .string(Self.mark(value))])
        #expect(
            result["content"]?.array?.first?["text"]
                == .string(String(decoding: shown.serialized(), as: UTF8.self)))
        #expect(try outcome(bench).fields["find"] == ["token": 2])
    }

    @Test func `the text of a tool's error is searched`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("no: \(Self.secret)", ["isError": true]) }
        let exchange = await client.call("look")
        check(exchange, .text("no: \(Self.mark())"))
        #expect(exchange.message?["result"]?["isError"] == true)
        #expect(try outcome(bench).fields["st"] == "tool_error")
    }

    @Test func `the message of a protocol error is searched before it is cut`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .rpcError(code: -32000, message: "no \(Self.secret)!") }
        let exchange = await client.call("look")
        check(exchange, .refused(5020, "rpc-error"))
        #expect(exchange.text.contains("no \(Self.mark())!"))
        #expect(!exchange.text.contains(Self.secret))
        #expect(try outcome(bench).fields["find"] == ["token": 1])
        let long = String(repeating: "a", count: 505) + Self.secret
        bench.upstreams.answer { _ in .rpcError(code: -32000, message: long) }
        let cut = await client.call("look").text
        #expect(cut.contains("aaa[redac") && !cut.contains("aaacanary"))
    }

    @Test func `the names in a result that breaks its schema are searched`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in
            .result(["content": [["type": .string(Self.secret)]]], bytes: [])
        }
        let exchange = await client.call("look")
        check(exchange, .refused(5020, "malformed"))
        #expect(exchange.text.contains(Self.mark()) && !exchange.text.contains(Self.secret))
    }

    @Test func `resources, prompts and completions are searched like tools`() async throws {
        let bench = try OfferBench.bench(results: StubInspector.finding(Self.secret))
        let client = try await Client.open(bench)
        let value = JSONValue.string("a \(Self.secret)")
        bench.upstreams.answer { call in
            switch call.request.method {
            case .readResource:
                OfferBench.result(["contents": [["uri": "notes://a", "text": value]]])
            case .getPrompt:
                OfferBench.result([
                    "description": value,
                    "messages": [["role": "user", "content": ["type": "text", "text": value]]],
                ])
            default: OfferBench.result(["completion": ["values": [value]]])
            }
        }
        let requests: [(String, JSONObject)] = [
            ("resources/read", ["uri": "interlock:desk:notes://a"]),
            ("prompts/get", ["name": "desk__greet", "arguments": ["who": "ann"]]),
            (
                "completion/complete",
                [
                    "ref": ["type": "ref/prompt", "name": "desk__greet"],
                    "argument": ["name": "who", "value": "a"],
                ]
            ),
        ]
        for (method, params) in requests {
            let answer = try #require(await client.ask(method, params))
            let text = String(decoding: answer.serialized(), as: UTF8.self)
            #expect(text.contains("a \(Self.mark())"), "\(method): \(text)")
            #expect(!text.contains(Self.secret), "\(method)")
            #expect(try outcome(bench).fields["find"] != nil, "\(method)")
        }
    }

    /// Results of which no copy can be made that differs in strings alone, and has the form of the protocol.
    static let unreplaceable: [JSONObject] = [
        [
            "content": [["type": "text", "text": "{}"]],
            "structuredContent": ["canary-value": 1],
        ],
        ["content": [["type": "resource_link", "uri": "a:canary-value", "name": "n"]]],
        ["content": [["type": "image", "data": "canary-value", "mimeType": "image/png"]]],
        ["content": [["type": "text", "text": "t", "_meta": ["canary-value": 1]]]],
    ]

    @Test(arguments: AnswerSearchTests.unreplaceable)
    func `a value that cannot be replaced withholds the result`(_ result: JSONObject)
        async throws
    {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in OfferBench.result(result) }
        try expectWithheld(
            await client.call("look"), "result-withheld", code: "safety.result_withheld", in: bench)
        #expect(try outcome(bench).fields["find"] == ["token": 1])
    }

    @Test func `a value over several strings withholds the result`() async throws {
        let inspector = StubInspector { texts in
            guard let rule = RuleID("canary-rule"), texts.contains(Self.secret) else {
                return .clean
            }
            return .found([
                ResultFinding(rule: rule, secretClass: .privateKey, extent: .everywhere)
            ])
        }
        let bench = try bench(inspector)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text(Self.secret) }
        try expectWithheld(
            await client.call("look"), "result-withheld", code: "safety.result_withheld", in: bench)
        #expect(try outcome(bench).fields["find"] == ["private_key": 1])
    }

    @Test func `a copy in which something is found is withheld`() async throws {
        let inspector = StubInspector { texts in
            guard let rule = RuleID("canary-rule"),
                let place = texts.firstIndex(where: { $0.contains("[redacted:") || $0 == "v" })
            else { return .clean }
            return .found([
                ResultFinding(
                    rule: rule, secretClass: .token, extent: .part(text: place, bytes: 0..<1))
            ])
        }
        let bench = try bench(inspector)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("v") }
        try expectWithheld(
            await client.call("look"), "result-withheld", code: "safety.result_withheld", in: bench)
    }

    @Test func `a copy that breaks the output schema is withheld`() async throws {
        let schema: JSONObject = [
            "type": "object", "properties": ["key": ["type": "string", "maxLength": 12]],
        ]
        let tools =
            Bench.tools.filter { $0["name"] != "report" }
            + [Bench.tool("report", output: schema)]
        let bench = try Bench(tools: tools, results: StubInspector.finding(Self.secret)) {
            $0.resultSearchLimit = .seconds(30)
        }
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in
            .text("{}", ["structuredContent": ["key": .string(Self.secret)]])
        }
        try expectWithheld(
            await client.call("report"), "result-withheld", code: "safety.result_withheld",
            in: bench)
    }

    @Test(arguments: ResultInspectionFailure.allCases)
    func `without an answer of the search nothing is given`(_ failure: ResultInspectionFailure)
        async throws
    {
        let bench = try bench(StubInspector { _ in .failed(failure) })
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text(Self.secret) }
        try expectWithheld(
            await client.call("look"),
            failure == .tooLarge ? "result-too-large" : "scan-failed",
            code: "safety.scan_\(failure.rawValue)", in: bench)
        #expect(try outcome(bench).fields["scan"] == nil)
        bench.upstreams.answer { _ in .rpcError(code: -32000, message: Self.secret) }
        // Arguments would be searched, too, and the call denied.
        let exchange = await client.call("look")
        #expect(!exchange.text.contains(Self.secret))
        #expect(bench.ledger.drafts(of: .callOutcome).count == 2)
        #expect(try outcome(bench).fields["st"] == "withheld")
    }

    @Test func `a search that does not end is late`() async throws {
        let gate = Gate()
        let bench = try bench(
            StubInspector { _ in
                await gate.pass()
                return .clean
            }
        ) { $0.resultSearchLimit = .milliseconds(1) }
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text(Self.secret) }
        try expectWithheld(
            await client.call("look"), "scan-failed", code: "safety.scan_late", in: bench)
        gate.open()
    }

    @Test func `nothing leaves before it is on record`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("a \(Self.secret)") }
        let gate = Gate()
        bench.ledger.hold(.callOutcome, at: gate)
        let call = client.begin("look")
        while gate.arrived < 1 { await Task.yield() }
        #expect(call.exchange.now.response == nil && call.exchange.now.events.isEmpty)
        gate.open()
        check(await call.answer(), .text("a \(Self.mark())"))
        bench.ledger.refuse(
            .callOutcome, by: LedgerRefusal(code: "audit.payload", detail: ""))
        let exchange = await client.call("look", ["n": 2])
        check(exchange, .refused(5020, "payload"))
        #expect(!exchange.text.contains("redacted"))
    }

    @Test func `a result without findings is given as it is`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        let result: JSONObject = [
            "content": [["type": "text", "text": "plain"]], "structuredContent": ["n": 1],
            "_meta": ["x": "y"],
        ]
        bench.upstreams.answer { _ in OfferBench.result(result) }
        let exchange = await client.call("look")
        #expect(exchange.message?["result"] == .object(result))
        let outcome = try outcome(bench)
        #expect(outcome.payloads.map(\.field) == ["res"])
        #expect(outcome.fields["find"] == nil && outcome.fields["scan"] != nil)
    }

    @Test func `fields that the policy keeps back are no finding`() async throws {
        let bench = try bench(policy: [
            (
                "mcp_scopes: {desk: [look",
                "data: {desk.look: {drop: [k]}}\n    mcp_scopes: {desk: [look"
            )
        ])
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text(#"{"k":"\#(Self.secret)","n":1}"#) }
        check(await client.call("look"), .text(#"{"n":1}"#))
        #expect(try outcome(bench).fields["find"] == nil)
    }
}
