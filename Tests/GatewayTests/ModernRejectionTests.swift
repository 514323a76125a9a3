import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The response to a modern request with two faults reports the one that comes first in docs/specs/mcp.md, section 10.
@Suite struct `Order of rejection in the modern era` {
    typealias Request = ModernClient.Request

    struct Fault: Sendable {
        let name: String
        let answer: Expected
        let apply: @Sendable (inout Request) -> Void

        init(
            _ name: String, _ answer: Expected, _ apply: @escaping @Sendable (inout Request) -> Void
        ) {
            self.name = name
            self.answer = answer
            self.apply = apply
        }
    }

    /// The faults in their order. A later fault never masks an earlier one.
    static let faults: [Fault] = [
        Fault("path", .http(404)) { $0.path = "/other" },
        Fault("host", .http(421)) { $0.header("host", "evil.example") },
        Fault("origin", .http(403)) { $0.header("origin", "https://evil.example") },
        Fault("credential", .http(401)) { $0.header("authorization", nil) },
        Fault("content type", .error(-32600, status: 415)) {
            $0.header("content-type", "text/plain")
        },
        Fault("accept", .error(-32600, status: 406)) { $0.header("accept", "text/html") },
        Fault("JSON", .error(-32700, status: 400)) { $0.isMalformed = true },
        Fault("envelope", .error(-32600, status: 400)) { $0.jsonrpc = "1.0" },
        Fault("no capabilities", .error(-32602, status: 400)) {
            $0.meta("clientCapabilities", nil)
        },
        Fault("method header", .error(-32020, status: 400)) {
            $0.header("mcp-method", "tools/list")
        },
        Fault("version", .error(-32022, status: 400)) { request in
            request.header("mcp-protocol-version", "2031-01-01")
            request.meta("protocolVersion", "2031-01-01")
        },
        Fault("method", .error(-32601, status: 404)) { request in
            request.method = "tools/guess"
            request.header("mcp-method", "tools/guess")
            request.header("mcp-name", nil)
        },
        Fault("params", .error(-32602, status: 400)) { $0.params["arguments"] = [1] },
    ]

    @Test(arguments: faults.indices)
    func `the earlier of two faults answers`(first: Int) async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        let fault = Self.faults[first]
        var alone = client.call("look")
        fault.apply(&alone)
        check(await client.send(alone), fault.answer, "\(fault.name) alone")
        for later in Self.faults[(first + 1)...] {
            var request = client.call("look")
            // The later fault is applied first, because one fault may overwrite part of the other.
            later.apply(&request)
            fault.apply(&request)
            check(
                await client.send(request), fault.answer, "\(fault.name) before \(later.name)")
        }
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test(
        arguments: [
            ("protocolVersion", nil), ("protocolVersion", 7), ("clientCapabilities", nil),
            ("clientCapabilities", []), ("clientInfo", "x"), ("clientInfo", ["name": "x"]),
            ("logLevel", "loud"), ("logLevel", 1),
        ] as [(String, JSONValue?)])
    func `what _meta must say`(key: String, value: JSONValue?) async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        var request = client.call("look")
        request.meta(key, value)
        check(await client.send(request), .error(-32602, status: 400), "\(key)")
    }

    @Test func `the version alone names the era, in head or body`() async throws {
        let bench = try Bench()
        let client = ModernClient(bench: bench)
        var headOnly = client.call("look")
        headOnly.params["_meta"] = nil
        check(await client.send(headOnly), .error(-32602, status: 400))
        var bodyOnly = client.call("look")
        bodyOnly.header("mcp-protocol-version", nil)
        check(await client.send(bodyOnly), .error(-32020, status: 400))
        var old = client.call("look")
        old.header("mcp-protocol-version", "2025-11-25")
        old.meta("protocolVersion", "2025-11-25")
        let refused = await client.send(old)
        check(refused, .error(-32022, status: 400))
        #expect(
            refused.message?["error"]?["data"]
                == ["supported": ["2026-07-28"], "requested": "2025-11-25"])
        var noClient = client.call("look")
        noClient.meta("clientInfo", nil)
        check(await client.send(noClient), .text("done"))
    }
}
