import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockTransport
import Synchronization
import Testing

/// An MCP server over Streamable HTTP that stores the requests it receives and responds as a test wants.
final class FakeUpstream: Sendable {
    struct Request: Sendable {
        let head: RequestHead
        let message: JSONValue
        var method: String { message["method"]?.string ?? head.method }
        var id: Int64? { message["id"]?.integer }
    }

    let requests = Mutex<[Request]>([])
    /// The number of times that it refuses `logging/setLevel`.
    let refusedLevels = Mutex(0)
    /// The response to `resources/subscribe` and `resources/unsubscribe`.
    enum Subscribing: Equatable {
        case granted, slow, silent
        case refused(Int64)
        /// Fails this many times with `status`, then grants.
        case failing(Int, status: Int)
    }
    let subscribing = Mutex(Subscribing.granted)
    let sessions = Atomic<Int>(0)
    /// If true, sessions with a credential get no list of tools.
    let hidesTools = Mutex(false)
    let tools = Mutex<[JSONValue]>(
        ["echo", "other", "third"].map { ["name": .string($0), "inputSchema": ["type": "object"]] })
    /// The result of `resources/templates/list`.
    let templates = Mutex<JSONValue>(["resourceTemplates": []])
    /// Responds to `tools/call`; by default it echoes the arguments.
    let onCall: @Sendable (Request, any Exchange) async -> Void
    /// Responds to `server/discover`; by default like a legacy server that requires a session.
    let onDiscover: @Sendable (Request) -> HTTPResponse
    /// Responds to `initialize`; if nil, performs the handshake of a legacy server.
    let onInitialize: (@Sendable (Request) -> HTTPResponse)?
    /// Receives the responses to its own requests.
    let onAnswer: @Sendable (JSONValue) -> Void
    /// Runs when a call is cancelled, before the cancellation is acknowledged.
    let onCancelled: @Sendable () async -> Void
    /// Serves the stream of change notifications; by default it is not supported.
    let onListen: @Sendable (Request, any Exchange) async -> Void

    init(
        onDiscover: @escaping @Sendable (Request) -> HTTPResponse = {
            FakeUpstream.refuse($0, 400, -32600)
        },
        onInitialize: (@Sendable (Request) -> HTTPResponse)? = nil,
        onAnswer: @escaping @Sendable (JSONValue) -> Void = { _ in },
        onCancelled: @escaping @Sendable () async -> Void = {},
        onListen: @escaping @Sendable (Request, any Exchange) async -> Void = { _, exchange in
            exchange.respond(HTTPResponse(status: 405))
        },
        onCall: @escaping @Sendable (Request, any Exchange) async -> Void = FakeUpstream.echo
    ) {
        self.onDiscover = onDiscover
        self.onInitialize = onInitialize
        self.onAnswer = onAnswer
        self.onCancelled = onCancelled
        self.onListen = onListen
        self.onCall = onCall
    }

    /// A legacy server with this response to calls.
    convenience init(onCall: @escaping @Sendable (Request, any Exchange) async -> Void) {
        self.init(onDiscover: { FakeUpstream.refuse($0, 400, -32600) }, onCall: onCall)
    }

    /// Answers `initialize` as a server of version 2025-06-18 does, in the session `s`.
    static func initialized(
        with capabilities: JSONValue
    ) -> @Sendable (Request) -> HTTPResponse {
        { request in
            HTTPResponse(
                status: 200,
                headers: [("Content-Type", "application/json"), ("Mcp-Session-Id", "s")],
                body: FakeUpstream.result(
                    request,
                    [
                        "protocolVersion": "2025-06-18", "capabilities": capabilities,
                        "serverInfo": ["name": "fake", "version": "1"],
                    ]))
        }
    }

    /// A server that supports only version 2026-07-28.
    static func modern(
        onCall: @escaping @Sendable (Request, any Exchange) async -> Void = FakeUpstream.echo
    ) -> FakeUpstream {
        FakeUpstream(
            onDiscover: { FakeUpstream.discovered($0, versions: ["2026-07-28"]) },
            onInitialize: {
                FakeUpstream.refuse($0, 400, -32022, data: ["supported": ["2026-07-28"]])
            }, onCall: onCall)
    }

    static func refuse(
        _ request: Request, _ status: Int, _ code: Int64, data: JSONValue = [:]
    ) -> HTTPResponse {
        let message: JSONValue = [
            "jsonrpc": "2.0", "id": request.message["id"] ?? .null,
            "error": ["code": .integer(code), "message": "refused", "data": data],
        ]
        return HTTPResponse(
            status: status, headers: [("Content-Type", "application/json")],
            body: message.serialized())
    }

    static func discovered(
        _ request: Request, versions: [String], tools: JSONValue = [:]
    ) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("Content-Type", "application/json")],
            body: result(
                request,
                [
                    "resultType": "complete", "capabilities": ["tools": tools], "ttlMs": 0,
                    "supportedVersions": .array(versions.map(JSONValue.string)),
                    "cacheScope": "private",
                ]))
    }

    static let echo: @Sendable (Request, any Exchange) async -> Void = { request, exchange in
        let arguments = request.message["params"]?["arguments"] ?? .null
        respond(
            exchange, request,
            [
                "content": [
                    [
                        "type": "text",
                        "text": .string(String(decoding: arguments.serialized(), as: UTF8.self)),
                    ]
                ]
            ])
    }

    static func result(_ request: Request, _ result: JSONValue) -> [UInt8] {
        let message: JSONValue = [
            "jsonrpc": "2.0", "id": request.message["id"] ?? .null, "result": result,
        ]
        return message.serialized()
    }

    static func respond(_ exchange: any Exchange, _ request: Request, _ result: JSONValue) {
        exchange.respond(
            HTTPResponse(
                status: 200, headers: [("Content-Type", "application/json; charset=utf-8")],
                body: Self.result(request, result)))
    }

    static func event(_ message: [UInt8]) -> [UInt8] {
        Array("event: message\ndata: ".utf8) + message + Array("\n\n".utf8)
    }

    static func event(_ message: JSONValue) -> [UInt8] { event(message.serialized()) }

    var handler: TestHandler {
        TestHandler(answer: { head, body, exchange in
            let message = (try? JSONValue(parsing: body, limits: .upstream)) ?? .null
            await self.answer(Request(head: head, message: message), exchange)
        })
    }

    func methods() -> [String] { requests.withLock { $0.map(\.method) } }

    private func answer(_ request: Request, _ exchange: any Exchange) async {
        requests.withLock { $0.append(request) }
        switch request.method {
        case "server/discover": exchange.respond(onDiscover(request))
        case "initialize" where onInitialize != nil:
            if let onInitialize { exchange.respond(onInitialize(request)) }
        case "initialize":
            let number = sessions.wrappingAdd(1, ordering: .relaxed).newValue
            exchange.respond(
                HTTPResponse(
                    status: 200,
                    headers: [
                        ("Content-Type", "application/json"),
                        ("Mcp-Session-Id", "session-\(number)"),
                    ],
                    body: Self.result(
                        request,
                        [
                            "protocolVersion": "2025-06-18", "capabilities": ["tools": [:]],
                            "serverInfo": ["name": "fake", "version": "1"],
                        ])))
        case "tools/list" where hidesTools.withLock({ $0 }) && request.head.bearer != nil:
            exchange.respond(Self.refuse(request, 200, -32603))
        case "tools/list":
            let all = tools.withLock { $0 }
            let start = Int(request.message["params"]?["cursor"]?.string ?? "0") ?? 0
            var page: JSONObject = ["tools": .array(Array(all[start..<min(start + 2, all.count)]))]
            if start + 2 < all.count { page["nextCursor"] = .string("\(start + 2)") }
            Self.respond(exchange, request, .object(page))
        case "tools/call": await onCall(request, exchange)
        case "subscriptions/listen", "GET": await onListen(request, exchange)
        case "notifications/cancelled":
            await onCancelled()
            // The acknowledgement is delayed, so that the call's response comes first.
            try? await Task.sleep(for: .milliseconds(100))
            exchange.respond(HTTPResponse(status: 202))
        case "logging/setLevel":
            let isRefused = refusedLevels.withLock { left in
                left -= 1
                return left >= 0
            }
            if isRefused {
                exchange.respond(Self.refuse(request, 200, -32603))
            } else {
                Self.respond(exchange, request, [:])
            }
        case "resources/list": Self.respond(exchange, request, ["resources": []])
        case "resources/templates/list":
            Self.respond(exchange, request, templates.withLock { $0 })
        case "resources/subscribe", "resources/unsubscribe":
            switch subscribing.withLock({ $0 }) {
            case .granted: Self.respond(exchange, request, [:])
            case .slow:
                try? await Task.sleep(for: .milliseconds(100))
                Self.respond(exchange, request, [:])
            case .silent: try? await Task.sleep(for: .seconds(1))
            case .refused(let code): exchange.respond(Self.refuse(request, 200, code))
            case .failing(let left, let status):
                subscribing.withLock {
                    $0 = left > 1 ? .failing(left - 1, status: status) : .granted
                }
                exchange.respond(Self.refuse(request, status, JSONRPCError.internalError))
            }
        case "DELETE": exchange.respond(HTTPResponse(status: 200))
        default:
            exchange.respond(HTTPResponse(status: 202))
            if request.message["method"] == nil { onAnswer(request.message) }
        }
    }
}

enum Names {
    static func server(_ text: String = "fake") throws -> ServerName {
        try #require(ServerName(text))
    }
    static func agent(_ text: String = "triage") throws -> AgentName {
        try #require(AgentName(text))
    }

    static func call(
        _ tool: String = "echo", _ arguments: String = "{\"a\":1}", agent: String = "triage",
        server: String = "fake", idle: Duration = .seconds(10), hard: Duration = .seconds(20),
        cancel: CancelToken = CancelToken(),
        notices: (any NotificationSink)? = nil, input: (any InputSink)? = nil
    ) throws -> UpstreamCall {
        UpstreamCall(
            call: CallID(milliseconds: 1, random: [UInt8](repeating: 0, count: 10)),
            agent: try Self.agent(agent),
            address: ToolAddress(
                server: try Self.server(server), tool: try #require(ToolName(tool))),
            request: .callTool(name: tool, arguments: Array(arguments.utf8)), idleLimit: idle,
            hardLimit: hard, cancel: cancel, notices: notices, input: input)
    }
}

extension UpstreamResponse {
    /// The kind of response and its essential content, for comparison.
    var summary: String {
        switch self {
        case .result(_, let bytes): "result \(String(decoding: bytes, as: UTF8.self))"
        case .rpcError(let code, let message): "error \(code) \(message)"
        case .unmet(let capabilities, _): "unmet \(capabilities.members.map(\.key))"
        case .failed(let outcome, _): "failed \(outcome)"
        case .exceeded(let excess): excess.limit == .depth ? "too deep" : "too large"
        case .timedOut(let outcome): "timed out \(outcome)"
        case .breakerOpen: "breaker open"
        case .cancelled(let confirmed): "cancelled \(confirmed)"
        }
    }
}

extension UpstreamPool {
    /// Waits at most four seconds until a server's view is no longer `connecting`.
    func settled(_ server: ServerName) async -> CatalogState {
        for _ in 0..<2000 {
            if case .connecting = view(of: server) {
                try? await Task.sleep(for: .milliseconds(2))
            } else {
                break
            }
        }
        return view(of: server)
    }
}
