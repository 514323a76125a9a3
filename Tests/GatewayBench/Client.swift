import InterlockApprovals
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGovernor

/// One MCP client of a bench: an agent's credential and its session.
final class Client: Sendable {
    let bench: Bench
    let bearer: String?
    let session: String?
    let version: ProtocolVersion
    private let listener: Listener
    private let ids = Atomic<Int>(100)

    private init(
        _ bench: Bench, _ bearer: String?, _ session: String?, _ version: ProtocolVersion,
        listener: Listener = .agents
    ) {
        self.listener = listener
        self.bench = bench
        self.bearer = bearer
        self.session = session
        self.version = version
    }

    /// Opens a session.
    static func open(
        _ bench: Bench, as bearer: String = "clerk", version: ProtocolVersion = .newest,
        capabilities: JSONObject = [:], listener: Listener = .agents,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Client {
        let stranger = Client(bench, bearer, nil, version, listener: listener)
        let exchange = await stranger.send(
            "initialize", id: 1,
            [
                "protocolVersion": .string(version.rawValue), "capabilities": .object(capabilities),
                "clientInfo": ["name": "test", "version": "1"],
            ])
        let session = exchange.now.response?.headers.first { $0.name == "mcp-session-id" }?.value
        let opened: String = try #require(
            session, "\(String(describing: exchange.now.response))", sourceLocation: sourceLocation)
        return Client(bench, bearer, opened, version, listener: listener)
    }

    /// A client without a session.
    static func sessionless(_ bench: Bench, as bearer: String? = "clerk") -> Client {
        Client(bench, bearer, nil, .newest)
    }

    /// The same session with another credential.
    func with(bearer: String) -> Client {
        Client(bench, bearer, session, version, listener: listener)
    }

    func nextID() -> Int64 { Int64(ids.wrappingAdd(1, ordering: .relaxed).newValue) }

    func head(
        _ method: String = "POST", path: String = "/mcp", session: String? = nil
    ) -> RequestHead {
        var headers = [
            ("host", "localhost:7400"), ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ]
        if let bearer { headers.append(("authorization", "Bearer " + bearer)) }
        if let session = session ?? self.session { headers.append(("mcp-session-id", session)) }
        return RequestHead(
            listener: listener, method: method, path: path, query: nil,
            headers: headers.map { (name: $0.0, value: $0.1) }, contentLength: nil)
    }

    /// Sends one body and returns once it is answered.
    @discardableResult
    func post(
        _ body: JSONValue, _ exchange: FakeExchange = FakeExchange(), path: String = "/mcp"
    ) async -> FakeExchange {
        await bench.pipeline.run(head(path: path), body: body.serialized(), exchange)
        return exchange
    }

    @discardableResult
    func send(
        _ method: String, id: Int64?, _ params: JSONObject,
        _ exchange: FakeExchange = FakeExchange(), path: String = "/mcp"
    ) async -> FakeExchange {
        await post(Self.message(method, id: id, params), exchange, path: path)
    }

    static func message(_ method: String, id: Int64?, _ params: JSONObject) -> JSONValue {
        var message: JSONObject = [
            "jsonrpc": "2.0", "method": .string(method), "params": .object(params),
        ]
        message["id"] = id.map(JSONValue.integer)
        return .object(message)
    }

    static func params(
        _ tool: String, _ arguments: JSONObject, token: JSONValue? = nil
    ) -> JSONObject {
        var params: JSONObject = [
            "name": .string("desk__" + tool), "arguments": .object(arguments),
        ]
        if let token { params["_meta"] = ["progressToken": token] }
        return params
    }

    /// Calls a tool of server `desk`.
    @discardableResult
    func call(
        _ tool: String, _ arguments: JSONObject = [:], id: Int64? = nil, token: JSONValue? = nil,
        _ exchange: FakeExchange = FakeExchange()
    ) async -> FakeExchange {
        await send(
            "tools/call", id: id ?? nextID(), Self.params(tool, arguments, token: token), exchange)
    }

    /// Starts a call of a tool and returns before it is answered.
    func begin(
        _ tool: String, _ arguments: JSONObject = [:], id: Int64? = nil, token: JSONValue? = nil
    ) -> Call {
        let exchange = FakeExchange()
        let id = id ?? nextID()
        let task = Task { await call(tool, arguments, id: id, token: token, exchange) }
        return Call(id: id, exchange: exchange, task: task)
    }

    /// A call in progress.
    struct Call: Sendable {
        let id: Int64
        let exchange: FakeExchange
        let task: Task<FakeExchange, Never>
        func answer() async -> FakeExchange { await task.value }
    }

    func tools() async -> [String] {
        let exchange = await send("tools/list", id: nextID(), [:])
        let tools = exchange.message?["result"]?["tools"]?.array ?? []
        return tools.compactMap { $0["name"]?.string }
    }
}
