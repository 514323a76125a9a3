import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// The request that is being answered: its exchange and, once parsed, its protocol state. Used by one task at a time,
/// except that a parked call's own task continues while its requests come and go.
final class Caller: Sendable {
    private struct State {
        var version = ProtocolVersion.newest
        var session: SessionID?
        var capabilities = JSONObject()
        var logLevel: LogLevel?
        var mayStream = true
        var events: SessionEvents?
        /// The credential's scopes, or nil for all that the policy grants.
        var scopes: ScopeSet?
        /// The stream of `events`, or nil while nothing streams.
        var stream: Int?
        var isStreaming = false
    }

    let exchange: any Exchange
    let credential: StreamCredential
    /// The size of the request's body.
    let bodyBytes: Int
    private let state = Mutex(State())

    /// The protocol version of the caller's session or, in the modern era, of its request.
    var version: ProtocolVersion {
        get { state.withLock { $0.version } }
        set { state.withLock { $0.version = newValue } }
    }
    /// Is nil in the modern era, and before `initialize`.
    var session: SessionID? {
        get { state.withLock { $0.session } }
        set { state.withLock { $0.session = newValue } }
    }
    /// The capabilities that its session or, in the modern era, its request declared.
    var capabilities: JSONObject {
        get { state.withLock { $0.capabilities } }
        set { state.withLock { $0.capabilities = newValue } }
    }
    /// The least severe level of log messages that its session or, in the modern era, its request asked for.
    var logLevel: LogLevel? {
        get { state.withLock { $0.logLevel } }
        set { state.withLock { $0.logLevel = newValue } }
    }
    /// False for a request in a batch, which is answered as one array and cannot stream.
    var mayStream: Bool {
        get { state.withLock { $0.mayStream } }
        set { state.withLock { $0.mayStream = newValue } }
    }

    /// The store of its session's streams; is nil in the modern era, and if streams cannot be resumed.
    var events: SessionEvents? { state.withLock { $0.events } }

    func keep(_ events: SessionEvents?, for scopes: ScopeSet?) {
        state.withLock { state in
            state.events = events
            state.scopes = scopes
        }
    }

    var isStreaming: Bool { state.withLock { $0.isStreaming } }

    init(exchange: any Exchange, credential: StreamCredential, bodyBytes: Int = 0) {
        self.exchange = exchange
        self.credential = credential
        self.bodyBytes = bodyBytes
    }

    /// Yields between stages if the request is so large that a stage may take milliseconds, so that other requests of
    /// the loop can run.
    func giveWay() async {
        if bodyBytes > Self.smallBytes { await Task.yield() }
    }

    private static let smallBytes = 64 * 1024

    /// Starts the stream: the status is then fixed, and the response is the stream's last event.
    func startStream() {
        state.withLock { state in
            guard state.mayStream, !state.isStreaming else { return }
            state.isStreaming = true
            guard let events = state.events else { return exchange.startEvents(headers: []) }
            state.stream = events.open(
                on: exchange, for: state.scopes, primes: state.version.hasPolling)
        }
    }

    /// Sends one message before the response; dropped if the response is not a stream.
    func send(_ message: StreamMessage) {
        let (events, stream, isStreaming) = state.withLock {
            ($0.events, $0.stream, $0.isStreaming)
        }
        if let events, let stream {
            events.send(message, on: stream)
        } else if isStreaming {
            exchange.send(event: SSEEvent(data: message.bytes).encoded())
        }
    }

    /// Sends one JSON-RPC message as the whole response, or as the end of the stream.
    func deliver(
        _ message: [UInt8], status: Int = 200, headers: [(name: String, value: String)] = []
    ) {
        guard isStreaming else {
            exchange.respond(
                HTTPResponse(
                    status: status, headers: [("content-type", StreamableHTTP.json)] + headers,
                    body: message))
            return
        }
        if let (events, stream) = state.withLock({ state in
            state.events.flatMap { events in state.stream.map { (events, $0) } }
        }) {
            return events.finish(message, on: stream)
        }
        exchange.send(event: SSEEvent(data: message).encoded())
        exchange.endEvents()
    }
}
