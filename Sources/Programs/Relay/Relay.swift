import Glibc
import InterlockCommandLine
import InterlockJSON
import InterlockMCP
import InterlockTransport
import Synchronization

/// Carries messages between the host's pipes and the gateway, each in a POST of its own. Decides nothing: an unknown
/// outcome is reported, never hidden by sending again.
final class Relay: Sendable {
    static let lineLimitBytes = 4 << 20
    private static let requestsAtOnce = 64
    private static let patienceAtEndMilliseconds = 2000
    /// The pause between two attempts to open the session's own stream, doubled up to the longest.
    private static let firstPauseMilliseconds = 1000
    private static let longestPauseMilliseconds = 30_000

    private struct State {
        var session: String?
        /// The `initialize` message, replayed once if the gateway no longer knows the session.
        var opening: [UInt8]?
        var running = 0
        var isListening = false
    }
    private let endpoint: RelayEndpoint
    private let modern: ModernRelay
    private let state = Mutex(State())
    private let output = Mutex(())

    init(_ endpoint: RelayEndpoint) {
        self.endpoint = endpoint
        modern = ModernRelay(endpoint)
    }

    /// Relays until the end of the input.
    func run() {
        var lines = LineReader(descriptor: 0, limit: Self.lineLimitBytes)
        while let line = lines.next() {
            switch line {
            case .tooLong:
                print(
                    error: JSONRPCError(
                        code: JSONRPCError.invalidRequest, message: "the line is too long"), id: nil
                )
            case .text(let bytes): if !bytes.isEmpty { take(bytes) }
            }
        }
        end()
    }

    private func take(_ bytes: [UInt8]) {
        guard let message = HostMessage(bytes) else {
            return print(
                error: JSONRPCError(code: JSONRPCError.parseError, message: "not valid JSON"),
                id: nil)
        }
        if let cancelled = message.cancelled, modern.cancel(cancelled) { return }
        switch message.era {
        case .legacy: takeLegacy(message)
        case .modern: takeModern(message)
        }
    }

    private func takeLegacy(_ message: HostMessage) {
        if message.method == "initialize" {
            state.withLock {
                $0.opening = message.bytes
                $0.session = nil
            }
            return post(message.bytes, message.id, isOpening: true)
        }
        guard message.id != nil, message.method != nil else {
            post(message.bytes, nil)
            if message.method == "notifications/initialized" { startListening() }
            return
        }
        request { self.post(message.bytes, message.id) }
    }

    private func startListening() {
        let starts = state.withLock { state in
            defer { state.isListening = true }
            return !state.isListening
        }
        if starts { onThread { self.listen() } }
    }

    private func takeModern(_ message: HostMessage) {
        guard let id = message.id, message.method != nil else {
            // A cancellation that arrives here is of a request that is no longer in flight, and is dropped.
            if message.cancelled == nil { modern.tell(message) }
            return
        }
        modern.begin(id)
        let ask = { @Sendable in self.modern.ask(message, id) { self.print($0) } }
        // A subscription lasts; if it counted, it would keep other requests from running.
        if message.isSubscription { onThread(ask) } else { request(ask) }
    }

    /// Runs each request on its own thread. Blocks while more than `requestsAtOnce` are running.
    private func request(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.running += 1 }
        while state.withLock({ $0.running }) > Self.requestsAtOnce { usleep(1000) }
        onThread {
            body()
            self.state.withLock { $0.running -= 1 }
        }
    }

    private func post(
        _ bytes: [UInt8], _ id: RequestID?, isOpening: Bool = false, isAgain: Bool = false
    ) {
        do throws(LocalFailure) {
            let stream = try endpoint.client.open(
                "POST", endpoint.path, headers: headers, body: bytes)
            if isOpening, let session = stream.head[StreamableHTTP.sessionHeader] {
                state.withLock { $0.session = session }
            }
            if stream.head.status == 404, !isOpening, !isAgain, reopen() {
                return post(bytes, id, isAgain: true)
            }
            try relay(stream, id)
        } catch {
            guard let id else { return }
            print(error: .lost(error), id: id)
        }
    }

    /// Opens a new session with the host's `initialize` message after the gateway has lost the old one.
    private func reopen() -> Bool {
        guard let opening = state.withLock({ $0.opening }) else { return false }
        do throws(LocalFailure) {
            let answer = try endpoint.client.send(
                "POST", endpoint.path, headers: endpoint.headers, body: opening)
            guard answer.head.status == 200, let session = answer.head[StreamableHTTP.sessionHeader]
            else {
                return false
            }
            state.withLock { $0.session = session }
            return true
        } catch { return false }
    }

    private func relay(_ stream: LocalStream, _ id: RequestID?) throws(LocalFailure) {
        if stream.isEvents { return try stream.relayEvents { print($0) } }
        let body = try stream.rest()
        guard let id else { return }
        print(GatewayResponse(body, status: stream.head.status, to: id).bytes)
    }

    /// Passes on the gateway's own messages, which arrive on a separate stream while there is a session. A lost
    /// stream resumes where it ended, or starts anew.
    private func listen() {
        var last: String?
        var pause = Self.firstPauseMilliseconds
        while let session = state.withLock({ $0.session }) {
            if hear(after: last, note: { last = $0 }) {
                pause = Self.firstPauseMilliseconds
            } else {
                last = nil
            }
            usleep(UInt32(pause) * 1000)
            pause = min(pause * 2, Self.longestPauseMilliseconds)
            // Event ids are valid only in their session.
            if state.withLock({ $0.session }) != session { last = nil }
        }
        state.withLock { $0.isListening = false }
    }

    /// - Returns: whether the gateway opened the stream.
    private func hear(after last: String?, note: (String) -> Void) -> Bool {
        var headers = headers
        if let last { headers.append((StreamableHTTP.lastEventHeader, last)) }
        guard let stream = try? endpoint.client.open("GET", endpoint.path, headers: headers),
            stream.head.status == 200
        else { return false }
        try? stream.relayEvents(note: note) { print($0) }
        return true
    }

    private var headers: [(name: String, value: String)] {
        guard let session = state.withLock({ $0.session }) else { return endpoint.headers }
        return endpoint.headers + [(StreamableHTTP.sessionHeader, session)]
    }

    private func end() {
        var waited = 0
        while state.withLock({ $0.running }) > 0, waited < Self.patienceAtEndMilliseconds {
            usleep(10_000)
            waited += 10
        }
        let last = headers
        let session = state.withLock { state in
            defer { state.session = nil }
            return state.session
        }
        guard session != nil else { return }
        _ = try? endpoint.client.send("DELETE", endpoint.path, headers: last)
    }

    private func print(error: JSONRPCError, id: RequestID?) {
        print(JSONRPCWriter.error(id: id, error))
    }

    private func print(_ message: [UInt8]) {
        output.withLock { _ in Output.bytes(message + [UInt8(ascii: "\n")]) }
    }
}

/// Runs a blocking body on its own thread, or on the caller's if no thread can be created.
private func onThread(_ body: @escaping @Sendable () -> Void) {
    if !startThread(body) { body() }
}
