import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// `Mcp-Method`, `Mcp-Name` and `Mcp-Param-*` must repeat the body, or the request is refused.
@Suite struct `Routing headers` {
    typealias Request = ModernClient.Request

    static func bench() throws -> Bench {
        let look: JSONValue = [
            "name": "look", "description": "a tool",
            "inputSchema": [
                "type": "object",
                "properties": [
                    "n": ["type": "integer", "x-mcp-header": "Number"],
                    "text": ["type": "string", "x-mcp-header": "Text"],
                    "sure": ["type": "boolean", "x-mcp-header": "Sure"],
                ],
            ],
        ]
        return try Bench(tools: [look, Bench.tool("secret")])
    }

    @Test(
        arguments: [
            ("mcp-protocol-version", nil), ("mcp-protocol-version", "2026-07-29"),
            ("mcp-method", nil), ("mcp-method", "tools/list"), ("mcp-method", "Tools/call"),
            ("mcp-name", nil), ("mcp-name", "desk__note"), ("mcp-name", "=?base64?!?="),
            ("mcp-name", "=?base64?ZGVza19fbG9vaz==?="),
        ] as [(String, String?)])
    func `a header that is not the body's`(name: String, value: String?) async throws {
        let bench = try Self.bench()
        let client = ModernClient(bench: bench)
        var request = client.call("look")
        request.header(name, value)
        check(await client.send(request), .error(-32020, status: 400), "\(name)")
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test(arguments: ["mcp-protocol-version", "mcp-method", "mcp-name", "mcp-param-text"])
    func `a header that stands twice`(name: String) async throws {
        let bench = try Self.bench()
        let client = ModernClient(bench: bench)
        var request = client.call("look", ["text": "a"])
        request.header("mcp-param-text", "a")
        check(await client.send(request), .text("done"))
        let value = try #require(request.headers.first { $0.0 == name })
        request.headers.append(value)
        check(await client.send(request), .error(-32020, status: 400))
    }

    @Test(arguments: ["=?base64?ZGVza19fbG9vaw==?=", "desk__look"])
    func `a name in either form`(value: String) async throws {
        let client = ModernClient(bench: try Self.bench())
        var request = client.call("look")
        request.header("mcp-name", value)
        check(await client.send(request), .text("done"))
    }

    @Test func `a name where the method has none`() async throws {
        let client = ModernClient(bench: try Self.bench())
        var request = client.request("tools/list")
        request.header("mcp-name", "x")
        check(await client.send(request), .error(-32020, status: 400))
    }

    @Test(
        arguments: [
            (["n": 42], ["mcp-param-number": "42"], true),
            (["n": 42], ["mcp-param-number": "42.0"], true),
            (["n": 42], ["mcp-param-number": "43"], false),
            (["n": 42], ["mcp-param-number": "4.2e1"], false),
            (["n": 42], ["mcp-param-number": "=?base64?NDI=?="], true),
            (["n": 42], [:], false),
            ([:], ["mcp-param-number": "42"], false),
            (["n": .null], [:], true),
            (["text": "a b"], ["mcp-param-text": "a b"], true),
            (["text": "hällo"], ["mcp-param-text": "=?base64?aMOkbGxv?="], true),
            (["text": "hällo"], ["mcp-param-text": "=?base64?aMOkbGxv"], false),
            (["text": "42"], ["mcp-param-text": "42.0"], false),
            (["sure": true], ["mcp-param-sure": "true"], true),
            (["sure": true], ["mcp-param-sure": "True"], false),
            ([:], ["mcp-param-undeclared": "1"], true),
        ] as [(JSONObject, [String: String], Bool)])
    func `headers of arguments`(
        arguments: JSONObject, headers: [String: String], isSound: Bool
    ) async throws {
        let client = ModernClient(bench: try Self.bench())
        var request = client.call("look", arguments)
        for (name, value) in headers { request.header(name, value) }
        let exchange = await client.send(request)
        check(exchange, isSound ? .text("done") : .error(-32020, status: 400))
    }

    @Test func `a hidden tool's headers are not looked at`() async throws {
        let client = ModernClient(bench: try Self.bench())
        var request = client.call("secret", ["n": 1])
        request.header("mcp-param-number", "2")
        check(await client.send(request), .error(-32602, status: 400))
    }
}
