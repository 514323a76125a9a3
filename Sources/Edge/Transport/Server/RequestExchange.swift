import InterlockJSON
import InterlockPorts

/// The response to one request. Calls after its end, or of the wrong kind, do nothing. Calls from another thread are
/// moved to the loop.
final class RequestExchange: Exchange, @unchecked Sendable {
    private enum State {
        /// -> streaming, done
        case open
        /// -> done
        case streaming
        case done
    }

    // Used only by the loop's thread.
    private var state = State.open
    private var clientIsGone = false
    /// True while the events continue without the handler.
    private(set) var outlivesHandler = false
    private var closeHandlers: [@Sendable () -> Void] = []

    private let connection: Connection
    private let framing: RequestFraming
    private let isHead: Bool

    init(connection: Connection, isHead: Bool, framing: RequestFraming) {
        self.connection = connection
        self.isHead = isHead
        self.framing = framing
    }

    var isStreaming: Bool { if case .streaming = state { true } else { false } }

    func respond(_ response: HTTPResponse) {
        guard isOnLoop else { return connection.loop.post { self.respond(response) } }
        guard case .open = state else { return }
        end()
        connection.send(response, close: false)
    }

    func startEvents(headers: [(name: String, value: String)]) {
        guard isOnLoop else { return connection.loop.post { self.startEvents(headers: headers) } }
        guard case .open = state, connection.phase == .handling else { return }
        state = .streaming
        var bytes: [UInt8] = []
        ResponseWriter.eventsHead(
            headers: headers, chunked: !framing.isVersion10, close: closesAfter,
            date: connection.loop.scratch.date.line(), to: &bytes)
        connection.queue(bytes)
        connection.flushSoon()
        connection.setDeadline(connection.registry.limits.eventKeepAlive)
    }

    func send(event: [UInt8]) {
        guard isOnLoop else { return connection.loop.post { self.send(event: event) } }
        guard case .streaming = state, !event.isEmpty else { return }
        write(event)
    }

    func endEvents() {
        guard isOnLoop else { return connection.loop.post { self.endEvents() } }
        guard case .streaming = state else { return }
        end()
        if !framing.isVersion10, !isHead { connection.queue(ResponseWriter.lastChunk) }
        connection.flushSoon()
        if closesAfter { connection.closeAfterOutput() }
        if outlivesHandler {
            outlivesHandler = false
            connection.handlerReturned(self)
        }
    }

    func outlive() {
        guard isOnLoop else { return connection.loop.post { self.outlive() } }
        if case .streaming = state { outlivesHandler = true }
    }

    func keepPlace(for holder: String?) {
        guard isOnLoop else { return connection.loop.post { self.keepPlace(for: holder) } }
        connection.claim.holder = holder.map { ExactText($0) }
    }

    func onClose(_ handler: @escaping @Sendable () -> Void) {
        guard isOnLoop else { return connection.loop.post { self.onClose(handler) } }
        if clientIsGone { return handler() }
        if case .done = state { return }
        closeHandlers.append(handler)
    }

    private var isOnLoop: Bool { connection.loop.isOnLoop }

    // MARK: from the connection

    func clientClosed() {
        guard !clientIsGone else { return }
        if case .done = state { return }
        clientIsGone = true
        let handlers = closeHandlers
        closeHandlers = []
        for handler in handlers { handler() }
    }

    func keepAlive() {
        if case .streaming = state { write(ResponseWriter.keepAliveComment) }
    }

    /// Ends the exchange once the handler has returned: an unanswered request gets 500.
    func finishIfOpen() {
        switch state {
        case .open:
            end()
            connection.send(HTTPResponse(status: 500), close: true)
        case .streaming: endEvents()
        case .done: return
        }
    }

    private var closesAfter: Bool {
        framing.isVersion10 || framing.wantsClose || connection.registry.isDraining
    }

    private func write(_ event: [UInt8]) {
        guard connection.phase == .handling, !isHead else { return }
        // Later: closing calls those that wait for it, and the sender of an event may hold their lock.
        guard connection.pendingOutputBytes <= connection.registry.limits.pendingEventBytes else {
            return connection.loop.post { [connection] in connection.close() }
        }
        if framing.isVersion10 {
            connection.queue(event)
        } else {
            var chunk: [UInt8] = []
            chunk.reserveCapacity(event.count + 16)
            ResponseWriter.chunk(event, to: &chunk)
            connection.queue(chunk)
        }
        connection.flushSoon()
    }

    private func end() {
        state = .done
        closeHandlers = []
    }
}
