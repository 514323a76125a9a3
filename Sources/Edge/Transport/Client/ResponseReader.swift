/// Reads one HTTP/1.1 response (RFC 9112) from bytes in any pieces, and passes it to its transfer.
///
/// Stricter than the RFC: no folded lines, no transfer coding except chunked, never two lengths.
struct ResponseReader {
    private enum State {
        /// -> head, length, chunked, untilClose, done
        case head
        /// -> done
        case length(remaining: Int)
        /// -> done
        case chunked(ChunkDecoder)
        /// -> done
        case untilClose
        case done
    }
    private var state = State.head
    /// The beginning of an incomplete head.
    private var held: [UInt8] = []
    /// True if the connection may carry another request; valid once the response is complete.
    private(set) var keepsAlive = true

    private static let headBytes = 64 * 1024
    /// The maximum number of interim responses (1xx) before the final one.
    private static let mostInterim = 8
    private var interim = 0

    var isDone: Bool { if case .done = state { true } else { false } }

    /// - Returns: the number of bytes that belong to this response.
    /// - Throws: an error if the bytes are not HTTP, with status 413 if the body exceeds the transfer's limit.
    mutating func read(_ bytes: Span<UInt8>, for transfer: HTTPTransfer) throws(HTTPFault) -> Int {
        guard case .head = state, !held.isEmpty else {
            return try readOn(bytes, for: transfer)
        }
        let before = held.count
        bytes.append(0..<bytes.count, to: &held)
        let whole = held
        held = []
        return try readOn(whole.span, for: transfer) - before
    }

    /// Handles the end of the input.
    /// - Returns: true if the response is complete.
    mutating func end() -> Bool {
        keepsAlive = false
        if case .untilClose = state { state = .done }
        return isDone
    }

    private mutating func readOn(_ bytes: Span<UInt8>, for transfer: HTTPTransfer)
        throws(HTTPFault) -> Int
    {
        var place = 0
        while place < bytes.count {
            switch state {
            case .head:
                guard
                    let head = try ResponseHeadReader.read(
                        bytes.extracting(place...), keepsFields: transfer.request.keepsFields)
                else {
                    guard bytes.count - place <= Self.headBytes else {
                        throw HTTPFault(431, "head too large")
                    }
                    held = bytes.array(place..<bytes.count)
                    return bytes.count
                }
                place += head.byteCount
                if head.fields.status < 200 {
                    interim += 1
                    guard interim <= Self.mostInterim else {
                        throw HTTPFault(431, "too many interim answers")
                    }
                    continue
                }
                keepsAlive = head.keepsAlive
                transfer.receive(head: head.fields)
                switch head.body {
                case .none: state = .done
                case .length(let count): state = count == 0 ? .done : .length(remaining: count)
                case .chunked: state = .chunked(ChunkDecoder())
                case .untilClose: state = .untilClose
                }
            case .length(let remaining):
                let count = min(remaining, bytes.count - place)
                try hand(bytes.extracting(place..<(place + count)), to: transfer)
                place += count
                state = count == remaining ? .done : .length(remaining: remaining - count)
            case .chunked(var decoder):
                var piece: [UInt8] = []
                place += try decoder.decode(
                    bytes.extracting(place...), into: &piece, limitBytes: transfer.roomBytes)
                state = decoder.isDone ? .done : .chunked(decoder)
                if !piece.isEmpty { try hand(piece.span, to: transfer) }
            case .untilClose:
                try hand(bytes.extracting(place...), to: transfer)
                place = bytes.count
            case .done: return place
            }
        }
        return place
    }

    private func hand(_ bytes: Span<UInt8>, to transfer: HTTPTransfer) throws(HTTPFault) {
        guard transfer.receive(body: bytes) else { throw HTTPFault(413, "answer too large") }
    }
}

/// The complete head of a response.
struct ResponseHeadFields {
    enum Body: Equatable {
        case none
        case length(Int)
        case chunked
        case untilClose
    }
    var fields: ClientHead
    var body: Body
    var keepsAlive: Bool
    /// The size of the head, including the empty line.
    var byteCount: Int
}

enum ResponseHeadReader {
    private static let fieldCount = 200

    /// - Returns: nil until the empty line has arrived.
    static func read(
        _ bytes: Span<UInt8>, keepsFields: Bool = false
    ) throws(HTTPFault) -> ResponseHeadFields? {
        guard let end = endOfHead(bytes) else { return nil }
        var start = 0
        var head = ResponseHeadFields(
            fields: ClientHead(status: 0), body: .untilClose, keepsAlive: true, byteCount: end)
        var seen = ReadHeaders(keepsFields: keepsFields)
        var count = 0
        while let lf = bytes.firstIndex(of: HTTPBytes.lf, from: start), lf < end {
            let stop = lf > start && bytes[lf - 1] == HTTPBytes.cr ? lf - 1 : lf
            if start == 0 {
                try statusLine(bytes, 0..<stop, &head)
            } else if stop > start {
                count += 1
                guard count <= fieldCount else { throw HTTPFault(431, "too many fields") }
                try field(bytes, start..<stop, &head, &seen)
            }
            start = lf + 1
        }
        if seen.isChunked {
            guard seen.length == nil else { throw HTTPFault(400, "two lengths") }
            head.body = .chunked
        } else if let length = seen.length {
            head.body = .length(length)
        } else {
            head.keepsAlive = false
        }
        if head.fields.status == 204 || head.fields.status == 304 {
            if case .untilClose = head.body { head.keepsAlive = !seen.closes }
            head.body = .none
        }
        if seen.closes { head.keepsAlive = false }
        return head
    }

    private struct ReadHeaders {
        let keepsFields: Bool
        var length: Int?
        var isChunked = false
        var closes = false
    }

    /// Returns the position after the first empty line.
    private static func endOfHead(_ bytes: Span<UInt8>) -> Int? {
        var start = 0
        while let lf = bytes.firstIndex(of: HTTPBytes.lf, from: start) {
            if lf == start || (lf == start + 1 && bytes[start] == HTTPBytes.cr) { return lf + 1 }
            start = lf + 1
        }
        return nil
    }

    /// Parses `HTTP/1.1 200 OK` or `HTTP/1.0 200`. 101 is rejected, since no protocol switch was requested.
    private static func statusLine(
        _ bytes: Span<UInt8>, _ line: Range<Int>, _ head: inout ResponseHeadFields
    ) throws(HTTPFault) {
        guard line.count >= 12, bytes.equals(version, at: 0..<7),
            bytes[7] == UInt8(ascii: "0") || bytes[7] == UInt8(ascii: "1"),
            bytes[8] == HTTPBytes.space, line.count == 12 || bytes[12] == HTTPBytes.space
        else { throw HTTPFault(400, "status line") }
        var status = 0
        for place in 9..<12 {
            guard (48...57).contains(bytes[place]) else { throw HTTPFault(400, "status line") }
            status = status * 10 + Int(bytes[place] - 48)
        }
        guard status >= 100, status != 101 else { throw HTTPFault(400, "status") }
        head.fields.status = status
        if bytes[7] == UInt8(ascii: "0") { head.keepsAlive = false }
    }

    private static let version = Array("HTTP/1.".utf8)
    private static let contentType = Array("content-type".utf8)
    private static let contentLength = Array("content-length".utf8)
    private static let sessionID = Array("mcp-session-id".utf8)
    private static let transferEncoding = Array("transfer-encoding".utf8)
    private static let connection = Array("connection".utf8)
    private static let authenticate = Array("www-authenticate".utf8)
    private static let chunked = Array("chunked".utf8)
    private static let close = Array("close".utf8)
    private static let valueBytes = 1024

    private static func field(
        _ bytes: Span<UInt8>, _ line: Range<Int>, _ head: inout ResponseHeadFields,
        _ seen: inout ReadHeaders
    ) throws(HTTPFault) {
        var colon = line.lowerBound
        while colon < line.upperBound, HTTPBytes.token.contains(bytes[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == HTTPBytes.colon
        else { throw HTTPFault(400, "field line") }
        let name = line.lowerBound..<colon
        var start = colon + 1
        var end = line.upperBound
        while start < end, HTTPBytes.isBlank(bytes[start]) { start += 1 }
        while end > start, HTTPBytes.isBlank(bytes[end - 1]) { end -= 1 }
        let value = start..<end
        if seen.keepsFields {
            head.fields.fields.append(
                ClientHead.Field(
                    name: bytes.string(name).lowercased(), value: bytes.string(value)))
        }
        switch name.count {
        case 10 where bytes.equals(connection, at: name, foldingCase: true):
            seen.closes = seen.closes || bytes.equals(close, at: value, foldingCase: true)
        case 12 where bytes.equals(contentType, at: name, foldingCase: true):
            if value.count <= valueBytes { head.fields.contentType = bytes.string(value) }
        case 14 where bytes.equals(contentLength, at: name, foldingCase: true):
            guard seen.length == nil, let length = number(bytes, value) else {
                throw HTTPFault(400, "Content-Length")
            }
            seen.length = length
        case 14 where bytes.equals(sessionID, at: name, foldingCase: true):
            guard (1...valueBytes).contains(value.count), isVisible(bytes, value) else { return }
            head.fields.sessionID = bytes.string(value)
        case 16 where bytes.equals(authenticate, at: name, foldingCase: true):
            if value.count <= ClientHead.challengeBytes {
                head.fields.take(challenge: bytes.string(value))
            }
        case 17 where bytes.equals(transferEncoding, at: name, foldingCase: true):
            guard !seen.isChunked, bytes.equals(chunked, at: value, foldingCase: true) else {
                throw HTTPFault(501, "transfer coding")
            }
            seen.isChunked = true
        default: return
        }
    }

    private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard (1...15).contains(range.count) else { return nil }
        var value = 0
        for place in range {
            guard (48...57).contains(bytes[place]) else { return nil }
            value = value * 10 + Int(bytes[place] - 48)
        }
        return value
    }

    private static func isVisible(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for place in range where bytes[place] <= 32 || bytes[place] >= 127 { return false }
        return true
    }
}

extension Span<UInt8> {
    /// Compares ASCII text; `other` must be in lower case.
    fileprivate func equals(_ other: [UInt8], at range: Range<Int>, foldingCase: Bool) -> Bool {
        guard range.count == other.count else { return false }
        for place in 0..<other.count {
            let byte = self[range.lowerBound + place]
            guard (byte >= 65 && byte <= 90 ? byte | 32 : byte) == other[place] else {
                return false
            }
        }
        return true
    }
}
