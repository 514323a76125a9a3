import InterlockModel

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

    /// Whether the request may have left. Set before its first byte goes.
    private(set) var wasSent = false
    private(set) var hasHead = false
    private var head = ClientHead(status: 0)
    private var headIsNew = false
    private var received: [UInt8] = []
    private var receivedCount = 0
    private(set) var isTooLarge = false
    /// Its name has an address that the request must not go to; it may have others.
    private(set) var metPrivateAddress = false

    private weak var client: HTTPClient?
    private var isNoted = false
    private var startNanoseconds: UInt64
    private var lastNanoseconds: UInt64
    private var pausedNanoseconds: UInt64?
    var timer: LoopTimer?
    /// The one that carries it; nil while none does and when libcurl does.
    var connection: PlainConnection?

    init(request: ClientRequest, events: Events, client: HTTPClient, nowNanoseconds: UInt64) {
        self.client = client
        self.request = request
        self.events = events
        startNanoseconds = nowNanoseconds
        lastNanoseconds = nowNanoseconds
    }

    /// Whether its end has not been told.
    var isOpen: Bool { events != nil }

    // MARK: from a plain connection, which delivers itself

    func noteSent() { wasSent = true }

    func receive(head: ClientHead) {
        self.head = head
        hasHead = true
        headIsNew = true
    }

    /// What the answer's body may still bring.
    var roomBytes: Int { request.responseLimitBytes - receivedCount }

    // MARK: from curl's callbacks: note only, act later

    /// - Returns: false when the request left once before: libcurl would send it again on another
    ///   connection, and it may have been carried out already.
    func aboutToSend() -> Bool {
        guard !wasSent else { return false }
        wasSent = true
        return true
    }

    /// From libcurl, before it connects.
    func judge(address: [UInt8]) -> Bool {
        let isFine = !request.isPublicOnly || InternetAddress.isPublic(address)
        if !isFine { metPrivateAddress = true }
        return isFine
    }

    /// One line of the head, with its line break.
    func receive(headerLine line: Span<UInt8>) {
        guard !hasHead else { return }  // trailers
        var end = line.count
        while end > 0, line[end - 1] == HTTPBytes.lf || line[end - 1] == HTTPBytes.cr { end -= 1 }
        if end == 0 {
            // An interim answer (1xx) has a head of its own, which another one follows.
            guard head.status >= 200 else { return }
            hasHead = true
            headIsNew = true
            noteNews()
        } else if line.string(0..<min(5, end)) == "HTTP/" {
            let words = line.string(0..<end).split(separator: " ")
            head = ClientHead(status: words.count > 1 ? Int(words[1]) ?? 0 : 0)
        } else if let colon = line.firstIndex(of: HTTPBytes.colon, from: 0), colon < end {
            keep(line.lowercased(0..<colon), line, (colon + 1)..<end)
        }
    }

    private func keep(_ name: String, _ line: Span<UInt8>, _ range: Range<Int>) {
        switch name {
        case "content-type", "mcp-session-id": guard range.count <= 1024 else { return }
        case "www-authenticate": guard range.count <= ClientHead.challengeBytes else { return }
        default: return
        }
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, line[start] == HTTPBytes.space || line[start] == HTTPBytes.tab {
            start += 1
        }
        while end > start, line[end - 1] == HTTPBytes.space { end -= 1 }
        let value = line.string(start..<end)
        if name == "www-authenticate" {
            head.take(challenge: value)
        } else if name == "content-type" {
            head.contentType = value
        } else if !value.isEmpty, value.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) {
            head.sessionID = value
        }
    }

    /// - Returns: false above the limit.
    func receive(body: Span<UInt8>) -> Bool {
        receivedCount += body.count
        guard receivedCount <= request.responseLimitBytes else {
            isTooLarge = true
            return false
        }
        body.append(0..<body.count, to: &received)
        noteNews()
        return true
    }

    private func noteNews() {
        guard !isNoted, connection == nil else { return }
        isNoted = true
        client?.note(self)
    }

    // MARK: from the client

    func deliver(nowNanoseconds: UInt64) {
        isNoted = false
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
