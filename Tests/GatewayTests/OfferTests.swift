import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Resources, prompts and completions pass the same pipeline as tools (docs/specs/mcp.md, sections 3 and 6).
@Suite struct `Resources` {
    private func names(_ answer: JSONValue?, _ list: String, _ key: String) -> [String] {
        (answer?["result"]?[list]?.array ?? []).compactMap { $0[key]?.string }
    }

    @Test func `are listed as far as the policy knows them, with their server`() async throws {
        let client = try await Client.open(try OfferBench.bench())
        let listed = await client.ask("resources/list")
        #expect(
            names(listed, "resources", "uri")
                == [
                    "interlock:desk:files:///pub/x", "interlock:desk:notes://a",
                    "interlock:desk:notes://b",
                ])
        #expect(listed?["result"]?["resources"]?.array?.first?["_meta"] == nil)
        let own = await client.ask("resources/list", path: "/mcp/desk")
        #expect(
            names(own, "resources", "uri") == ["files:///pub/x", "notes://a", "notes://b"])
        let templates = await client.ask("resources/templates/list")
        #expect(
            names(templates, "resourceTemplates", "uriTemplate") == ["interlock:desk:notes://{id}"])
        let none = await client.ask("resources/list", path: "/mcp/none")
        #expect(none?["error"]?["code"] == -32601)
    }

    @Test func `are listed to nobody else`() async throws {
        let client = try await Client.open(try OfferBench.bench(), as: "reader")
        #expect(await client.ask("resources/list")?["result"]?["resources"] == [])
        #expect(await client.ask("prompts/list")?["result"]?["prompts"] == [])
    }

    @Test func `are read by the URI that was judged, and recorded`() async throws {
        let bench = try OfferBench.bench()
        let client = try await Client.open(bench)
        let before = bench.types.count
        let read = await client.ask("resources/read", ["uri": "interlock:desk:NOTES://%61"])
        #expect(
            read?["result"]?["contents"]
                == [
                    [
                        "uri": "interlock:desk:notes://a", "mimeType": "application/json",
                        "text": "{\"a\":1}",
                    ]
                ])
        #expect(bench.upstreams.calls.last?.request.routingName == "notes://a")
        #expect(bench.types.dropFirst(before).suffix(2) == [.callIntent, .callOutcome])
        let intent = try #require(bench.ledger.drafts(of: .callIntent).last)
        #expect(intent.fields["tool"] == "desk__resource:note")
        let own = await client.ask("resources/read", ["uri": "notes://a"], path: "/mcp/desk")
        #expect(own?["result"]?["contents"]?.array?.first?["uri"] == "notes://a")
    }

    @Test func `under a filter of fields have no other words of their server`() async throws {
        let bench = try OfferBench.bench([
            ("environment: staging", "environment: staging\n    data: {drop: [iban]}")
        ])
        bench.upstreams.answer { _ in
            let contents: JSONValue = [
                "uri": "notes://PT50", "mimeType": "text/PT50",
                "text": "{\"iban\":\"PT50\",\"n\":1}",
            ]
            return OfferBench.result(["contents": [contents]])
        }
        let client = try await Client.open(bench)
        let read = await client.ask("resources/read", ["uri": "interlock:desk:notes://a"])
        #expect(
            read?["result"]?["contents"]
                == [
                    [
                        "uri": "interlock:desk:notes://a", "mimeType": "application/json",
                        "text": "{\"n\":1}",
                    ]
                ])
    }

    @Test(arguments: [
        "notes://vault", "notes://a/../vault", "notes://%2e%2e", "other://x", "notes://a/b", "x",
    ])
    func `that are hidden or unknown read the same`(uri: String) async throws {
        let bench = try OfferBench.bench()
        let client = try await Client.open(bench)
        let sent = "interlock:desk:" + uri
        let answer = await client.send("resources/read", id: 5, ["uri": .string(sent)])
        let missing = await client.send(
            "resources/read", id: 5, ["uri": "interlock:desk:notes://gone"])
        #expect(answer.message?["error"]?["code"] == -32002)
        #expect(answer.message?["error"]?["message"] == missing.message?["error"]?["message"])
        #expect(answer.message?["error"]?["data"] == ["uri": .string(sent)])
        #expect(answer.now.response?.status == missing.now.response?.status)
        #expect(bench.upstreams.calls.map(\.request.routingName) == ["notes://gone"])
        #expect(bench.ledger.drafts(of: .callDenied).count == 1)
        let modern = ModernClient(bench: bench)
        let told = await modern.send(modern.request("resources/read", ["uri": .string(sent)]))
        check(told, .error(-32602, status: 400))
    }

    @Test func `without their server are unknown at the endpoint of all`() async throws {
        let client = try await Client.open(try OfferBench.bench())
        let answer = await client.ask("resources/read", ["uri": "notes://a"])
        #expect(answer?["error"]?["code"] == -32002)
    }

    @Test func `are denied by a guard on what their template takes`() async throws {
        let bench = try OfferBench.bench()
        let client = try await Client.open(bench)
        let good = await client.ask("resources/read", ["uri": "interlock:desk:files:///pub/x"])
        #expect(good?["result"]?["contents"] != nil)
        let bad = await client.ask("resources/read", ["uri": "interlock:desk:files:///etc/x"])
        #expect(bad?["error"]?["code"] == 4030)
        #expect(bad?["error"]?["data"]?["reason"] == "guard-false")
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test func `carry times and scope in the modern era alone`() async throws {
        let bench = try OfferBench.bench()
        let modern = ModernClient(bench: bench)
        let asked: [(String, JSONObject)] = [
            ("resources/list", [:]), ("resources/templates/list", [:]), ("prompts/list", [:]),
            ("resources/read", ["uri": "interlock:desk:notes://a"]),
        ]
        for (method, params) in asked {
            let answer = await modern.send(modern.request(method, params)).message?["result"]
            #expect(answer?["ttlMs"] == 0 && answer?["cacheScope"] == "private", "\(method)")
            #expect(answer?["resultType"] == "complete", "\(method)")
        }
        let legacy = try await Client.open(bench, version: .v2025_03_26)
        let listed = await legacy.ask("resources/list")?["result"]
        #expect(listed?["ttlMs"] == nil && listed?["resultType"] == nil)
        #expect(listed?["resources"]?.array?.last?["title"] == nil)
    }

    @Test func `show only the fields that obligations leave`() async throws {
        let bench = try OfferBench.bench([
            ("    environment: staging", "    environment: staging\n    data: {drop: [a]}")
        ])
        let client = try await Client.open(bench)
        let read = await client.ask("resources/read", ["uri": "interlock:desk:notes://a"])
        #expect(read?["result"]?["contents"]?.array?.first?["text"] == "{}")
        bench.upstreams.answer { _ in
            OfferBench.result(["contents": [["uri": "notes://a", "blob": "AAAA"]]])
        }
        let blob = await client.ask("resources/read", ["uri": "interlock:desk:notes://a"])
        #expect(blob?["error"]?["code"] == 5020)
        #expect(blob?["error"]?["data"]?["outcome"] == "executed")
    }

    @Test func `whose answer is none are withheld`() async throws {
        let bench = try OfferBench.bench()
        let client = try await Client.open(bench)
        for bad: JSONObject in [
            [:], ["contents": "x"], ["contents": [["uri": "notes://a"]]],
            ["contents": [["text": "t"]]],
            ["contents": [["uri": "notes://a", "text": "t", "blob": "AAAA"]]],
        ] {
            bench.upstreams.answer { _ in OfferBench.result(bad) }
            let read = await client.ask("resources/read", ["uri": "interlock:desk:notes://a"])
            #expect(read?["error"]?["code"] == 5020, "\(bad)")
        }
    }

    @Test func `of a server that is away or shut off are unknown`() async throws {
        let bench = try OfferBench.bench()
        let client = try await Client.open(bench)
        bench.gateway.pins.shutOff(try #require(ServerName("desk")), .person("test"))
        #expect(await client.ask("resources/list")?["result"]?["resources"] == [])
        let read = await client.ask("resources/read", ["uri": "interlock:desk:notes://a"])
        #expect(read?["error"]?["code"] == -32002)
    }

    @Test func `that are halted are told so`() async throws {
        let bench = try OfferBench.bench()
        let client = try await Client.open(bench)
        try await bench.halt(.tool(try #require(ToolAddress(dotted: "desk.resource:note"))))
        let read = await client.ask("resources/read", ["uri": "interlock:desk:notes://a"])
        #expect(read?["error"]?["code"] == 4230)
        #expect(bench.upstreams.sent.isEmpty)
    }
}
