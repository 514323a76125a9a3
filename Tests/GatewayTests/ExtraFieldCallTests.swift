import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Calls with members that the reviewed input schema does not name (decision 0147).
@Suite(.requirement("R138")) struct ExtraFieldCallTests {
    private static let filter: JSONObject = [
        "type": "object",
        "properties": [
            "n": ["type": "integer"],
            "filter": ["type": "object", "properties": ["state": ["type": "string"]]],
            "labels": ["type": "object"],
        ],
    ]

    private static func tools(_ schema: JSONObject) -> [JSONValue] {
        Bench.tools.filter { $0["name"] != "look" } + [
            ["name": "look", "description": "a tool", "inputSchema": .object(schema)]
        ]
    }

    private static let allowing = [
        ("look: {class: read}", "look: {class: read, allow_extra: true}")
    ]

    @Test(
        arguments: [
            (["filter": ["state": "open", "sql": "drop"]], "/filter/sql"),
            (["labels": ["team": "a"]], "/labels/team"), (["N": 1], "/N"), (["a/b": 1], "/a~1b"),
        ] as [(JSONObject, String)])
    func `the agent reads which member is refused, nothing is sent, and the record says why`(
        arguments: JSONObject, pointer: String
    ) async throws {
        let bench = try Bench(tools: Self.tools(Self.filter))
        let client = try await Client.open(bench)
        let exchange = await client.call("look", arguments)
        check(exchange, .refused(4030, "extra-field"))
        #expect(bench.upstreams.sent.isEmpty && bench.ledger.drafts(of: .callIntent).isEmpty)
        let text = exchange.message?["result"]?["content"]?.array?.first?["text"]?.string ?? ""
        #expect(text.contains("`\(pointer)` is not known to the tool"), "\(text)")
        let record = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(record.fields["code"] == "schema.extra_field")
        #expect(record.fields["rule"] == "schema")
        #expect(record.plaintext("args") == (try JSONValue.object(arguments).canonical()))
    }

    @Test func `what the schema names is sent`() async throws {
        let bench = try Bench(tools: Self.tools(Self.filter))
        let client = try await Client.open(bench)
        let arguments: JSONObject = ["n": 1, "filter": ["state": "open"], "labels": [:]]
        check(await client.call("look", arguments), .text("done"))
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test func `a tool of the policy can admit them, and is validated in all else`() async throws {
        let bench = try Bench(policy: Self.allowing, tools: Self.tools(Self.filter))
        let client = try await Client.open(bench)
        check(await client.call("look", ["labels": ["team": "a"], "other": [1]]), .text("done"))
        check(await client.call("look", ["other": 1, "n": "x"]), .refused(4030, "violation"))
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test(arguments: [true, false])
    func `a call that waits is refused once the policy no longer admits them`(_ isKept: Bool)
        async throws
    {
        let quorum = HeldQuorum()
        let tool = try #require(ToolAddress(wireName: "desk__look"))
        let bench = try Bench(
            policy: Self.allowing, tools: Self.tools(Self.filter), quorum: quorum
        ) { $0.durability = [tool: .witnessed] }
        let client = try await Client.open(bench)
        let call = client.begin("look", ["other": 1])
        #expect(await until { quorum.gate.arrived == 1 })
        try bench.swapUnseen(isKept ? Self.allowing : [])
        quorum.gate.open()
        check(await call.answer(), isKept ? .text("done") : .refused(4030, "extra-field"))
        #expect(bench.upstreams.sent.count == (isKept ? 1 : 0))
        guard !isKept else { return }
        let denied = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denied.fields["code"] == "schema.extra_field")
        #expect(denied.fields["intent"] != nil, "the intent is closed")
    }

    @Test func `a schema that excludes others is kept whatever the policy says`() async throws {
        var closed = Self.filter
        closed["additionalProperties"] = false
        let bench = try Bench(policy: Self.allowing, tools: Self.tools(closed))
        let client = try await Client.open(bench)
        check(await client.call("look", ["other": 1]), .refused(4030, "extra-field"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    /// Each level has four branches, which the search evaluates again: it takes more steps than the validation.
    @Test func `a search that takes too many steps refuses only where others are not admitted`()
        async throws
    {
        let depth = 100
        var definitions = JSONObject()
        for level in 0..<depth {
            let branch: JSONValue = ["$ref": .string("#/$defs/d\(level + 1)")]
            let branches = JSONValue.array(Array(repeating: branch, count: 4))
            definitions["d\(level)"] = ["properties": ["a": ["anyOf": branches]]]
        }
        definitions["d\(depth)"] = ["type": "object"]
        let schema: JSONObject = [
            "type": "object", "properties": ["a": ["$ref": "#/$defs/d0"]],
            "$defs": .object(definitions),
        ]
        var arguments: JSONObject = [:]
        for _ in 0..<depth { arguments = ["a": .object(arguments)] }
        for (policy, expected): ([(String, String)], Expected) in [
            ([], .refused(4030, "violation")), (Self.allowing, .text("done")),
        ] {
            let bench = try Bench(policy: policy, tools: Self.tools(schema))
            let client = try await Client.open(bench)
            check(await client.call("look", arguments), expected)
        }
    }

    @Test func `a tool without parameters takes none`() async throws {
        let bench = try Bench(tools: Self.tools(["type": "object"]))
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        check(await client.call("look", ["n": 1]), .refused(4030, "extra-field"))
    }
}
