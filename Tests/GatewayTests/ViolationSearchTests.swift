import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The search of the words about a schema that arguments do not fit: they quote what its server wrote.
@Suite(.requirement("R082")) struct ViolationSearchTests {
    private static let secret = "canary-value"

    private static let tools: [JSONValue] =
        Bench.tools.filter { $0["name"] != "look" } + [
            [
                "name": "look", "description": "a tool",
                "inputSchema": ["type": "object", "required": [.string("x \(secret) y")]],
            ]
        ]

    private func bench(_ inspector: StubInspector) throws -> Bench {
        try Bench(tools: Self.tools, results: inspector)
    }

    private func sentence(_ exchange: FakeExchange) throws -> String {
        check(exchange, .refused(4030, "violation"))
        return try #require(
            exchange.message?["result"]?["content"]?.array?.first?["text"]?.string)
    }

    private func record(_ bench: Bench) throws -> JSONObject {
        try #require(bench.ledger.drafts(of: .callDenied).last).fields
    }

    @Test func `a value in the schema is replaced, and the record counts it`() async throws {
        let bench = try bench(.finding(Self.secret))
        let text = try sentence(await Client.open(bench).call("look"))
        #expect(text.contains("must have the member `x [redacted:canary-rule:"))
        #expect(text.contains("] y`") && !text.contains(Self.secret))
        let record = try record(bench)
        #expect(record["code"] == "schema.violation" && record["find"] == ["token": 1])
        #expect(record["scan"] == .string(OpenSSLHashing().sha256([7]).base64))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `words without a value are given as they are`() async throws {
        let bench = try bench(.clean)
        let text = try sentence(await Client.open(bench).call("look"))
        #expect(text.contains("must have the member `x \(Self.secret) y`"))
        let record = try record(bench)
        #expect(record["find"] == nil && record["scan"] != nil)
    }

    @Test(arguments: ResultInspectionFailure.allCases)
    func `without an answer of the search the words are withheld`(
        _ failure: ResultInspectionFailure
    ) async throws {
        for inspector in [
            StubInspector.atOnce { _ in .failed(failure) }, StubInspector { _ in .clean },
        ] {
            let bench = try bench(inspector)
            let text = try sentence(await Client.open(bench).call("look"))
            #expect(text.contains("could not be searched") && !text.contains("x "))
            let record = try record(bench)
            #expect(record["find"] == nil && record["scan"] == nil)
        }
    }

    @Test func `a value that cannot be replaced withholds the words`() async throws {
        let inspector = StubInspector.atOnce { _ in
            guard let rule = RuleID("canary-rule") else { return .failed(.scanner) }
            return .found([
                ResultFinding(rule: rule, secretClass: .privateKey, extent: .everywhere)
            ])
        }
        let bench = try bench(inspector)
        let text = try sentence(await Client.open(bench).call("look"))
        #expect(text.contains("has a value that agents must not read"))
        #expect(!text.contains(Self.secret))
        #expect(try record(bench)["find"] == ["private_key": 1])
    }

    @Test func `the arguments of a prompt are named after a search too`() async throws {
        let bench = try OfferBench.bench(results: StubInspector.finding(Self.secret))
        var offers = OfferBench.offers()
        offers.prompts = [
            ["name": "greet", "arguments": [["name": .string(Self.secret), "required": true]]]
        ]
        bench.upstreams.set(offers, tools: Bench.tools, generation: 3, of: "desk")
        let client = try await Client.open(bench)
        let answer = try #require(
            await client.ask("prompts/get", ["name": "desk__greet", "arguments": [:]]))
        let text = String(decoding: answer.serialized(), as: UTF8.self)
        #expect(answer["error"]?["code"] == -32602)
        #expect(text.contains("the argument `[redacted:canary-rule:"), "\(text)")
        #expect(!text.contains(Self.secret))
        #expect(try record(bench)["find"] == ["token": 1])
    }

    @Test func `words with a mark are given as they are, and the record counts it`() async throws {
        let bench = try bench(.marking(Self.secret))
        let text = try sentence(await Client.open(bench).call("look"))
        #expect(text.contains("must have the member `x \(Self.secret) y`"))
        #expect(try record(bench)["find"] == ["personal": 1])
    }
}
