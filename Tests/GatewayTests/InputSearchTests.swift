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

/// The search of servers' requests for input before a caller gets them (docs/specs/output-safety.md, section 2).
@Suite(.requirement("R082")) struct InputSearchTests {
    private static let secret = "canary-value"

    private static func form(_ key: String, _ message: String, field: String = "region")
        -> InputRequest
    {
        var params = Asking.form(key, field: field).params
        params["message"] = .string(message)
        return InputRequest(key: key, method: .elicit, params: params)
    }

    private static func sample(_ text: String) -> InputRequest {
        InputRequest(
            key: "s", method: .sample,
            params: [
                "messages": [
                    ["role": "user", "content": ["type": "text", "text": .string(text)]]
                ],
                "maxTokens": 10,
            ])
    }

    /// Requests with a value in a message, a form, a key and a text for the caller's model.
    static let requests: [InputRequest] = [
        form("q", "send \(secret)"), form("q", "m", field: secret), form(secret, "m"),
        sample("repeat \(secret)"),
    ]

    private func bench(_ inspector: StubInspector) throws -> Bench {
        try Bench(policy: Asking.asks, results: inspector) {
            $0.resultSearchLimit = .seconds(30)
        }
    }

    private func record(_ bench: Bench) throws -> JSONObject {
        try #require(bench.ledger.drafts(of: .callInput).last).fields
    }

    @Test(arguments: InputSearchTests.requests)
    func `a request with a value is declined for its caller, in both eras`(_ request: InputRequest)
        async throws
    {
        let answer =
            request.method == .sample ? "asked: error -32601" : "asked: decline"
        for isModern in [false, true] {
            let bench = try bench(.finding(Self.secret))
            Asking.upstream(bench, [[request]])
            let exchange: FakeExchange
            if isModern {
                let client = `Questions to modern callers`.client(bench)
                exchange = await client.send(client.call("look"))
            } else {
                exchange = try await `Questions to legacy callers`.open(bench).call("look")
            }
            check(exchange, .text(answer))
            #expect(
                exchange.messages.allSatisfy { $0["method"] == nil }, "the caller is asked nothing")
            let record = try record(bench)
            #expect(record["refused"] == ["found"] && record["find"] == ["token": 1])
            #expect(record["scan"] == .string(OpenSSLHashing().sha256([7]).base64))
        }
    }

    @Test func `the other requests of a round are asked`() async throws {
        let bench = try bench(.finding(Self.secret))
        Asking.upstream(bench, [[Self.form("bad", Self.secret), Asking.form()]])
        let client = `Questions to modern callers`.client(bench)
        let (result, state) = try await `Questions to modern callers`.park(client)
        #expect(result["inputRequests"]?.object?.members.map(\.key) == ["q"])
        let exchange = await client.send(`Questions to modern callers`.retry(client, state))
        check(exchange, .text("asked: decline accept:eu"))
        #expect(try record(bench)["refused"] == ["found"])
    }

    @Test(arguments: ResultInspectionFailure.allCases)
    func `without an answer of the search a request is declined`(
        _ failure: ResultInspectionFailure
    ) async throws {
        let bench = try bench(
            StubInspector { $0.contains("requestedSchema") ? .failed(failure) : .clean })
        Asking.upstream(bench, [[Asking.form()]])
        let exchange = try await `Questions to legacy callers`.open(bench).call("look")
        check(exchange, .text("asked: decline"))
        let record = try record(bench)
        #expect(record["refused"] == ["unsearched"])
        #expect(record["find"] == nil && record["scan"] == nil)
    }

    @Test func `a declined sample takes no tokens`() async throws {
        let bench = try bench(.finding(Self.secret))
        Asking.upstream(bench, [[Self.sample(Self.secret)]])
        _ = try await `Questions to legacy callers`.open(bench).call("look")
        #expect(bench.ledger.drafts(of: .budgetReserved).isEmpty)
    }

    @Test func `a request without a value is asked as it is`() async throws {
        let bench = try bench(.finding(Self.secret))
        Asking.upstream(bench, [[Asking.form()]])
        let client = `Questions to modern callers`.client(bench)
        let (result, state) = try await `Questions to modern callers`.park(client)
        #expect(
            result["inputRequests"]?["q"]?["params"]?["message"]
                == "The server `desk` asks: Which one?")
        let exchange = await client.send(`Questions to modern callers`.retry(client, state))
        check(exchange, .text("asked: accept:eu"))
        let record = try record(bench)
        #expect(record["refused"] == nil && record["find"] == nil && record["scan"] != nil)
    }

    @Test func `a request with a mark is asked as it is, and the record counts it`() async throws {
        let bench = try bench(.marking("Which one?"))
        Asking.upstream(bench, [[Asking.form()]])
        let client = `Questions to modern callers`.client(bench)
        let (result, state) = try await `Questions to modern callers`.park(client)
        #expect(
            result["inputRequests"]?["q"]?["params"]?["message"]
                == "The server `desk` asks: Which one?")
        let exchange = await client.send(`Questions to modern callers`.retry(client, state))
        check(exchange, .text("asked: accept:eu"))
        let record = try record(bench)
        #expect(record["refused"] == nil && record["find"] == ["personal": 1])
    }
}
