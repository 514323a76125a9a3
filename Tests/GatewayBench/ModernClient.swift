import InterlockJSON
import InterlockMCP
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor

/// A client of the modern era: it has no session, and each request is self-contained.
struct ModernClient: Sendable {
    let bench: Bench
    var bearer: String? = "clerk"
    var capabilities: JSONObject = [:]

    /// A valid request of `method`, into which a test inserts its faults.
    func request(_ method: String, _ params: JSONObject = [:], id: Int64 = 7) -> Request {
        var params = params
        var meta = params["_meta"]?.object ?? JSONObject()
        meta["io.modelcontextprotocol/protocolVersion"] = "2026-07-28"
        meta["io.modelcontextprotocol/clientInfo"] = ["name": "test", "version": "1"]
        meta["io.modelcontextprotocol/clientCapabilities"] = .object(capabilities)
        params["_meta"] = .object(meta)
        var headers = [
            ("host", "localhost:7400"), ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", "2026-07-28"), ("mcp-method", method),
        ]
        if let bearer { headers.append(("authorization", "Bearer " + bearer)) }
        if let name = RoutingHeaders.name(of: method, params) {
            headers.append(("mcp-name", HeaderText.encode(name)))
        }
        return Request(headers: headers, method: method, params: params, id: id)
    }

    func call(
        _ tool: String, _ arguments: JSONObject = [:], token: JSONValue? = nil, id: Int64 = 7
    ) -> Request {
        request("tools/call", Client.params(tool, arguments, token: token), id: id)
    }

    @discardableResult
    func send(
        _ request: Request, _ exchange: FakeExchange = FakeExchange()
    ) async -> FakeExchange {
        await bench.pipeline.run(request.head, body: request.body, exchange)
        return exchange
    }

    struct Request: Sendable {
        var headers: [(String, String)]
        var verb = "POST"
        var path = "/mcp"
        var method: String
        var params: JSONObject
        var id: Int64?
        var jsonrpc = "2.0"
        var isMalformed = false
        var isResponse = false

        var head: RequestHead {
            RequestHead(
                listener: .agents, method: verb, path: path, query: nil,
                headers: headers.map { (name: $0.0, value: $0.1) }, contentLength: nil)
        }

        var body: [UInt8] {
            var message: JSONObject = ["jsonrpc": .string(jsonrpc)]
            message["id"] = id.map(JSONValue.integer)
            if isResponse {
                message["result"] = [:]
            } else {
                message["method"] = .string(method)
                message["params"] = .object(params)
            }
            return message.serialized() + (isMalformed ? [UInt8(ascii: "}")] : [])
        }

        mutating func header(_ name: String, _ value: String?) {
            headers.removeAll { $0.0 == name }
            if let value { headers.append((name, value)) }
        }

        mutating func meta(_ key: String, _ value: JSONValue?) {
            var meta = params["_meta"]?.object ?? JSONObject()
            meta["io.modelcontextprotocol/" + key] = value
            params["_meta"] = .object(meta)
        }
    }
}
