import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockPolicy

/// Results with an output schema under filters of fields: what agents get, and the schema that their lists publish.
@Suite(.requirement("R024")) struct FilteredOutputTests {
    private static let schema: JSONObject = [
        "type": "object",
        "properties": [
            "total": ["type": "integer"], "iban": ["type": "string"], "card": ["type": "integer"],
        ],
        "required": ["total", "iban", "card"], "additionalProperties": false,
    ]

    /// - Parameter data: the obligations of the agent on `report`; empty for none.
    private static func bench(
        _ data: String, _ schema: JSONObject = FilteredOutputTests.schema,
        results: StubInspector = .clean
    ) throws -> Bench {
        let scopes = "mcp_scopes: {desk: [look, report,"
        let change = (scopes, "data: {desk.report: {\(data)}}\n    \(scopes)")
        let others = Bench.tools.filter { $0["name"] != "report" }
        return try Bench(
            policy: data.isEmpty ? [] : [change],
            tools: others + [Bench.tool("report", output: schema)], results: results)
    }

    private static let invoice: JSONValue = ["total": 3, "iban": "PT50", "card": 4111]

    private func published(_ client: Client) async throws -> JSONValue? {
        let exchange = await client.send("tools/list", id: client.nextID(), [:])
        let tools = try #require(exchange.message?["result"]?["tools"]?.array)
        return try #require(tools.first { $0["name"] == "desk__report" })["outputSchema"]
    }

    private func call(
        _ bench: Bench, _ text: String, _ structured: JSONValue
    ) async throws -> FakeExchange {
        bench.upstreams.answer { _ in .text(text, ["structuredContent": structured]) }
        return await (try Client.open(bench)).call("report")
    }

    @Test func `the list publishes the schema of what the agent gets`() async throws {
        let bench = try Self.bench("drop: [iban], mask: {card: last4}")
        let client = try await Client.open(bench)
        let schema = try #require(try await published(client))
        #expect(schema["properties"]?["iban"] == nil)
        #expect(schema["properties"]?["card"] == ["type": "string"])
        #expect(schema["required"] == ["total", "card"])
        let text = String(decoding: Self.invoice.serialized(), as: UTF8.self)
        let exchange = try await call(bench, text, Self.invoice)
        let content = try #require(exchange.message?["result"]?["structuredContent"])
        #expect(content == ["total": 3, "card": "[redacted]"])
        let compiled = try CompiledSchema(schema, patterns: testEngines.patterns)
        #expect(compiled.validate(content) == nil)
        let block = exchange.message?["result"]?["content"]?.array?.first?["text"]?.string
        #expect(try JSONValue(parsing: Array((block ?? "").utf8), limits: .upstream) == content)
    }

    @Test func `without a filter the list publishes the reviewed schema`() async throws {
        for data in ["", "max_bytes: 1KiB"] {
            let client = try await Client.open(try Self.bench(data))
            #expect(try await published(client) == .object(Self.schema))
        }
    }

    @Test func `a cursor of one filter is not one of another`() async throws {
        func generation(_ data: String) throws -> UInt64 {
            let bench = try Self.bench(data)
            return bench.gateway.offered(
                .tools, to: try #require(AgentName("clerk")), within: nil, for: nil, at: nil
            ).generation
        }
        #expect(try generation("drop: [iban]") != generation("drop: [card]"))
        #expect(try generation("drop: [iban]") != generation(""))
        #expect(try generation("max_bytes: 1KiB") == generation(""))
    }

    @Test(arguments: [
        #"{"card": 4111, "total": 3, "iban": "PT50"}"#, "the iban is PT50",
        #"{"nested":{"iban":"PT50"}}"#, #"{"total":3,"iban":"PT51","card":4111}"#, #""PT50""#, "",
    ])
    func `a text that repeats the tree is written again, and any other is dropped`(
        text: String
    ) async throws {
        let bench = try Self.bench("drop: [iban, card]")
        let exchange = try await call(bench, text, Self.invoice)
        check(exchange, .text(#"{"total":3}"#))
        let whole = String(
            decoding: (exchange.message ?? .null).serialized(), as: UTF8.self)
        #expect(!whole.contains("PT5") && !whole.contains("nested"))
        #expect(exchange.message?["result"]?["content"]?.array?.count == 1)
    }

    @Test func `several texts are each written again or dropped`() async throws {
        let bench = try Self.bench("keep: [total]")
        let text = String(decoding: Self.invoice.serialized(), as: UTF8.self)
        bench.upstreams.answer { _ in
            let content: JSONValue = [
                ["type": "text", "text": "PT50"], ["type": "text", "text": .string(text)],
                ["type": "text", "text": .string(text)],
            ]
            let result: JSONObject = ["content": content, "structuredContent": Self.invoice]
            return .result(result, bytes: result.serialized())
        }
        let exchange = await (try Client.open(bench)).call("report")
        let content = try #require(exchange.message?["result"]?["content"]?.array)
        #expect(content.map { $0["text"] } == [#"{"total":3}"#, #"{"total":3}"#])
    }

    @Test func `an image beside structured content cannot be filtered, so nothing is given`()
        async throws
    {
        let bench = try Self.bench("drop: [iban]")
        bench.upstreams.answer { _ in
            let image: JSONValue = ["type": "image", "data": "aGk=", "mimeType": "image/png"]
            let result: JSONObject = ["content": [image], "structuredContent": Self.invoice]
            return .result(result, bytes: result.serialized())
        }
        check(await (try Client.open(bench)).call("report"), .refused(5020, "obligation"))
    }

    @Test func `a key that differs by case is not given instead`() async throws {
        var open = Self.schema
        open["additionalProperties"] = true
        let bench = try Self.bench("drop: [iban]", open)
        let exchange = try await call(
            bench, "{}",
            ["total": 3, "iban": "PT50", "card": 1, "IBAN": "PT50", "i\u{200b}ban": "PT50"])
        #expect(exchange.message?["result"]?["structuredContent"] == ["total": 3, "card": 1])
    }

    @Test func `what came must fit the reviewed schema before any filter`() async throws {
        let bench = try Self.bench("drop: [iban]")
        // Only the dropped field is wrong.
        let exchange = try await call(bench, "{}", ["total": 3, "iban": 5, "card": 1])
        check(exchange, .refused(5020, "schema-mismatch"))
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(outcome.fields["st"] == "withheld" && outcome.fields["code"] == "schema.output")
    }

    @Test func `a replacement that breaks the filtered schema withholds the result`() async throws {
        // The reviewed schema permits two values of `total`, and a replaced text is none of them.
        let schema: JSONObject = [
            "type": "object",
            "properties": [
                "total": ["enum": ["secret-total", "other"]], "iban": ["type": "string"],
            ],
            "required": ["total", "iban"],
        ]
        let bench = try Self.bench("drop: [iban]", schema, results: .finding("secret-total"))
        let exchange = try await call(bench, "{}", ["total": "secret-total", "iban": "PT50"])
        check(exchange, .refused(5020, "result-withheld"))
    }

    @Test func `a schema that cannot be filtered is not published, and nothing is required`()
        async throws
    {
        let schema: JSONObject = [
            "type": "object",
            "properties": [
                "total": ["type": "integer"], "iban": ["type": "string"], "next": ["$ref": "#"],
            ],
            "required": ["iban"],
        ]
        let bench = try Self.bench("drop: [iban]", schema)
        let client = try await Client.open(bench)
        #expect(try await published(client) == nil)
        let exchange = try await call(bench, "{}", ["total": 3, "iban": "PT50"])
        #expect(exchange.message?["result"]?["structuredContent"] == ["total": 3])
    }

    /// Each reference to the part with the field is written out, which makes more subschemas than a schema may have.
    @Test func `a filtered schema that cannot be used is not published, and nothing is required`()
        async throws
    {
        var properties: JSONObject = ["iban": ["type": "string"]]
        for number in 0..<50 { properties["f\(number)"] = ["type": "integer"] }
        let part: JSONValue = ["$ref": "#/$defs/part"]
        let schema: JSONObject = [
            "type": "object", "allOf": .array(Array(repeating: part, count: 50)),
            // A larger schema may have more copies.
            "description": .string(String(repeating: "x", count: 20_000)),
            "$defs": ["part": ["properties": .object(properties)]],
        ]
        let data = DataObligations(drop: [FieldPath("iban")])
        let filtered = try #require(data.filtered(schema: schema))
        #expect(throws: SchemaError.tooManySubschemas) {
            try CompiledSchema(.object(filtered), patterns: testEngines.patterns)
        }
        let bench = try Self.bench("drop: [iban]", schema)
        let client = try await Client.open(bench)
        #expect(try await published(client) == nil)
        let exchange = try await call(bench, "{}", ["f1": 3, "iban": "PT50"])
        #expect(exchange.message?["result"]?["structuredContent"] == ["f1": 3])
    }

    @Test func `obligations that filter the same have one schema`() throws {
        let outputs = FilteredOutputs(of: Self.schema, testEngines.patterns)
        let drop = [FieldPath("iban")]
        let schema = try #require(outputs.schema(under: DataObligations(drop: drop)))
        #expect(schema["properties"]?["iban"] == nil)
        #expect(outputs.schema(under: DataObligations(drop: drop, maxBytes: 5)) == schema)
        #expect(outputs.schema(under: DataObligations(drop: [FieldPath("card")])) != schema)
    }

    /// Random schemas, values that satisfy them, and filters.
    @Test func `a filtered result satisfies the filtered schema`() throws {
        var random = SeededGenerator.announced()
        var satisfied = 0
        for _ in 0..<3_000 {
            let schema = RandomSchema.object(depth: 3, &random)
            let value = RandomSchema.value(of: schema, &random)
            let compiled = try CompiledSchema(schema, patterns: testEngines.patterns)
            guard compiled.validate(value) == nil else { continue }
            let data = RandomSchema.filter(&random)
            guard data.changesResults,
                let filtered = data.filtered(schema: try #require(schema.object))
            else { continue }
            let left = try data.apply(to: value)
            let violation = try CompiledSchema(.object(filtered), patterns: testEngines.patterns)
                .validate(left)
            let parts = [schema, value, .object(data.json), .object(filtered)]
            #expect(violation == nil, "\(parts.map(text).joined(separator: " "))")
            satisfied += 1
        }
        #expect(satisfied > 500, "few of the random values satisfy their schemas")
    }

    private func text(_ value: JSONValue) -> String {
        String(decoding: value.serialized(), as: UTF8.self)
    }
}

/// Random schemas of few names, values for them, and filters.
private enum RandomSchema {
    static let names = ["a", "b", "A", "c"]

    static func object(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        var schema: JSONObject = ["type": "object"]
        var properties = JSONObject()
        var required: [JSONValue] = []
        for name in names {
            guard Bool.random(using: &random) else { continue }
            properties[name] = anything(depth: depth - 1, &random)
            if Bool.random(using: &random) { required.append(.string(name)) }
        }
        schema["properties"] = .object(properties)
        if Bool.random(using: &random) { schema["required"] = .array(required) }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: schema["additionalProperties"] = false
        case 1: schema["additionalProperties"] = ["type": "integer"]
        case 2: schema["minProperties"] = 1
        case 3: schema["unevaluatedProperties"] = false
        default: break
        }
        guard depth > 1, Int.random(in: 0..<4, using: &random) == 0 else { return .object(schema) }
        let key = ["allOf", "anyOf", "oneOf"].randomElement(using: &random) ?? "allOf"
        schema[key] = [object(depth: 1, &random), object(depth: 1, &random)]
        return .object(schema)
    }

    static func anything(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        guard depth > 0 else { return ["type": "integer"] }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return object(depth: depth, &random)
        case 1:
            let item = anything(depth: depth - 1, &random)
            return ["type": "array", "items": item, "minItems": 1]
        case 2: return ["type": ["string", "null"]]
        case 3: return ["anyOf": [["type": "null"], object(depth: depth, &random)]]
        case 4: return true
        default: return ["type": "integer", "minimum": 0]
        }
    }

    /// A value that mostly satisfies the schema.
    static func value(of schema: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        if let branch = schema["anyOf"]?.array?.last, schema["type"] == nil {
            return Bool.random(using: &random) ? .null : value(of: branch, &random)
        }
        switch schema["type"]?.string {
        case "object":
            var object = JSONObject()
            for (name, property) in schema["properties"]?.object?.members ?? [] {
                object[name] = value(of: property, &random)
            }
            if Int.random(in: 0..<4, using: &random) == 0, object["c"] == nil { object["c"] = 7 }
            return .object(object)
        case "array":
            let item = schema["items"] ?? true
            let count = Int.random(in: 1...2, using: &random)
            return .array((0..<count).map { _ in value(of: item, &random) })
        case "integer": return 5
        default: return Bool.random(using: &random) ? "t" : .null
        }
    }

    static func filter(_ random: inout SeededGenerator) -> DataObligations {
        let keep = Int.random(in: 0..<3, using: &random) == 0 ? paths(&random) : nil
        let drop = paths(&random)
        let mask = paths(&random).map { ($0, MaskMethod.redact) }
        return DataObligations(
            keep: keep, drop: drop, mask: Dictionary(mask, uniquingKeysWith: { first, _ in first }))
    }

    private static func paths(_ random: inout SeededGenerator) -> [FieldPath] {
        var paths: [FieldPath] = []
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            var parts: [String] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                parts.append(names.randomElement(using: &random) ?? "a")
            }
            paths.append(FieldPath(parts.joined(separator: ".")))
        }
        return paths
    }
}
