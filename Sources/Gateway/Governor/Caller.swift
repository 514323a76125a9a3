import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// The one request that is being answered: its exchange and, once parsed, its place in the protocol.
/// Used by one task at a time, save that a parked call's own goes on while its requests come and go.
final class Caller: Sendable {
    private struct State {
        var version = ProtocolVersion.newest
        var session: SessionID?
        var capabilities = JSONObject()
        var logLevel: LogLevel?
        var mayStream = true
        var events: SessionEvents?
        /// What its credential is for; nil for all that the policy grants.
        var scopes: ScopeSet?
        /// Of `events`; nil while nothing streams.
        var stream: Int?
        var isStreaming = false
    }

    let exchange: any Exchange
    let credential: StreamCredential
    /// Of the request's body.
    let bodyBytes: Int
    private let state = Mutex(State())

    /// The version that the caller speaks: that of its session or, in the modern era, of its request.
    var version: ProtocolVersion {
        get { state.withLock { $0.version } }
        set { state.withLock { $0.version = newValue } }
    }
    /// nil in the modern era, and before `initialize`.
    var session: SessionID? {
        get { state.withLock { $0.session } }
        set { state.withLock { $0.session = newValue } }
    }
    /// Declared by its session or, in the modern era, by its request.
    var capabilities: JSONObject {
        get { state.withLock { $0.capabilities } }
        set { state.withLock { $0.capabilities = newValue } }
    }
    /// The least severe log messages that its session or, in the modern era, its request asked for.
    var logLevel: LogLevel? {
        get { state.withLock { $0.logLevel } }
        set { state.withLock { $0.logLevel = newValue } }
    }
    /// A batch is answered as one array, so nothing of it can stream.
    var mayStream: Bool {
        get { state.withLock { $0.mayStream } }
        set { state.withLock { $0.mayStream = newValue } }
    }

    /// Where the streams of its session are kept; nil in the modern era, and where nobody can come back.
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

    /// Between stages: the other requests of the loop take their turn where this one is so large that a stage may take
    /// milliseconds.
    func giveWay() async {
        if bodyBytes > Self.smallBytes { await Task.yield() }
    }

    private static let smallBytes = 64 * 1024

    /// From here on the status is fixed and the answer is the stream's last event.
    func startStream() {
        state.withLock { state in
            guard state.mayStream, !state.isStreaming else { return }
            state.isStreaming = true
            guard let events = state.events else { return exchange.startEvents(headers: []) }
            state.stream = events.open(
                on: exchange, for: state.scopes, primes: state.version.hasPolling)
        }
    }

    /// One message before the answer; dropped where the answer is no stream.
    ///
    /// - Parameter isNeeded: a request; not a notification.
    func send(_ message: [UInt8], isNeeded: Bool = false) {
        let (events, stream, isStreaming) = state.withLock {
            ($0.events, $0.stream, $0.isStreaming)
        }
        if let events, let stream {
            events.send(message, on: stream, isNeeded: isNeeded)
        } else if isStreaming {
            exchange.send(event: SSEEvent(data: message).encoded())
        }
    }

    /// Sends one JSON-RPC message as the whole answer, or as the end of the stream.
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
