import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The limits on one result for an agent (docs/specs/output-safety.md, section 3).
@Suite(.requirement("R138")) struct ResultLimitTests {
    private static func data(_ data: String) -> [(String, String)] {
        let scopes = "mcp_scopes: {desk: [look, report,"
        return [(scopes, "data: {\(data)}\n    \(scopes)")]
    }

    private static func texts(_ texts: [String]) -> UpstreamResponse {
        let content = texts.map { text -> JSONValue in ["type": "text", "text": .string(text)] }
        let result: JSONObject = ["content": .array(content)]
        return .result(result, bytes: result.serialized())
    }

    private func outcome(_ bench: Bench) throws -> RecordDraft {
        try #require(bench.ledger.drafts(of: .callOutcome).last)
    }

    @Test func `more than 1 MiB is withheld, unless the policy states another size`() async throws {
        let large = String(repeating: "x", count: 1 << 20)
        for (policy, expected): ([(String, String)], Expected) in [
            ([], .refused(5020, "result-too-large")),
            (Self.data("desk.look: {max_bytes: 2MiB}"), .text(large)),
            (
                Self.data("desk.look: {arguments: {drop: [text]}}"),
                .refused(5020, "result-too-large")
            ),
        ] {
            let bench = try Bench(policy: policy)
            let client = try await Client.open(bench)
            bench.upstreams.answer { _ in Self.texts([large]) }
            let exchange = await client.call("look", ["n": 1])
            check(exchange, expected)
            guard case .refused = expected else { continue }
            let text = exchange.message?["result"]?["content"]?.array?.first?["text"]?.string ?? ""
            #expect(text.contains("the call was executed") && text.contains("more than 1048576"))
            let outcome = try outcome(bench)
            #expect(outcome.fields["st"] == "withheld")
            #expect(outcome.fields["code"] == "safety.result_too_large")
            #expect(outcome.payloads.map(\.field) == ["res"], "the owner can read it")
        }
    }

    @Test func `exactly 1 MiB is given`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let empty = JSONObject(distinct: [(key: "type", value: "text"), (key: "text", value: "")])
        let room = Int(DataObligations.defaultMaxBytes) - empty.serialized().count
        let most = String(repeating: "x", count: room)
        for (text, expected): (String, Expected) in [
            (most, .text(most)), (most + "x", .refused(5020, "result-too-large")),
        ] {
            bench.upstreams.answer { _ in Self.texts([text]) }
            check(await client.call("look", ["n": 1]), expected)
        }
    }

    @Test func `more than 1,000 blocks are withheld`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        for (count, expected): (Int, Expected) in [
            (1_000, .text("a")), (1_001, .refused(5020, "result-too-large")),
        ] {
            bench.upstreams.answer { _ in Self.texts(Array(repeating: "a", count: count)) }
            check(await client.call("look"), expected)
        }
        #expect(try outcome(bench).fields["code"] == "safety.result_too_large")
    }

    @Test func `a string of more than 4 MiB is withheld, whatever size the policy permits`()
        async throws
    {
        let bench = try Bench(policy: Self.data("desk.look: {max_bytes: 16MiB}"))
        let client = try await Client.open(bench)
        let half = String(repeating: "x", count: 4 << 20)
        bench.upstreams.answer { _ in Self.texts([half, "y"]) }
        check(await client.call("look"), .text(half))
        bench.upstreams.answer { _ in Self.texts(["y", half + "x"]) }
        check(await client.call("look"), .refused(5020, "result-too-large"))
        bench.upstreams.answer { _ in
            .text("y", ["_meta": .object([half + "x": 1])])
        }
        check(await client.call("look"), .refused(5020, "result-too-large"))
    }

    @Test(arguments: [false, true])
    func `an answer that was not read leaves the outcome unknown, because of a limit`(
        isDepth: Bool
    ) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in
            .exceeded(ResponseExcess(isDepth ? .depth : .size, "it has too much"))
        }
        let reason = isDepth ? "result-too-deep" : "result-too-large"
        check(await client.call("look"), .refused(5020, reason))
        let unknown = try #require(bench.ledger.drafts(of: .callUnknown).last)
        #expect(unknown.fields["why"] == "limit")
    }

    private static let cut = data("desk.look: {max_bytes: 400, overflow: truncate}")

    @Test func `a text that is cut says so, and the record commits to both`() async throws {
        let bench = try Bench(policy: Self.cut)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in
            Self.texts(["first", String(repeating: "\"\u{e9}\n", count: 200), "last"])
        }
        let exchange = await client.call("look", ["n": 1])
        check(exchange, .text("first"))
        let content = try #require(exchange.message?["result"]?["content"]?.array)
        #expect(content.count == 3)
        let part = try #require(content[1]["text"]?.string)
        #expect(part.hasPrefix("\"\u{e9}\n") && part.count < 600)
        let notice = try #require(content[2]["text"]?.string)
        #expect(notice.hasPrefix("[interlock: result cut: "), "\(notice)")
        #expect(notice.hasSuffix(" bytes, limit 400 bytes]"), "\(notice)")
        let bytes = content.reduce(0) { $0 + $1.serialized().count }
        #expect(bytes <= 400, "\(bytes)")
        #expect(exchange.message?["result"]?["isError"] == nil)
        let outcome = try outcome(bench)
        #expect(outcome.fields["st"] == "ok")
        #expect(outcome.payloads.map(\.field) == ["res", "out"])
    }

    @Test func `a value across the cut is replaced before the result is cut`() async throws {
        let secret = "canary-value"
        let bench = try Bench(policy: Self.cut, results: StubInspector.finding(secret)) {
            $0.resultSearchLimit = .seconds(30)
        }
        let client = try await Client.open(bench)
        func beginning(_ text: String) async throws -> String {
            bench.upstreams.answer { _ in Self.texts([text]) }
            let exchange = await client.call("look", ["n": 1])
            let content = exchange.message?["result"]?["content"]?.array
            return try #require(content?.first?["text"]?.string)
        }
        let room = try await beginning(String(repeating: "a", count: 900)).count
        try #require(room > 100 && room < 400)
        for kept in 1..<secret.count {
            let before = String(repeating: "a", count: room - kept)
            let after = String(repeating: "b", count: 900 - before.count - secret.count)
            let shown = try await beginning(before + secret + after)
            #expect(shown == before + String("[redacted:canary-rule:".prefix(kept)))
            #expect(try outcome(bench).fields["find"] == ["token": 1])
        }
    }

    @Test func `a result that lost fields is not cut`() async throws {
        let filter = ("environment: staging", "environment: staging\n    data: {drop: [iban]}")
        let bench = try Bench(policy: Self.cut + [filter])
        let client = try await Client.open(bench)
        for (count, expected): (Int, Expected) in [
            (10, .text(#"{"n":"aaaaaaaaaa"}"#)), (500, .refused(5020, "result-too-large")),
        ] {
            let long = String(repeating: "a", count: count)
            bench.upstreams.answer { _ in
                Self.texts([#"{"iban":"PT50","n":""# + long + #""}"#])
            }
            check(await client.call("look", ["n": 1]), expected)
        }
    }

    @Test func `a result within its size is not cut`() async throws {
        let bench = try Bench(policy: Self.cut)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in Self.texts(["whole"]) }
        let exchange = await client.call("look", ["n": 1])
        #expect(exchange.message?["result"]?["content"]?.array?.count == 1)
        #expect(try outcome(bench).payloads.map(\.field) == ["res"])
    }

    /// Results that are withheld although the policy permits a cut.
    static let uncut: [(name: String, result: JSONObject)] = {
        let long = JSONValue.string(String(repeating: "a", count: 500))
        return [
            (
                "structured content",
                ["content": [["type": "text", "text": long]], "structuredContent": ["a": 1]]
            ),
            (
                "an image",
                [
                    "content": [
                        ["type": "text", "text": long],
                        ["type": "image", "data": "aGk=", "mimeType": "image/png"],
                    ]
                ]
            ),
        ]
    }()

    @Test(arguments: uncut.indices)
    func `what is not text alone is not cut`(index: Int) async throws {
        let (name, result) = Self.uncut[index]
        let bench = try Bench(policy: Self.cut)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .result(result, bytes: result.serialized()) }
        check(
            await client.call("look", ["n": 1]), .refused(5020, "result-too-large"),
            Comment(rawValue: name))
    }

    @Test func `without room for the notice nothing is given`() async throws {
        let bench = try Bench(
            policy: Self.data("desk.look: {max_bytes: 40, overflow: truncate}"))
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in Self.texts([String(repeating: "a", count: 500)]) }
        check(await client.call("look", ["n": 1]), .refused(5020, "result-too-large"))
    }

    @Test func `a resource is cut by what its server's entry states`() async throws {
        let bench = try OfferBench.bench([
            ("    tools:\n", "    data: {max_bytes: 300, overflow: truncate}\n    tools:\n")
        ])
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in
            let text = JSONValue.string(String(repeating: "a", count: 900))
            let result: JSONObject = ["contents": [["uri": "notes://a", "text": text]]]
            return .result(result, bytes: result.serialized())
        }
        let answer = await client.ask("resources/read", ["uri": "interlock:desk:notes://a"])
        let contents = try #require(answer?["result"]?["contents"]?.array)
        #expect(contents.count == 2)
        let texts = contents.compactMap { $0["text"]?.string }
        #expect(texts.first?.hasPrefix("aaaa") == true && texts.first?.utf8.count ?? 900 < 300)
        #expect(texts.last?.hasSuffix("limit 300 bytes]") == true, "\(texts)")
        let outcome = try outcome(bench)
        #expect(outcome.fields["st"] == "ok")
        #expect(outcome.payloads.map(\.field) == ["res", "out"])
    }

    @Test func `a resource is cut as well`() throws {
        let result = try OfferResult(
            .readResource,
            [
                "contents": [
                    ["uri": "doc:a", "text": .string(String(repeating: "a", count: 900))],
                    ["uri": "doc:b", "text": "b"],
                ]
            ])
        let cut = try #require(result.cut(to: 300, from: result.byteCount))
        #expect(cut.byteCount <= 300)
        guard case .resource(let resource) = cut else {
            Issue.record("another kind of result")
            return
        }
        #expect(resource.contents.map { $0["uri"] } == ["doc:a", "doc:a"])
        let blob = try OfferResult(
            .readResource, ["contents": [["uri": "doc:a", "blob": "aGk="]]])
        #expect(blob.cut(to: 3, from: 30) == nil)
    }

    @Test func `a read of a resource is cut under the data of its server, with a notice`()
        async throws
    {
        let data = "environment: staging\n    data: {max_bytes: 400, overflow: truncate}\n"
        let bench = try OfferBench.bench([("environment: staging\n", data)])
        bench.upstreams.answer { _ in
            let text = JSONValue.string(String(repeating: "a", count: 900))
            return OfferBench.result(["contents": [["uri": "notes://a", "text": text]]])
        }
        let client = try await Client.open(bench)
        let answer = await client.ask("resources/read", ["uri": "interlock:desk:notes://a"])
        let contents = try #require(answer?["result"]?["contents"]?.array)
        try #require(contents.count == 2)
        #expect(contents[0]["text"]?.string?.hasPrefix("aaa") == true)
        #expect(contents[1]["text"]?.string?.contains("cut") == true)
        #expect(contents.reduce(0) { $0 + $1.serialized().count } <= 450)
        let outcome = try outcome(bench)
        #expect(outcome.fields["st"] == "ok")
        #expect(outcome.payloads.map(\.field) == ["res", "out"])
    }
}
