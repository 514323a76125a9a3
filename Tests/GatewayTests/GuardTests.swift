import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Guards, obligations and elevations in the pipeline.
@Suite struct `Guards and obligations` {
    /// A guard on `look`, and obligations on its arguments and result.
    static let changes = [
        (
            "mcp_scopes: {desk: [look, report, {tool: audit, when: \"false\"}, note, mail, pay, nuke]}",
            """
            data: {desk.look: {arguments: {drop: [text]}, drop: [iban], mask: {card: last4}, max_bytes: 200}}
                mcp_scopes: {desk: [{tool: look, when: "args.n < 5 && !has(args.text)"}, note]}
            """
        )
    ]

    @Test func `one tree without what may not leave is judged, recorded and sent`() async throws {
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .text("{}") }
        await bench.check(.text("{}"), records: [.callIntent, .callOutcome], sent: 1) {
            await client.call("look", ["text": "secret", "n": 1])
        }
        #expect(bench.upstreams.calls.last?.arguments == Array(#"{"n":1}"#.utf8))
        let intent = try #require(bench.ledger.drafts(of: .callIntent).last)
        #expect(intent.plaintext("args") == Array(#"{"n":1}"#.utf8))
        let input = String(decoding: try #require(intent.plaintext("in")), as: UTF8.self)
        #expect(input.contains(#"{"result":"true","rule":"agents.clerk.mcp_scopes.desk[0]"}"#))
        #expect(!input.contains("secret"))
    }

    @Test func `a guard that is false or an error refuses, and the record says which`() async throws
    {
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        for (arguments, result): (JSONObject, String) in [
            (["n": 5], #""result":"false""#),
            ([:], #""error":"no_such_key","result":"error""#),
        ] {
            await bench.check(.refused(4030, "guard-false"), records: [.callDenied]) {
                await client.call("look", arguments)
            }
            let denied = try #require(bench.ledger.drafts(of: .callDenied).last)
            #expect(
                String(decoding: try #require(denied.plaintext("in")), as: UTF8.self).contains(
                    result))
        }
    }

    @Test func `what comes back is shown without what is kept back`() async throws {
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        let customer = #"[{"iban":"PT50","card":"4000123412341234","n":1}]"#
        let shown = #"[{"card":"****1234","n":1}]"#
        bench.upstreams.answer { _ in .text(customer, ["_meta": ["note": "PT50"]]) }
        let exchange = await client.call("look", ["n": 1])
        check(exchange, .text(shown))
        let result = exchange.message?["result"]
        #expect(!String(decoding: (result ?? .null).serialized(), as: UTF8.self).contains("PT50"))
        // The record keeps the server's original result.
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(
            String(decoding: try #require(outcome.plaintext("res")), as: UTF8.self).contains("PT50")
        )
        #expect(outcome.fields["st"] == "ok")
    }

    static let unfit: [(name: String, result: JSONObject)] = [
        ("text", ["content": [["type": "text", "text": "not JSON"]]]),
        ("a scalar", ["content": [["type": "text", "text": "5"]]]),
        (
            "an image",
            ["content": [["type": "image", "data": "aGk=", "mimeType": "image/png"]]]
        ),
        (
            "a link",
            ["content": [["type": "resource_link", "uri": "file:///iban", "name": "PT50"]]]
        ),
        (
            "a scalar beside",
            ["content": [], "structuredContent": "PT50"]
        ),
        (
            "too long",
            [
                "content": [
                    [
                        "type": "text",
                        "text": .string(
                            "{\"a\":\"" + String(repeating: "x", count: 200) + "\"}"),
                    ]
                ]
            ]
        ),
    ]

    @Test(arguments: unfit.indices)
    func `a result that an obligation cannot be applied to is withheld`(index: Int) async throws {
        let (name, result) = Self.unfit[index]
        let bench = try Bench(policy: Self.changes)
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in
            .result(result, bytes: JSONValue.object(result).serialized())
        }
        await bench.check(
            .refused(5020, name == "too long" ? "result-too-large" : "obligation"),
            records: [.callIntent, .callOutcome], sent: 1,
            Comment(rawValue: name)
        ) { await client.call("look", ["n": 1]) }
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["st"] == "withheld")
        let code = name == "too long" ? "safety.result_too_large" : "policy.obligation"
        #expect(outcome.fields["code"] == .string(code))
    }

    @Test func `a call whose arguments a new policy keeps back is not sent`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("mail", ["text": "secret"])
        let id = try await bench.request().id
        try bench.swapUnseen([
            (
                "mcp_scopes: {desk: [look",
                "data: {desk.mail: {arguments: {drop: [text]}}}\n    mcp_scopes: {desk: [look"
            )
        ])
        try await bench.vote(on: id, by: "ines")
        check(await call.answer(), .refused(4030, "obligations"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    private static let masked = [
        (
            "mcp_scopes: {desk: [look",
            "data: {desk.mail: {drop: [iban]}}\n    mcp_scopes: {desk: [look"
        )
    ]

    @Test func `what people approved is void when the obligations on its result change`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let first = try await bench.grant("mail", ["text": "x"], to: client, by: "ines")
        try await bench.swap(Self.masked)
        #expect(bench.approvals[first]?.state == .void)

        // The policy changes at the worst moment: after the vote, before the call is sent.
        let other = try Bench(policy: Self.masked)
        let agent = try await Client.open(other)
        let call = agent.begin("mail", ["text": "x"])
        let id = try await other.request().id
        try other.swapUnseen([])
        try await other.vote(on: id, by: "ines")
        check(await call.answer(), .refused(4030, "obligations"))
        #expect(other.upstreams.sent.isEmpty)
    }

    @Test func `an elevation of the store grants while it lives, and is part of the record`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let now = bench.clock.now.wall
        await bench.check(.error(-32602)) { await client.call("secret") }
        bench.gateway.elevations.replace(with: [
            StoreElevation(
                id: "up1", agent: try #require(AgentName("clerk")),
                grants: ["desk": [["tool": "secret", "when": "args.n == 1"]]], from: now,
                until: now + .seconds(60))
        ])
        #expect(await client.tools().contains("desk__secret"))
        check(await client.call("secret", ["n": 1]), .text("done"))
        let intent = try #require(bench.ledger.drafts(of: .callIntent).last)
        #expect(
            String(decoding: try #require(intent.plaintext("in")), as: UTF8.self).contains(
                #""id":"up1","proposer":null"#))
        check(await client.call("secret", ["n": 2]), .refused(4030, "guard-false"))
        bench.clock.advance(.seconds(60))
        #expect(!(await client.tools()).contains("desk__secret"))
        await bench.check(.error(-32602)) { await client.call("secret", ["n": 1]) }
    }
}
