/// One request in progress, used only on its client's loop.
final class HTTPTransfer: @unchecked Sendable {
    /// The callbacks, in order: at most one head, then bytes, then exactly one end.
    struct Events {
        var head: (ClientHead) -> Void
        var bytes: ([UInt8]) -> Void
        var end: (ClientFailure?) -> Void
    }

    private(set) var events: Events?
    let request: ClientRequest

    /// True if the server may have received readable bytes of the request.
    // INVARIANT: over TLS, part of a record may have been sent while this is false; a partial record cannot be
    // decrypted.
    private(set) var wasSent = false
    private var head = ClientHead(status: 0)
    private var headIsNew = false
    private var received: [UInt8] = []
    private var receivedCount = 0
    private var startNanoseconds: UInt64
    private var lastNanoseconds: UInt64
    private var pausedNanoseconds: UInt64?
    /// The connection that carries the transfer, or nil.
    var connection: ClientConnection?

    init(request: ClientRequest, events: Events, nowNanoseconds: UInt64) {
        self.request = request
        self.events = events
        startNanoseconds = nowNanoseconds
        lastNanoseconds = nowNanoseconds
    }

    /// True until `finish` is called.
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

    /// The bytes that the response's body may still have.
    var roomBytes: Int { request.responseLimitBytes - receivedCount }

    /// - Returns: false if the body exceeds the limit.
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

    /// Suspends both time limits until `resume`, while the response waits for this side.
    func pause(nowNanoseconds: UInt64) { pausedNanoseconds = pausedNanoseconds ?? nowNanoseconds }

    func resume(nowNanoseconds: UInt64) {
        guard let paused = pausedNanoseconds else { return }
        pausedNanoseconds = nil
        startNanoseconds = startNanoseconds.addingClamped(nowNanoseconds - paused)
        lastNanoseconds = nowNanoseconds
    }

    /// The interval at which a paused transfer is checked again.
    private static let pauseStep: UInt64 = 1_000_000_000

    /// The time when the transfer is given up if no more bytes arrive, with the limit that applies.
    var deadline: (nanoseconds: UInt64, kind: ClientFailure.Kind) {
        if pausedNanoseconds != nil { return (monotonicNanoseconds() + Self.pauseStep, .idle) }
        let idle = lastNanoseconds.addingClamped(request.idleLimit.nanosecondsClamped)
        let hard = startNanoseconds.addingClamped(request.hardLimit.nanosecondsClamped)
        return idle < hard ? (idle, .idle) : (hard, .hard)
    }
}
