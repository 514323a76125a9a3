import InterlockApprovals
import InterlockCredentials
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockHookDecisions

/// The search of arguments on their way to a server (docs/specs/output-safety.md, sections 2, 4 and 8).
@Suite(.requirement("R082")) struct ArgumentSearchTests {
    private static let secret = "canary-value"

    private func bench(
        _ inspector: StubInspector = .finding(secret), quorum: (any CallQuorum)? = nil,
        durability: [ToolAddress: Durability] = [:], tools: [JSONValue] = Bench.tools
    ) throws -> Bench {
        try Bench(tools: tools, quorum: quorum, results: inspector) { settings in
            settings.resultSearchLimit = .seconds(30)
            settings.durability = durability
        }
    }

    private func denied(_ bench: Bench) throws -> RecordDraft {
        try #require(bench.ledger.drafts(of: .callDenied).last)
    }

    private func alerts(_ bench: Bench, _ code: String) -> Int {
        bench.ledger.drafts(of: .alarmRaised).count { $0.fields["code"] == .string(code) }
    }

    /// Finds a value of the broker from the second generation on.
    private final class Values: Sendable {
        private let state = Mutex((generation: UInt64(1), searches: 0))
        var searches: Int { state.withLock { $0.searches } }
        func change() { state.withLock { $0.generation = 2 } }

        var inspector: StubInspector {
            let found = StubInspector.finding(ArgumentSearchTests.secret, .brokered)
            var stub = StubInspector.atOnce { texts in
                guard texts.first == "text" else { return .clean }
                let generation = self.state.withLock { state in
                    state.searches += 1
                    return state.generation
                }
                guard generation > 1 else { return .clean }
                return found.inspectAtOnce(texts, bytes: 0) ?? .failed(.scanner)
            }
            stub.current = { self.state.withLock { $0.generation } }
            return stub
        }
    }

    @Test func `a token denies the call, and the record says what and not its value`()
        async throws
    {
        let bench = try bench()
        let client = try await Client.open(bench)
        let exchange = await client.call("look", ["text": .string("a \(Self.secret) b")])
        check(exchange, .refused(4030, "secret-in-arguments"))
        #expect(bench.upstreams.sent.isEmpty)
        let answer = exchange.text
        #expect(answer.contains("(token at /text)") && !answer.contains(Self.secret))
        let record = try denied(bench)
        #expect(record.fields["code"] == "safety.secret_in_arguments")
        #expect(record.fields["rule"] == "secret-in-arguments" && record.fields["dec"] == "deny")
        #expect(record.fields["find"] == ["token": 1])
        #expect(record.fields["scan"] == .string(OpenSSLHashing().sha256([7]).base64))
        #expect(answer.contains("dec_"))
        #expect(bench.ledger.drafts(of: .callIntent).isEmpty)
        #expect(alerts(bench, "call.blocked") == 1 && alerts(bench, "call.brokered_value") == 0)
    }

    @Test func `a denial is decided again from its record`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        await client.call("look", ["text": .string(Self.secret)])
        let input = try #require(try denied(bench).plaintext("in"))
        let recorded = try RecordedDecision(parsing: input)
        let again = recorded.decide(["text": .string(Self.secret)], under: bench.policy)
        #expect(again.verdict == .deny && again.reason == .secretInArguments)
    }

    @Test func `a value of the broker has a reason and an alert of its own, one for many calls`()
        async throws
    {
        let bench = try bench(.finding(Self.secret, .brokered))
        let client = try await Client.open(bench)
        for _ in 0..<2 {
            check(
                await client.call("look", ["text": .string(Self.secret)]),
                .refused(4030, "brokered-value"))
        }
        #expect(try denied(bench).fields["code"] == "safety.brokered_value")
        #expect(try denied(bench).fields["find"] == ["brokered": 1])
        let alarm = try #require(bench.ledger.drafts(of: .alarmRaised).last)
        #expect(alerts(bench, "call.brokered_value") == 1 && alerts(bench, "call.blocked") == 0)
        #expect(alarm.fields["subject"] == "clerk" && alarm.fields["ofrun"] != nil)
    }

    /// The alert does not depend on what the policy says of the call.
    @Test func `a value of the broker in a call that nothing grants raises the alert too`()
        async throws
    {
        let bench = try bench(.finding(Self.secret, .brokered))
        let client = try await Client.open(bench)
        check(
            await client.call("secret", ["text": .string(Self.secret)]), .error(-32602))
        #expect(try denied(bench).fields["rule"] == "no-grant")
        #expect(try denied(bench).fields["find"] == ["brokered": 1])
        #expect(alerts(bench, "call.brokered_value") == 1)
    }

    @Test func `people are not asked about a call with a finding`() async throws {
        let bench = try bench()
        let client = try await Client.open(bench)
        check(
            await client.call("pay", ["text": .string(Self.secret)]),
            .refused(4030, "secret-in-arguments"))
        #expect(bench.ledger.drafts(of: .approvalRequested).isEmpty)
    }

    @Test(arguments: ResultInspectionFailure.allCases)
    func `without an answer of the search nothing is sent`(_ failure: ResultInspectionFailure)
        async throws
    {
        let bench = try bench(StubInspector { _ in .failed(failure) })
        let client = try await Client.open(bench)
        check(await client.call("look", ["text": "plain"]), .refused(4030, "scan-failed"))
        #expect(bench.upstreams.sent.isEmpty)
        let record = try denied(bench)
        #expect(record.fields["code"] == "safety.scan_failed" && record.fields["scan"] == nil)
        #expect(record.fields["find"] == nil)
        let input = try #require(record.plaintext("in"))
        let again = try RecordedDecision(parsing: input)
            .decide(["text": "plain"], under: bench.policy)
        #expect(again.reason == .scanFailed)
    }

    @Test func `a search that does not end is late`() async throws {
        let gate = Gate()
        let bench = try Bench(
            results: StubInspector { _ in
                await gate.pass()
                return .clean
            }
        ) { $0.resultSearchLimit = .milliseconds(1) }
        let client = try await Client.open(bench)
        let exchange = await client.call("look", ["text": "plain"])
        check(exchange, .refused(4030, "scan-failed"))
        #expect(exchange.text.contains("(late)") && bench.upstreams.sent.isEmpty)
        gate.open()
    }

    @Test func `values that change while people decide deny what they approved`() async throws {
        let values = Values()
        let bench = try bench(values.inspector)
        let client = try await Client.open(bench)
        let call = client.begin("pay", ["text": .string(Self.secret)])
        let id = try await bench.request().id
        #expect(await until { bench.waiting == 1 })
        try await bench.vote(on: id, by: "ines")
        values.change()
        try await bench.vote(on: id, by: "paul")
        check(await call.answer(), .refused(4030, "brokered-value"))
        #expect(bench.upstreams.sent.isEmpty && values.searches == 2)
        #expect(bench.ledger.drafts(of: .approvalUsed).isEmpty)
        let record = try denied(bench)
        #expect(record.fields["intent"] != nil, "the intent is closed")
        #expect(record.fields["find"] == ["brokered": 1] && record.fields["scan"] != nil)
        let again = try RecordedDecision(parsing: try #require(record.plaintext("again")))
        #expect(again.decision["reason"] == "brokered-value")
        #expect(alerts(bench, "call.brokered_value") == 1)
    }

    @Test func `values that change while witnesses are awaited deny the call`() async throws {
        let values = Values()
        let quorum = HeldQuorum()
        let tool = try #require(ToolAddress(wireName: "desk__look"))
        let bench = try bench(
            values.inspector, quorum: quorum, durability: [tool: .witnessed])
        let client = try await Client.open(bench)
        let call = client.begin("look", ["text": .string(Self.secret)])
        #expect(await until { quorum.gate.arrived == 1 })
        values.change()
        quorum.gate.open()
        check(await call.answer(), .refused(4030, "brokered-value"))
        #expect(bench.upstreams.sent.isEmpty)
        #expect(try denied(bench).fields["intent"] != nil)
    }

    @Test func `values that stay are searched for once, also if people approve`() async throws {
        let values = Values()
        let bench = try bench(values.inspector)
        let client = try await Client.open(bench)
        let call = client.begin("note", ["text": "plain"])
        try await bench.vote(on: try await bench.request().id, by: "ines")
        check(await call.answer(), .text("done"))
        #expect(values.searches == 1)
    }

    @Test func `prompts, resources and completions are searched like tools`() async throws {
        let bench = try OfferBench.bench(results: StubInspector.finding(Self.secret))
        let client = try await Client.open(bench)
        let requests: [(String, JSONObject)] = [
            ("resources/read", ["uri": "interlock:desk:notes://canary-value"]),
            ("prompts/get", ["name": "desk__greet", "arguments": ["who": .string(Self.secret)]]),
            (
                "completion/complete",
                [
                    "ref": ["type": "ref/prompt", "name": "desk__greet"],
                    "argument": ["name": "who", "value": .string(Self.secret)],
                ]
            ),
        ]
        for (method, params) in requests {
            let answer = try #require(await client.ask(method, params))
            #expect(answer["error"]?["code"] == 4030, "\(method)")
            #expect(answer["error"]?["data"]?["reason"] == "secret-in-arguments", "\(method)")
            #expect(try denied(bench).fields["find"] != nil, "\(method)")
        }
        #expect(bench.upstreams.sent.isEmpty)
    }

    /// The names of the members lead to the value, and may have one themselves.
    @Test func `a place is named without any value`() async throws {
        let tree: JSONValue = ["a": ["b/c": [1, "x"]], "canary-value": ["d": "y"]]
        let texts = ResultTexts(tree).texts
        for (text, pointer) in [
            ("a", ""), ("b/c", "/a"), ("1", "/a/b~1c/0"), ("x", "/a/b~1c/1"),
            ("canary-value", ""), ("d", ""), ("y", ""),
        ] {
            let index = try #require(texts.firstIndex(of: text))
            let hidden = try #require(texts.firstIndex(of: "canary-value"))
            #expect(tree.pointer(toText: index, hiding: [hidden]) == pointer, "\(text)")
        }
        #expect(tree.pointer(toText: texts.count, hiding: []) == nil)
        let tool: JSONValue = [
            "name": "look", "inputSchema": ["type": "object", "additionalProperties": true],
        ]
        let bench = try bench(tools: [tool])
        let client = try await Client.open(bench)
        let exchange = await client.call("look", ["canary-value": ["k": .string(Self.secret)]])
        check(exchange, .refused(4030, "secret-in-arguments"))
        #expect(exchange.text.contains("(token)") && !exchange.text.contains(Self.secret))
        #expect(try denied(bench).fields["find"] == ["token": 2])
    }

    static let hostReasons: [(SecretClass, String?)] = [
        (.token, nil), (.card, nil), (.privateKey, "secret-in-arguments"),
        (.brokered, "brokered-value"),
    ]

    /// A coding agent writes tests, whose tokens are examples.
    @Test(arguments: ArgumentSearchTests.hostReasons)
    func `a host's own tools are denied for keys and values of the broker`(
        _ secretClass: SecretClass, _ reason: String?
    ) async throws {
        let hooks = try HookBench(arguments: StubInspector.finding(Self.secret, secretClass))
        let tool = HookBench.tool(.read, ["file_path": .string("/workspace/" + Self.secret)])
        let verdict = try await hooks.send(HookBench.event(tool: tool))
        #expect(verdict.decision == (reason == nil ? .allow : .deny))
        if let reason { #expect(verdict.reason == reason) }
    }

    @Test func `arguments without a text are sent without a search`() async throws {
        let bench = try bench(StubInspector { _ in .failed(.scanner) })
        bench.upstreams.answer { _ in .result([:], bytes: []) }
        let client = try await Client.open(bench)
        await client.call("look")
        #expect(bench.upstreams.sent.count == 1)
    }
}
