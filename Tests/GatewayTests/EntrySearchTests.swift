import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The search of lists before an agent gets them (docs/specs/output-safety.md, section 2).
@Suite(.requirement("R082")) struct EntrySearchTests {
    private static let secret = "canary-value"

    private static func mark(of agent: String = "clerk") -> String {
        let message = Array(NameAuthenticator.run(of: agent).text.utf8) + [0] + Array(secret.utf8)
        let suffix = Hex.encode(OpenSSLHashing().sha256(message).bytes.prefix(4))
        return "[redacted:canary-rule:\(suffix)]"
    }

    /// Counts the searches in which each of these texts was.
    private final class Searches: Sendable {
        private let counts = Mutex<[String: Int]>([:])
        let generation = Atomic<UInt64>(0)
        subscript(text: String) -> Int { counts.withLock { $0[text] ?? 0 } }
        func count(_ texts: [String]) {
            counts.withLock { counts in for text in texts { counts[text, default: 0] += 1 } }
        }
    }

    private func tool(_ name: String, _ change: (inout JSONObject) -> Void) -> JSONValue {
        var tool = Bench.tool(name).object ?? [:]
        change(&tool)
        return .object(tool)
    }

    private func bench(
        _ tools: [JSONValue], _ inspector: StubInspector = .finding(secret)
    ) throws -> Bench {
        try Bench(tools: tools, results: inspector) { $0.resultSearchLimit = .seconds(30) }
    }

    private func list(
        _ client: Client, _ method: String = "tools/list", path: String = "/mcp"
    ) async throws -> [JSONValue] {
        let result = try #require(await client.ask(method, path: path)?["result"]?.object)
        return try #require(result.members.first { $0.value.array != nil }?.value.array)
    }

    private func names(_ entries: [JSONValue]) -> [String] {
        entries.compactMap { $0["name"]?.string }
    }

    private func record(_ bench: Bench) throws -> JSONObject {
        try #require(bench.ledger.drafts(of: .listServed).last).fields
    }

    @Test func `a value in a title or a description is replaced, for each run in its own way`()
        async throws
    {
        let look = tool("look") { tool in
            tool["title"] = .string("t \(Self.secret)")
            tool["description"] = .string("\(Self.secret) d \(Self.secret)")
        }
        let bench = try bench([look])
        for agent in ["clerk", "reader"] {
            let client = try await Client.open(bench, as: agent)
            for _ in 0..<2 {
                let entry = try #require(try await list(client).first)
                let mark = Self.mark(of: agent)
                #expect(entry["title"] == .string("t \(mark)"))
                #expect(entry["description"] == .string("\(mark) d \(mark)"))
                #expect(entry["inputSchema"] == look["inputSchema"])
            }
            let record = try record(bench)
            #expect(record["find"] == ["token": 3] && record["left"] == nil)
            #expect(record["scan"] == .string(OpenSSLHashing().sha256([7]).base64))
        }
        let old = try await Client.open(bench, version: .v2025_03_26)
        let entry = try #require(try await list(old).first)
        #expect(entry["title"] == nil && entry["description"]?.string?.hasPrefix("[red") == true)
    }

    /// Members of a tool with a value that no copy of its text can replace.
    static let elsewhere: [JSONObject] = [
        ["inputSchema": ["type": "object", "properties": ["canary-value": ["type": "string"]]]],
        ["inputSchema": ["type": "object", "description": "canary-value"]],
        ["outputSchema": ["type": "object", "required": ["canary-value"]]],
        ["annotations": ["title": "canary-value"]],
        ["execution": ["canary-value": true]],
        [
            "description": "canary-value",
            "inputSchema": ["type": "object", "title": "canary-value"],
        ],
    ]

    @Test(arguments: EntrySearchTests.elsewhere)
    func `an entry with a value elsewhere is left out`(_ members: JSONObject) async throws {
        let look = tool("look") { tool in
            for (key, value) in members.members { tool[key] = value }
        }
        let bench = try bench([look, Bench.tool("note")])
        let client = try await Client.open(bench)
        #expect(names(try await list(client)) == ["desk__note"])
        let record = try record(bench)
        #expect(record["left"] == 1 && record["tools"] == 1 && record["find"] != nil)
    }

    @Test func `a tool whose name is a value is left out`() async throws {
        let bench = try bench(Bench.tools, .finding("look"))
        let client = try await Client.open(bench)
        #expect(!names(try await list(client)).contains("desk__look"))
        #expect(try record(bench)["left"] == 1)
    }

    @Test func `prompts and their arguments are searched`() async throws {
        let bench = try OfferBench.bench(results: StubInspector.finding(Self.secret))
        var offers = OfferBench.offers()
        let text = JSONValue.string("x \(Self.secret)")
        offers.prompts = [
            [
                "name": "greet", "description": text,
                "arguments": [["name": "a"], ["name": "b", "title": text, "description": text]],
            ]
        ]
        bench.upstreams.set(offers, tools: Bench.tools, generation: 3, of: "desk")
        let client = try await Client.open(bench)
        let shown = try await list(client, "prompts/list")
        let mark = JSONValue.string("x \(Self.mark())")
        #expect(
            shown == [
                [
                    "name": "desk__greet", "description": mark,
                    "arguments": [
                        ["name": "a"], ["name": "b", "title": mark, "description": mark],
                    ],
                ]
            ])
        #expect(try record(bench)["find"] == ["token": 3])
        let other = try OfferBench.bench(results: StubInspector.finding(Self.secret))
        offers.prompts = [["name": "greet", "arguments": [["name": .string(Self.secret)]]]]
        other.upstreams.set(offers, tools: Bench.tools, generation: 3, of: "desk")
        #expect(try await list(Client.open(other), "prompts/list").isEmpty)
    }

    @Test func `resources and templates are searched`() async throws {
        let bench = try OfferBench.bench(results: StubInspector.finding(Self.secret))
        var offers = OfferBench.offers()
        let text = JSONValue.string("x \(Self.secret)")
        offers.resources = [
            ["uri": "notes://a", "name": "a", "title": text, "description": text],
            ["uri": .string("notes://\(Self.secret)"), "name": "b"],
            ["uri": "notes://c", "name": text],
            ["uri": "notes://d", "name": "d", "mimeType": text],
            ["uri": "notes://e", "name": "e", "annotations": ["audience": [text]]],
        ]
        offers.templates = [["uriTemplate": "notes://{id}", "name": "note", "description": text]]
        bench.upstreams.set(offers, tools: Bench.tools, generation: 3, of: "desk")
        let client = try await Client.open(bench)
        let mark = JSONValue.string("x \(Self.mark())")
        let shown = try await list(client, "resources/list")
        #expect(names(shown) == ["a"])
        #expect(shown.first?["title"] == mark && shown.first?["description"] == mark)
        let record = try record(bench)
        #expect(record["left"] == 4 && record["find"] == ["token": 6])
        #expect(try await list(client, "resources/list", path: "/mcp/desk").count == 1)
        #expect(
            try await list(client, "resources/templates/list").map { $0["description"] } == [mark])
    }

    @Test func `an entry is searched once, and again when the values change`() async throws {
        let searches = Searches()
        var inspector = StubInspector.atOnce { texts in
            searches.count(texts)
            return .clean
        }
        inspector.current = { searches.generation.load(ordering: .relaxed) }
        let bench = try bench([tool("look") { $0["description"] = "the entry" }], inspector)
        let client = try await Client.open(bench)
        for _ in 0..<3 { #expect(try await list(client).count == 1) }
        #expect(try await list(Client.open(bench, as: "reader")).count == 1)
        #expect(searches["the entry"] == 1)
        searches.generation.store(1, ordering: .relaxed)
        #expect(try await list(client).count == 1)
        #expect(searches["the entry"] == 2)
    }

    @Test func `an agent hears of a value that was found in what it has listed`() async throws {
        let searches = Searches()
        var inspector = StubInspector.atOnce { texts in
            guard let rule = RuleID("canary-rule"),
                searches.generation.load(ordering: .relaxed) > 0,
                let place = texts.firstIndex(of: Self.secret)
            else { return .clean }
            return .found([
                ResultFinding(
                    rule: rule, secretClass: .brokered, extent: .part(text: place, bytes: 0..<12))
            ])
        }
        inspector.current = { searches.generation.load(ordering: .relaxed) }
        let look = tool("look") { $0["description"] = .string(Self.secret) }
        let bench = try bench([look], inspector)
        let gateway = bench.gateway
        let client = try await Client.open(bench)
        let principal = try NameAuthenticator().identify(
            bearer: "clerk", now: Timestamp(microseconds: 0))
        let view = ListView(principal, for: nil, at: nil, .tools)
        let before = gateway.view(view)
        #expect(try await list(client).first?["description"] == .string(Self.secret))
        #expect(gateway.view(view) == before, "a search without findings is no change")
        searches.generation.store(1, ordering: .relaxed)
        #expect(gateway.view(view) == before, "nor are values that changed")
        #expect(try await list(client).first?["description"] == .string(Self.mark()))
        #expect(gateway.view(view) != before)
    }

    @Test(arguments: ResultInspectionFailure.allCases)
    func `without an answer of the search an entry is left out`(_ failure: ResultInspectionFailure)
        async throws
    {
        let works = Atomic<Bool>(false)
        let bench = try bench(
            [tool("look") { $0["description"] = "bad" }, Bench.tool("note")],
            StubInspector { texts in
                texts.contains("bad") && !works.load(ordering: .relaxed) ? .failed(failure) : .clean
            })
        let client = try await Client.open(bench)
        #expect(names(try await list(client)) == ["desk__note"])
        let record = try record(bench)
        #expect(record["left"] == 1 && record["find"] == nil && record["scan"] == nil)
        works.store(true, ordering: .relaxed)
        // The same entry would be too large again.
        let later = failure == .tooLarge ? ["desk__note"] : ["desk__look", "desk__note"]
        #expect(names(try await list(client)) == later)
    }

    @Test func `an entry whose copy has a finding is left out`() async throws {
        let inspector = StubInspector.atOnce { texts in
            guard let rule = RuleID("canary-rule"),
                let place = texts.firstIndex(where: { $0.contains("[redacted:") || $0 == "v" })
            else { return .clean }
            return .found([
                ResultFinding(
                    rule: rule, secretClass: .token, extent: .part(text: place, bytes: 0..<1))
            ])
        }
        let bench = try bench([tool("look") { $0["description"] = "v" }], inspector)
        #expect(try await list(Client.open(bench)).isEmpty)
        #expect(try record(bench)["left"] == 1)
    }

    @Test func `a schema that keeps a tool from lists is not quoted either`() async throws {
        // The words about it have the beginning of the name alone.
        let name = String(repeating: "n", count: 120) + Self.secret
        let look = tool("look") {
            $0["inputSchema"] = ["type": "object", "required": [.string(name)]]
        }
        let bench = try bench([look])
        let client = try await Client.open(bench)
        #expect(try await list(client).isEmpty)
        let exchange = await client.call("look")
        check(exchange, .refused(4030, "violation"))
        let text = exchange.message?["result"]?["content"]?.array?.first?["text"]?.string ?? ""
        #expect(text.contains("is withheld") && !text.contains("nnn"))
    }

    @Test func `no instructions of a server reach an agent`() async throws {
        let bench = try OfferBench.bench()
        var offers = OfferBench.offers()
        offers.instructions = Self.secret
        bench.upstreams.set(offers, tools: Bench.tools, generation: 3, of: "desk")
        let opened = await Client.sessionless(bench).send(
            "initialize", id: 1,
            [
                "protocolVersion": "2025-11-25", "capabilities": [:],
                "clientInfo": ["name": "test", "version": "1"],
            ])
        let discovered = await ModernClient(bench: bench).send(
            ModernClient(bench: bench).request("server/discover"))
        for exchange in [opened, discovered] {
            let result = try #require(exchange.message?["result"])
            #expect(result["instructions"] == nil)
        }
    }

    @Test func `an entry with a mark is listed as it is, and not counted`() async throws {
        let look = tool("look") { $0["description"] = .string("for \(Self.secret)") }
        let bench = try bench([look], .marking(Self.secret))
        let entry = try #require(try await list(try await Client.open(bench)).first)
        #expect(entry["description"] == .string("for \(Self.secret)"))
        let record = try record(bench)
        #expect(record["find"] == nil && record["left"] == nil)
    }
}
