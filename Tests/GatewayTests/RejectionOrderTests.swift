import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The response to a request with two faults reports the one that the earlier stage finds (docs/specs/mcp.md, section
/// 6).
@Suite struct `Order of rejection` {
    /// A valid call into which faults are inserted.
    struct Probe {
        var method = "POST"
        var path = "/mcp"
        var headers: [String: String?]
        var contentLength: Int?
        var tool = "look"
        var arguments: JSONObject = [:]
        var params: JSONObject = [:]
        var jsonrpc = "2.0"
        var rpcMethod = "tools/call"
        var isMalformed = false

        init(session: String) {
            headers = [
                "host": "localhost", "content-type": "application/json",
                "accept": "application/json, text/event-stream", "authorization": "Bearer clerk",
                "mcp-session-id": session,
            ]
        }

        var head: RequestHead {
            RequestHead(
                listener: .agents, method: method, path: path, query: nil,
                headers: headers.compactMap { name, value in value.map { (name, $0) } },
                contentLength: contentLength)
        }

        var body: [UInt8] {
            var params = params
            params["name"] = .string("desk__" + tool)
            params["arguments"] = .object(arguments)
            let message: JSONValue = [
                "jsonrpc": .string(jsonrpc), "id": 7, "method": .string(rpcMethod),
                "params": .object(params),
            ]
            return message.serialized() + (isMalformed ? [UInt8(ascii: "}")] : [])
        }
    }

    struct Fault: Sendable {
        let name: String
        let answer: Expected
        let apply: @Sendable (inout Probe, Bench) async throws -> Void

        init(
            _ name: String, _ answer: Expected,
            _ apply: @escaping @Sendable (inout Probe, Bench) async throws -> Void
        ) {
            self.name = name
            self.answer = answer
            self.apply = apply
        }
    }

    /// The faults in the order of the stages.
    static let faults: [Fault] = [
        Fault("path", .http(404)) { probe, _ in probe.path = "/other" },
        Fault("host", .http(421)) { probe, _ in probe.headers["host"] = "evil.example" },
        Fault("origin", .http(403)) { probe, _ in
            probe.headers["origin"] = "https://evil.example"
        },
        Fault("method", .http(405)) { probe, _ in probe.method = "PUT" },
        Fault("size", .http(413)) { probe, _ in probe.contentLength = 5 << 20 },
        Fault("content encoding", .http(415)) { probe, _ in
            probe.headers["content-encoding"] = "gzip"
            probe.contentLength = probe.contentLength ?? 300
        },
        Fault("credential", .http(401)) { probe, _ in probe.headers["authorization"] = .some(nil) },
        Fault("halted caller", .error(4230)) { _, bench in
            _ = try await bench.halt(.agent(try #require(AgentName("clerk"))))
        },
        Fault("content type", .error(-32600, status: 415)) { probe, _ in
            probe.headers["content-type"] = "text/plain"
        },
        Fault("accept", .error(-32600, status: 406)) { probe, _ in
            probe.headers["accept"] = "text/html"
        },
        Fault("JSON", .error(-32700, status: 400)) { probe, _ in probe.isMalformed = true },
        Fault("session", .error(-32600, status: 404)) { probe, _ in
            probe.headers["mcp-session-id"] = "unknown"
        },
        Fault("version", .error(-32600, status: 400)) { probe, _ in
            probe.headers["mcp-protocol-version"] = "2020-01-01"
        },
        Fault("envelope", .error(-32600, status: 400)) { probe, _ in probe.jsonrpc = "1.0" },
        Fault("RPC method", .error(-32601)) { probe, _ in probe.rpcMethod = "tools/guess" },
        Fault("tool", .error(-32602)) { probe, _ in probe.tool = "unheard" },
        Fault("halted server", .refused(4230, "halted")) { _, bench in
            _ = try await bench.halt(.server(try #require(ServerName("desk"))))
        },
        Fault("arguments", .refused(4030, "violation")) { probe, _ in
            probe.arguments = ["n": "three"]
        },
        Fault("policy", .refused(4030, "guard-false")) { probe, _ in
            if probe.tool != "unheard" { probe.tool = "audit" }
        },
        Fault("ledger", .refused(4030, "full")) { _, bench in bench.ledger.refuse(.callIntent) },
        Fault("store of approvals", .refused(4030, "store-unavailable")) { probe, bench in
            if probe.tool == "look" { probe.tool = "note" }
            bench.store.fail(.write(.ask))
        },
    ]

    static func answer(to faults: [Fault]) async throws -> FakeExchange {
        let bench = try Bench()
        let client = try await Client.open(bench)
        var probe = Probe(session: try #require(client.session))
        for fault in faults { try await fault.apply(&probe, bench) }
        let exchange = FakeExchange()
        await bench.pipeline.run(probe.head, body: probe.body, exchange)
        #expect(bench.upstreams.sent.isEmpty)
        return exchange
    }

    @Test func `a call without fault passes`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let probe = Probe(session: try #require(client.session))
        let exchange = FakeExchange()
        await bench.pipeline.run(probe.head, body: probe.body, exchange)
        check(exchange, .text("done"))
    }

    @Test(arguments: faults.indices)
    func `the earlier of two faults answers`(first: Int) async throws {
        let fault = Self.faults[first]
        check(try await Self.answer(to: [fault]), fault.answer, "\(fault.name) alone")
        for later in Self.faults[(first + 1)...] {
            check(
                try await Self.answer(to: [fault, later]), fault.answer,
                "\(fault.name) before \(later.name)")
        }
    }

    @Test(arguments: [
        ("identity", 300, false), ("Identity", 300, false), ("gzip", 0, false), ("gzip", 300, true),
        ("br", 300, true), ("identity, gzip", 300, true), ("", 300, true),
    ])
    func `a body has no coding but identity`(coding: String, length: Int, isRefused: Bool) throws {
        let bench = try Bench()
        for chunked in [false, true] where length > 0 || !chunked {
            var probe = Probe(session: "any")
            probe.headers["content-encoding"] = coding
            probe.contentLength = chunked ? nil : length
            if chunked { probe.headers["transfer-encoding"] = "chunked" }
            var status: Int?
            if case .refuse(let response) = bench.pipeline.judge(probe.head) {
                status = response.status
            }
            #expect(status == (isRefused ? 415 : nil))
        }
    }

    @Test func `the head is judged as the whole request is, without its body`() async throws {
        for fault in Self.faults.prefix(7) {
            let bench = try Bench()
            var probe = Probe(session: "any")
            try await fault.apply(&probe, bench)
            guard case .refuse(let response) = bench.pipeline.judge(probe.head) else {
                Issue.record("\(fault.name) is found in the head alone")
                continue
            }
            #expect(.http(response.status) == fault.answer)
        }
    }
}
