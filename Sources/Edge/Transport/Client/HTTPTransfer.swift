/// One request under way. On its client's loop alone.
final class HTTPTransfer: @unchecked Sendable {
    /// What happens, in this order: at most one head, bytes, exactly one end.
    struct Events {
        var head: (ClientHead) -> Void
        var bytes: ([UInt8]) -> Void
        var end: (ClientFailure?) -> Void
    }

    private(set) var events: Events?
    let request: ClientRequest

    /// Whether the server may have got anything of the request that it can read.
    // INVARIANT: over TLS a part of a record may have left while this is false; nobody can decrypt a part.
    private(set) var wasSent = false
    private var head = ClientHead(status: 0)
    private var headIsNew = false
    private var received: [UInt8] = []
    private var receivedCount = 0
    private var startNanoseconds: UInt64
    private var lastNanoseconds: UInt64
    private var pausedNanoseconds: UInt64?
    /// The one that carries it; nil while none does.
    var connection: ClientConnection?

    init(request: ClientRequest, events: Events, nowNanoseconds: UInt64) {
        self.request = request
        self.events = events
        startNanoseconds = nowNanoseconds
        lastNanoseconds = nowNanoseconds
    }

    /// Whether its end has not been told.
    var isOpen: Bool { events != nil }

    // MARK: from its connection

    func noteSent(nowNanoseconds: UInt64) {
        wasSent = true
        lastNanoseconds = nowNanoseconds
    }

    func receive(head: ClientHead) {
        self.head = head
        headIsNew = true
    }

    /// What the answer's body may still bring.
    var roomBytes: Int { request.responseLimitBytes - receivedCount }

    /// - Returns: false above the limit.
    func receive(body: Span<UInt8>) -> Bool {
        receivedCount += body.count
        guard receivedCount <= request.responseLimitBytes else { return false }
        body.append(0..<body.count, to: &received)
        return true
    }

    // MARK: from the client

    func deliver(nowNanoseconds: UInt64) {
        lastNanoseconds = nowNanoseconds
        if headIsNew {
            headIsNew = false
            events?.head(head)
        }
        if !received.isEmpty {
            let bytes = received
            received = []
            events?.bytes(bytes)
        }
    }

    func finish(_ failure: ClientFailure?) {
        let events = events
        self.events = nil
        events?.end(failure)
    }

    // MARK: time

    /// Neither limit runs from here to `resume`: the answer waits for something on this side.
    func pause(nowNanoseconds: UInt64) { pausedNanoseconds = pausedNanoseconds ?? nowNanoseconds }

    func resume(nowNanoseconds: UInt64) {
        guard let paused = pausedNanoseconds else { return }
        pausedNanoseconds = nil
        startNanoseconds = startNanoseconds.addingClamped(nowNanoseconds - paused)
        lastNanoseconds = nowNanoseconds
    }

    /// In a pause it is only looked again.
    private static let pauseStep: UInt64 = 1_000_000_000

    /// When it is to be given up, and why, if nothing more comes.
    var deadline: (nanoseconds: UInt64, kind: ClientFailure.Kind) {
        if pausedNanoseconds != nil { return (monotonicNanoseconds() + Self.pauseStep, .idle) }
        let idle = lastNanoseconds.addingClamped(request.idleLimit.nanosecondsClamped)
        let hard = startNanoseconds.addingClamped(request.hardLimit.nanosecondsClamped)
        return idle < hard ? (idle, .idle) : (hard, .hard)
    }
}
