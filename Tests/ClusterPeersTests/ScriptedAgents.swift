import InterlockModel
import InterlockPorts
import Synchronization

/// The gateway of a node: it answers forwarded requests as their paths say.
final class ScriptedAgents: RequestHandler {
    struct State {
        var heads: [RequestHead] = []
        var bodies: [[UInt8]] = []
        /// The requests whose client has left.
        var closed = 0
        var streams: [any Exchange] = []
    }
    let state = Mutex(State())

    func judge(_ head: RequestHead) -> HeadDecision {
        if head.path == "/mcp/refused" { return .refuse(.plain(401, "the token has expired")) }
        return .readBody(limitBytes: head.path == "/mcp/small" ? 4 : 16 << 20)
    }

    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        state.withLock {
            $0.heads.append(head)
            $0.bodies.append(body)
        }
        exchange.onClose { self.state.withLock { $0.closed += 1 } }
        switch head.path {
        case "/mcp/not-mine": exchange.respond(.notMine)
        case "/mcp/stream":
            exchange.startEvents(headers: [("mcp-session-id", "s1")])
            exchange.send(event: Array("data: 1\n\n".utf8))
            exchange.send(event: Array("data: 2\n\n".utf8))
            exchange.endEvents()
        case "/mcp/open":
            exchange.startEvents(headers: [])
            exchange.send(event: Array("data: 1\n\n".utf8))
            state.withLock { $0.streams.append(exchange) }
            exchange.outlive()
        case "/mcp/silent":
            // Answered by none: the client ends it, or the node dies.
            while state.withLock({ $0.closed == 0 }), !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(5))
            }
        case "/mcp/huge":
            exchange.respond(
                HTTPResponse(
                    status: 200, headers: [("content-type", "application/json")],
                    body: [UInt8](repeating: 48, count: 33 << 20)))
        case "/mcp/nothing": return
        default:
            exchange.respond(
                HTTPResponse(
                    status: 202,
                    headers: [("content-type", "text/plain"), ("mcp-session-id", "s1")],
                    body: Array("taken".utf8)))
        }
    }
}

/// The exchange with an agent at the first node.
final class AgentExchange: Exchange {
    struct State {
        var response: HTTPResponse?
        var headers: [(name: String, value: String)] = []
        var events = ""
        var isStream = false
        var isEnded = false
        var isClosed = false
        var closers: [@Sendable () -> Void] = []
    }
    let state = Mutex(State())

    func respond(_ response: HTTPResponse) { state.withLock { $0.response = response } }
    func startEvents(headers: [(name: String, value: String)]) {
        state.withLock {
            $0.isStream = true
            $0.headers = headers
        }
    }
    func send(event: [UInt8]) {
        state.withLock { $0.events += String(decoding: event, as: UTF8.self) }
    }
    func endEvents() { state.withLock { $0.isEnded = true } }
    func outlive() {}
    func onClose(_ handler: @escaping @Sendable () -> Void) {
        let isClosed = state.withLock { state in
            if !state.isClosed { state.closers.append(handler) }
            return state.isClosed
        }
        if isClosed { handler() }
    }

    /// The agent closes its connection.
    func close() {
        let closers = state.withLock { state in
            state.isClosed = true
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer() }
    }
}
