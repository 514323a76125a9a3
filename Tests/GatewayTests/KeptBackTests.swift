import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Content that obligations withhold does not leak in another way.
@Suite struct `Ways around obligations` {
    private static let changes = [
        (
            "mcp_scopes: {desk: [look, report,",
            """
            data:
                  desk.look: {arguments: {drop: [text]}, drop: [iban]}
                  desk.report: {drop: [iban]}
                  desk.note: {max_bytes: 100}
                mcp_scopes: {desk: [look, report,
            """
        )
    ]

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `a server cannot say in an error what its result may not show`() async throws {
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .rpcError(code: -32000, message: "iban PT50") }
        let exchange = await client.call("look", ["n": 1])
        check(exchange, .refused(5020, "rpc-error"))
        #expect(!exchange.text.contains("PT50"))
        // The server's error message is passed on if no obligation applies.
        let plain = try Bench()
        plain.upstreams.answer { _ in .rpcError(code: -32000, message: "no such row") }
        let other = try await Client.open(plain)
        let answer = await other.call("look", ["n": 1])
        #expect(answer.text.contains("no such row"))
    }

    @Test func `nor in what is wrong with its result`() async throws {
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("{}", ["structuredContent": ["total": ["PT50": 1]]]) }
        let exchange = await client.call("report", ["n": 1])
        check(exchange, .refused(5020, "schema-mismatch"))
        #expect(!exchange.text.contains("total"))
    }

    @Test func `nor on the way`() async throws {
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        bench.upstreams.answer { call in
            call.notices?.progress(["progress": 1, "message": "iban PT50"])
            call.notices?.progress(["progress": 2, "total": "iban PT50"])
            call.notices?.log(["level": "emergency", "data": "iban PT50"])
            return .text("{}")
        }
        let exchange = await client.call("look", ["n": 1], token: "tok")
        check(exchange, .text("{}"))
        #expect(exchange.messages.first?["params"]?["progress"] == 1)
        #expect(!exchange.text.contains("PT50"))
    }

    @Test func `nor in a question to the caller or its model`() async throws {
        let bench = try Bench(policy: Self.changes + Asking.asks)
        let client = try await `Questions to legacy callers`.open(bench)
        var params = Asking.form().params
        params["message"] = "iban PT50"
        let requests = [InputRequest(key: "q", method: .elicit, params: params), Asking.sample]
        bench.upstreams.answer { call in
            guard let input = call.input, case .answered = await input.ask(requests) else {
                return .text("{}")
            }
            return .text(#"{"n":1}"#)
        }
        let exchange = await client.call("look", ["n": 1])
        check(exchange, .text(#"{"n":1}"#))
        #expect(exchange.messages.allSatisfy { $0["method"] == nil }, "the caller is asked nothing")
        #expect(!exchange.text.contains("PT50"))
        let round = try #require(bench.ledger.drafts(of: .callInput).last)
        #expect(round.fields["refused"] == ["kept_back", "kept_back"])
    }

    @Test func `the record commits to what came and to what the agent got`() async throws {
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text(#"{"iban":"PT50","n":1}"#) }
        let exchange = await client.call("look", ["n": 1])
        check(exchange, .text(#"{"n":1}"#))
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.payloads.map(\.field) == ["res", "out"])
        #expect(outcome.plaintext("res").map { text($0) }?.contains("PT50") == true)
        #expect(outcome.plaintext("out") == exchange.message?["result"]?.serialized())
        // If nothing is withheld, the record commits to the result once, whatever its encoding.
        bench.upstreams.answer { _ in
            .result(
                ["isError": false, "content": [["text": #"{"n":1}"#, "type": "text"]]],
                bytes: Array("{ }".utf8))
        }
        await client.call("look", ["n": 1])
        let other = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(other.payloads.map(\.field) == ["res"])
        #expect(other.plaintext("res") == Array("{ }".utf8))
    }

    @Test func `what only the gateway may say, or no version can carry, is not what came either`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("a", ["_meta": ["interlock/decision": 1]]) }
        let exchange = await client.call("look")
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.plaintext("out") == exchange.message?["result"]?.serialized())
        #expect(exchange.message?["result"]?["_meta"] == nil)
    }

    @Test func `a result that is withheld has no form that the agent got`() async throws {
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("no JSON") }
        await client.call("look", ["n": 1])
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["st"] == "withheld")
        #expect(outcome.payloads.map(\.field) == ["res"])
        // The same holds if the log refuses the record.
        bench.upstreams.answer { _ in .text(#"{"iban":"PT50"}"#) }
        let refusal = LedgerRefusal(code: "audit.payload", detail: "")
        bench.ledger.refuse(.callOutcome, by: refusal)
        check(await client.call("look", ["n": 1]), .refused(5020, "payload"))
        let unstored = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(unstored.fields["st"] == "withheld")
        #expect(unstored.payloads.map(\.field) == ["res"])
    }

    @Test func `a refusal before the decision does not record what may not leave`() async throws {
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        await bench.check(.refused(4030, "violation"), records: [.callDenied]) {
            await client.call("look", ["n": "x", "text": "secret"])
        }
        let denied = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denied.plaintext("args") == Array(#"{"n":"x"}"#.utf8))
    }

    @Test func `what stands beside the content counts as its size`() async throws {
        let bench = try Bench(policy: [
            (
                "mcp_scopes: {desk: [look",
                "data: {desk.look: {max_bytes: 100}}\n    mcp_scopes: {desk: [look"
            )
        ])
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in
            .text("{}", ["_meta": ["x": .string(String(repeating: "y", count: 200))]])
        }
        check(await client.call("look", ["n": 1]), .refused(5020, "result-too-large"))
    }
}
