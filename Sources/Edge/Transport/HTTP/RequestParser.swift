import InterlockJSON
import InterlockModel
package import InterlockPorts

/// The error in a request, with the status of the response. The connection closes after it.
package struct HTTPFault: Error, Equatable, Sendable {
    package let status: Int
    package let reason: String

    package init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
    package static func == (a: HTTPFault, b: HTTPFault) -> Bool { a.status == b.status }
}

/// The framing of a request and its effect on the connection.
package struct RequestFraming: Equatable, Sendable {
    package enum Body: Equatable, Sendable {
        case none
        case length(Int)
        case chunked
    }
    package var body = Body.none
    /// HTTP/1.0: no chunked responses, and the connection closes.
    package var isVersion10 = false
    package var wantsClose = false
    package var expectsContinue = false

    package init() {}
}

/// The limits of a request's head (docs/specs/mcp.md, section 10). Exceeding one results in 431.
package enum HeadLimits {
    package static let lineBytes = 8 * 1024
    package static let totalBytes = 32 * 1024
    package static let fields = 100
}

/// Parses strict HTTP/1.1 requests (RFC 9112), one after the other, from bytes in any pieces.
///
/// The caller keeps the bytes: it passes the unconsumed bytes again, from the same position, with more at the end.
/// After `head` it must call `readBody(limitBytes:)`; after `body` the parser continues with the next request; after
/// `refused` every call returns `refused`.
///
/// Stricter than the RFC: only origin-form targets, no empty line before the request, no bytes above 0x7f, no folding,
/// exactly one space where the grammar has one.
package struct RequestParser: Sendable {
    package enum Event: Sendable {
        case needMore
        case head(RequestHead, RequestFraming)
        case body([UInt8])
        case refused(HTTPFault)
    }

    private enum State {
        /// -> decided, failed. The current line begins at `lineStart`; no line ends before `searched`.
        case head(lineStart: Int, searched: Int)
        /// -> length, chunked, head
        case decided(RequestFraming.Body)
        /// -> head, failed
        case length(remaining: Int)
        /// -> head, failed
        case chunked(ChunkDecoder, limitBytes: Int)
        case failed(HTTPFault)
    }

    private let listener: Listener
    private let source: RequestSource
    private let peer: ConnectionPeer?
    /// The key that the TLS handshake proved, if any; set before the first byte of a request.
    var clientKey: Digest?
    /// The certificate of a node; set as `clientKey` is.
    var certificate: PeerCertificate?
    private var state = State.head(lineStart: 0, searched: 0)
    private var body: [UInt8] = []

    /// The previous head and its result: clients repeat heads, and comparing is cheaper than parsing.
    private var lastBytes: [UInt8] = []
    private var last: (RequestHead, RequestFraming)?
    private static let rememberedBytes = 2048

    package init(
        listener: Listener, source: RequestSource = .unknown, peer: ConnectionPeer? = nil
    ) {
        self.listener = listener
        self.peer = peer
        self.source = source
    }

    /// True before the first byte of a request.
    package var isBetweenRequests: Bool {
        if case .head(_, 0) = state { true } else { false }
    }
    package var isInBody: Bool {
        switch state {
        case .length, .chunked: true
        case .head, .decided, .failed: false
        }
    }

    /// - Returns: the number of consumed bytes and the resulting event. The caller must call again until `needMore`.
    package mutating func parse(_ bytes: Span<UInt8>) -> (consumed: Int, event: Event) {
        switch state {
        case .head(let lineStart, let searched):
            return parseHead(bytes, lineStart: lineStart, searched: searched)
        case .decided: return (0, .needMore)
        case .length(let remaining): return takeBody(bytes, remaining: remaining)
        case .chunked(let decoder, let limit): return takeChunks(bytes, decoder, limit)
        case .failed(let fault): return (0, .refused(fault))
        }
    }

    /// Must be called after `head`. A body above the limit is rejected with 413, at once if its length was announced.
    package mutating func readBody(limitBytes: Int) {
        guard case .decided(let framing) = state else { return }
        switch framing {
        case .none: state = .length(remaining: 0)
        case .length(let length) where length > limitBytes:
            state = .failed(HTTPFault(413, "body above \(limitBytes) bytes"))
        case .length(let length): state = .length(remaining: length)
        case .chunked: state = .chunked(ChunkDecoder(), limitBytes: limitBytes)
        }
    }

    private mutating func parseHead(_ bytes: Span<UInt8>, lineStart: Int, searched: Int)
        -> (consumed: Int, event: Event)
    {
        Steps.count(bytes.count - searched)
        var lineStart = lineStart
        var searched = searched
        if searched == 0, bytes.count > 0, !HTTPBytes.token.contains(bytes[0]) {
            return fail(HTTPFault(400, "request line"))
        }
        while let lf = bytes.firstIndex(of: HTTPBytes.lf, from: searched) {
            guard lf > 0, bytes[lf - 1] == HTTPBytes.cr else {
                return fail(HTTPFault(400, "line feed alone"))
            }
            guard lf - lineStart <= HeadLimits.lineBytes, lf < HeadLimits.totalBytes else {
                return fail(HTTPFault(431, "head too large"))
            }
            if lf == lineStart + 1 { return finishHead(bytes, count: lf + 1) }
            lineStart = lf + 1
            searched = lineStart
        }
        guard bytes.count - lineStart <= HeadLimits.lineBytes,
            bytes.count < HeadLimits.totalBytes
        else { return fail(HTTPFault(431, "head too large")) }
        state = .head(lineStart: lineStart, searched: bytes.count)
        return (0, .needMore)
    }

    private mutating func finishHead(_ bytes: Span<UInt8>, count: Int)
        -> (consumed: Int, event: Event)
    {
        if let last, bytes.equals(lastBytes, at: 0..<count) {
            state = .decided(last.1.body)
            return (count, .head(last.0, last.1))
        }
        do throws(HTTPFault) {
            let parsed = try RequestHeadReader.read(
                bytes.extracting(0..<count), listener, clientKey, source, peer,
                certificate)
            if count <= Self.rememberedBytes {
                lastBytes = bytes.array(0..<count)
                last = parsed
            }
            state = .decided(parsed.1.body)
            return (count, .head(parsed.0, parsed.1))
        } catch {
            return fail(error)
        }
    }

    private mutating func takeBody(_ bytes: Span<UInt8>, remaining: Int)
        -> (consumed: Int, event: Event)
    {
        let count = min(remaining, bytes.count)
        Steps.count(count)
        if body.isEmpty {
            body = bytes.array(0..<count)
        } else {
            bytes.append(0..<count, to: &body)
        }
        if count == remaining { return (count, finishBody()) }
        state = .length(remaining: remaining - count)
        return (count, .needMore)
    }

    private mutating func takeChunks(_ bytes: Span<UInt8>, _ decoder: ChunkDecoder, _ limit: Int)
        -> (consumed: Int, event: Event)
    {
        var decoder = decoder
        do throws(HTTPFault) {
            let consumed = try decoder.decode(bytes, into: &body, limitBytes: limit)
            Steps.count(consumed)
            if decoder.isDone { return (consumed, finishBody()) }
            state = .chunked(decoder, limitBytes: limit)
            return (consumed, .needMore)
        } catch {
            return fail(error)
        }
    }

    private mutating func finishBody() -> Event {
        state = .head(lineStart: 0, searched: 0)
        let whole = body
        body = []
        return .body(whole)
    }

    private mutating func fail(_ fault: HTTPFault) -> (consumed: Int, event: Event) {
        state = .failed(fault)
        body = []
        return (0, .refused(fault))
    }
}
