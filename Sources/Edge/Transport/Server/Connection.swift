import CLinux
import InterlockJSON
import InterlockPorts

/// One client's connection: reads requests, passes them to the handler one by one, and writes the responses in order.
///
/// Registered edge-triggered for its lifetime, so that a request costs one read, one write and no other system call.
/// Everything happens on `loop`.
final class Connection: EventSource, @unchecked Sendable {
    let loop: EventLoop
    let registry: ConnectionRegistry
    private let handler: any RequestHandler

    private(set) var phase = Phase.reading
    var claim: PlaceClaim
    var parser: RequestParser
    private var head: RequestHead?
    private(set) var framing = RequestFraming()
    private(set) var exchange: RequestExchange?

    /// Bytes that were received but not parsed yet.
    private(set) var input: [UInt8] = []
    private var readable = false
    /// True while reading is deferred until the other connections of the loop had their turn.
    private var goesOn = false
    /// True once a head's first byte started its deadline; later bytes do not move it.
    var headStarted = false
    /// The time when the present body must be complete, or nil if none is awaited.
    var bodyEnd: UInt64?
    /// The room of the registry's `bodies` that the body being read has; a request that is handled keeps its own.
    private var heldBytes = 0
    /// True once the client has closed its side, or the whole connection.
    private(set) var peerClosed = false
    private var lingered = 0

    /// Response bytes, to be sent from `outputStart` on when the socket accepts them.
    private var output: [UInt8] = []
    private var outputStart = 0
    /// False after the socket refused bytes, until the kernel reports room again.
    private(set) var writable = true
    private var flushScheduled = false
    /// True if unread bytes may arrive when the connection closes; the close must then not reset the response.
    private var closeWithLinger = false

    let stream: ByteStream
    var isInHandshake: Bool
    let deadline: MovingDeadline

    private static let lingerBytes = 16 * 1024 * 1024
    /// Smaller bodies are copied after the head; larger ones are sent without a copy.
    private static let copiedBodyBytes = 16 * 1024

    init(
        _ stream: ByteStream, listener: Listener, source: RequestSource,
        peer: ConnectionPeer? = nil, owner: RequestSource? = nil, handler: any RequestHandler,
        loop: EventLoop,
        registry: ConnectionRegistry
    ) {
        claim = PlaceClaim(source: owner ?? source, since: loop.nowNanoseconds)
        self.stream = stream
        isInHandshake = stream.isTLS
        self.handler = handler
        self.loop = loop
        self.registry = registry
        parser = RequestParser(listener: listener, source: source, peer: peer)
        deadline = MovingDeadline(loop: loop)
        super.init(descriptor: stream.descriptor)
        deadline.passed = { [weak self] in self?.deadlinePassed() }
    }

    /// - Parameter received: the first bytes of the connection, if another reader took them.
    func start(received: [UInt8] = []) {
        input = received
        registry.add(self, on: loop)
        let events = EventBits.readable | EventBits.writable | EventBits.peerClosed | EventBits.edge
        guard loop.add(self, events: events) else { return close() }
        setDeadline(isInHandshake ? limits.handshake : limits.idle)
        if registry.isDraining { closeIfIdle(for: nil) }
        if !input.isEmpty { next() }
    }

    var limits: ServerLimits { registry.limits }
    var hasPendingOutput: Bool { outputStart < output.count }
    var pendingOutputBytes: Int { output.count - outputStart }

    override func ready(_ events: UInt32) {
        if events & (EventBits.peerClosed | EventBits.hangUp | EventBits.failed) != 0 {
            peerClosed = true
            readable = true
        }
        // TLS may have to read in order to write, and the reverse.
        if events & EventBits.readable != 0 || stream.isTLS { readable = true }
        if !writable, events & EventBits.writable != 0 {
            writable = true
            flush()
        }
        if peerClosed { exchange?.clientClosed() }
        advance()
    }

    // MARK: reading

    /// Reads and parses for as long as bytes are available, up to a bound per turn.
    private func advance() {
        for _ in 0..<LoopScratch.readsInATurn {
            switch phase {
            case .reading:
                guard !hasPendingOutput, readable else { return }
                receive()
            case .lingering:
                guard readable else { return }
                discard()
            case .handling, .closing, .closed: return
            }
        }
        guard !goesOn else { return }
        goesOn = true
        loop.afterOthers { [weak self] in
            self?.goesOn = false
            self?.advance()
        }
    }

    private func receive() {
        var scratch = LoopScratch.take(from: loop)
        defer { LoopScratch.giveBack(&scratch, to: loop) }
        let received = stream.receive(into: &scratch)
        if isInHandshake { noteHandshake() }
        switch received {
        case .bytes(let count):
            // Fewer bytes than the buffer takes: the socket is empty, and the next byte causes a new edge.
            if count < scratch.count, !peerClosed, !stream.isTLS { readable = false }
            if input.isEmpty {
                let consumed = understand(scratch.span.extracting(0..<count))
                if consumed < count { scratch.span.append(consumed..<count, to: &input) }
            } else {
                scratch.span.append(0..<count, to: &input)
                understandInput()
            }
            if phase == .reading { awaitMore() }
        case .wouldBlock: readable = false
        case .end:
            peerClosed = true
            close()
        case .failed: close()
        }
    }

    private func understandInput() {
        let held = input
        input = []
        let consumed = understand(held.span)
        if consumed < held.count {
            input = consumed == 0 ? held : held.span.array(consumed..<held.count)
        }
    }

    /// - Returns: the number of bytes consumed before a request was complete or more were needed.
    private func understand(_ bytes: Span<UInt8>) -> Int {
        var place = 0
        while phase == .reading {
            let (consumed, event) = parser.parse(bytes.extracting(place..<bytes.count))
            place += consumed
            switch event {
            case .needMore: return place
            case .head(let head, let framing): judge(head, framing, rest: bytes.count - place)
            case .body(let body): dispatch(body)
            case .refused(let fault): refuse(fault)
            }
        }
        return place
    }

    private func judge(_ head: RequestHead, _ framing: RequestFraming, rest: Int) {
        self.head = head
        self.framing = framing
        if registry.limits.sharesPlaces { claim.forwarded = head.visitor.map { ExactText($0) } }
        switch handler.judge(head) {
        case .refuse(let response):
            closeWithLinger = framing.body != .none || rest > 0
            send(response, close: true)
        case .readBody(let limit):
            let room = framing.body.room(limit: limit)
            guard registry.bodies.take(room, of: claim.source) else {
                closeWithLinger = true
                return send(BodyBudget.refusal, close: true)
            }
            heldBytes = room
            parser.readBody(limitBytes: limit)
            if framing.expectsContinue, rest == 0, parser.isInBody {
                queue(ResponseWriter.continueLine)
                flush()
            }
        }
    }

    private func dispatch(_ body: [UInt8]) {
        guard let head else { return }
        phase = .handling
        claim.since = loop.nowNanoseconds
        headStarted = false
        bodyEnd = nil
        deadline.clear()
        let exchange = RequestExchange(
            connection: self, isHead: head.method == "HEAD", framing: framing)
        self.exchange = exchange
        if peerClosed { exchange.clientClosed() }
        // A body of unannounced length took the room of the longest one.
        let room = min(heldBytes, body.count)
        registry.bodies.give(heldBytes - room, of: claim.source)
        heldBytes = 0
        Task(executorPreference: loop) {
            [handler, bodies = registry.bodies, source = claim.source] in
            await handler.handle(head, body: body, exchange)
            bodies.give(room, of: source)
            // A handler may return on a different thread than it was called on.
            self.loop.perform { self.handlerReturned(exchange) }
        }
    }

    func refuse(_ fault: HTTPFault) {
        closeWithLinger = true
        let body = Array("\(fault.reason)\n".utf8)
        send(
            HTTPResponse(
                status: fault.status, headers: [("Content-Type", "text/plain; charset=utf-8")],
                body: body), close: true)
    }

    /// Ends the request, which is over only once its handler has also returned, or later, with its events.
    func handlerReturned(_ exchange: RequestExchange) {
        guard !exchange.outlivesHandler else {
            head = nil
            return
        }
        exchange.finishIfOpen()
        guard self.exchange === exchange else { return }
        self.exchange = nil
        self.head = nil
        guard phase == .handling else { return }
        phase = .reading
        setDeadline(limits.idle)
        if hasPendingOutput { setDeadline(limits.writeProgress) }
        next()
    }

    /// Parses the bytes that were received in the meantime.
    private func next() {
        if phase == .reading, !hasPendingOutput, !input.isEmpty {
            understandInput()
            if phase == .reading { awaitMore() }
        }
        if registry.isDraining { closeIfIdle(for: nil) }
        advance()
    }

    private func discard() {
        var scratch = LoopScratch.take(from: loop)
        defer { LoopScratch.giveBack(&scratch, to: loop) }
        switch SocketCalls.receive(descriptor, into: &scratch) {
        case .bytes(let count):
            lingered += count
            if lingered > Self.lingerBytes { close() }
        case .wouldBlock: readable = false
        case .end, .failed: close()
        }
    }

    // MARK: writing

    /// Sends one complete response. If `close` is true, the connection ends after it.
    func send(_ response: HTTPResponse, close: Bool) {
        guard phase == .reading || phase == .handling else { return }
        let close = close || framing.wantsClose || registry.isDraining
        var bytes = LoopScratch.takeOutput(from: loop)
        defer { LoopScratch.giveBackOutput(&bytes, to: loop) }
        ResponseWriter.head(of: response, close: close, date: loop.scratch.date.line(), to: &bytes)
        let hasBody =
            head?.method != "HEAD" && ResponseWriter.hasBody(response.status)
            && !response.body.isEmpty
        if hasBody, response.body.count <= Self.copiedBodyBytes {
            bytes.append(contentsOf: response.body)
        }
        if hasPendingOutput {
            queue(bytes)
            if hasBody, response.body.count > Self.copiedBodyBytes { queue(response.body) }
            flush()
        } else if hasBody, response.body.count > Self.copiedBodyBytes {
            write(bytes, response.body)
        } else {
            write(bytes, [])
        }
        if close { closeAfterOutput() }
    }

    /// Appends to the output; `flushSoon` or `flush` sends it.
    func queue(_ bytes: [UInt8]) { output.append(contentsOf: bytes) }

    /// Sends the output at the end of the current round of jobs, so that a stream's head and its first event are sent
    /// together.
    func flushSoon() {
        guard !flushScheduled else { return }
        flushScheduled = true
        loop.post {
            self.flushScheduled = false
            self.flush()
        }
    }

    private func write(_ head: [UInt8], _ body: [UInt8]) {
        let sent: Int
        switch stream.send(head, body) {
        case .bytes(let count): sent = count
        case .wouldBlock: sent = 0
        case .end, .failed: return close()
        }
        if sent < head.count { head.span.append(sent..<head.count, to: &output) }
        let sentOfBody = max(0, sent - head.count)
        if sentOfBody < body.count { body.span.append(sentOfBody..<body.count, to: &output) }
        if hasPendingOutput { awaitRoom() }
    }

    private func awaitRoom() {
        writable = false
        setDeadline(limits.writeProgress)
    }

    func flush() {
        guard phase != .closed, hasPendingOutput, writable else { return }
        switch stream.send(output, from: outputStart) {
        case .bytes(let count):
            outputStart += count
            if outputStart == output.count {
                output = []
                outputStart = 0
                outputDone()
            } else {
                compactOutput()
                awaitRoom()
            }
        case .wouldBlock: awaitRoom()
        case .end, .failed: close()
        }
    }

    private func compactOutput() {
        guard outputStart > output.count / 2 else { return }
        output.removeFirst(outputStart)
        outputStart = 0
    }

    private func outputDone() {
        switch phase {
        case .closing: finish()
        case .handling:
            deadline.clear()
            if let exchange, exchange.isStreaming { setDeadline(limits.eventKeepAlive) }
        case .reading:
            setDeadline(limits.idle)
            next()
        case .lingering, .closed: return
        }
    }

    // MARK: ending

    func closeAfterOutput() {
        guard phase != .closed, phase != .lingering else { return }
        phase = .closing
        if !hasPendingOutput { finish() }
    }

    private func finish() {
        guard closeWithLinger, !peerClosed else { return close() }
        phase = .lingering
        stream.finishSending()
        setDeadline(limits.linger)
        input = []
        readable = true
        loop.post { self.advance() }
    }

    /// Ends the connection now; unsent bytes are lost.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        peerClosed = true
        deadline.cancel()
        loop.remove(self)
        if isInHandshake { registry.leaveHandshake() }
        registry.bodies.give(heldBytes, of: claim.source)
        heldBytes = 0
        stream.close()
        input = []
        output = []
        outputStart = 0
        exchange?.clientClosed()
        registry.remove(self, on: loop)
    }
}
