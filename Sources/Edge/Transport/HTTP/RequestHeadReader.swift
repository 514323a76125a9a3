import InterlockJSON
import InterlockModel
import InterlockPorts

/// Reads one complete head: the request line, the field lines and the empty line, each ended by CRLF (RFC 9112,
/// sections 3, 5 and 6).
enum RequestHeadReader {
    /// - Parameter bytes: must end with the empty line; each LF follows a CR.
    static func read(
        _ bytes: Span<UInt8>, _ listener: Listener, _ clientKey: Digest?, _ source: RequestSource,
        _ peer: ConnectionPeer?, _ certificate: PeerCertificate? = nil
    ) throws(HTTPFault)
        -> (RequestHead, RequestFraming)
    {
        Steps.count(bytes.count)
        var framing = RequestFraming()
        guard let lineEnd = bytes.firstIndex(of: HTTPBytes.lf, from: 0) else {
            throw HTTPFault(400, "request line")
        }
        let line = try requestLine(bytes, end: lineEnd - 1, &framing)
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(12)
        var seen = HeaderFieldSet()
        var start = lineEnd + 1
        while let lf = bytes.firstIndex(of: HTTPBytes.lf, from: start), lf > start + 1 {
            guard headers.count < HeadLimits.fields else { throw HTTPFault(431, "too many fields") }
            let field = try fieldLine(bytes, start..<(lf - 1))
            try seen.note(field.name, field.value)
            headers.append(field)
            start = lf + 1
        }
        try seen.conclude(&framing)
        let length = if case .length(let length) = framing.body { Int?(length) } else { Int?.none }
        let head = RequestHead(
            listener: listener, method: line.method, path: line.path, query: line.query,
            headers: headers, contentLength: length, clientKey: clientKey,
            certificate: certificate, source: source, peer: peer)
        return (head, framing)
    }

    /// `GET /path?query HTTP/1.1`
    private static func requestLine(
        _ bytes: Span<UInt8>, end: Int, _ framing: inout RequestFraming
    ) throws(HTTPFault) -> (method: String, path: String, query: String?) {
        var place = 0
        while place < end, HTTPBytes.token.contains(bytes[place]) { place += 1 }
        guard place > 0, place <= 24, place < end, bytes[place] == HTTPBytes.space else {
            throw HTTPFault(400, "method")
        }
        let method = bytes.string(0..<place)
        let targetStart = place + 1
        place = targetStart
        var question: Int?
        while place < end, HTTPBytes.isTarget(bytes[place]) {
            if question == nil, bytes[place] == UInt8(ascii: "?") { question = place }
            place += 1
        }
        guard place > targetStart, bytes[targetStart] == UInt8(ascii: "/"), place < end,
            bytes[place] == HTTPBytes.space
        else { throw HTTPFault(400, "request target") }
        let path = bytes.string(targetStart..<(question ?? place))
        let query = question.map { bytes.string(($0 + 1)..<place) }
        try version(bytes, (place + 1)..<end, &framing)
        return (method, path, query)
    }

    private static func version(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ framing: inout RequestFraming
    ) throws(HTTPFault) {
        switch bytes.string(range) {
        case "HTTP/1.1": return
        case "HTTP/1.0":
            framing.isVersion10 = true
            framing.wantsClose = true
        case let text:
            let wellFormed =
                text.hasPrefix("HTTP/") && text.utf8.count > 5
                && text.utf8.dropFirst(5).allSatisfy { (48...57).contains($0) || $0 == 46 }
            throw wellFormed ? HTTPFault(505, "HTTP version") : HTTPFault(400, "request line")
        }
    }

    private static func fieldLine(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTPFault)
        -> (name: String, value: String)
    {
        var place = range.lowerBound
        while place < range.upperBound, HTTPBytes.token.contains(bytes[place]) { place += 1 }
        // This rejects folded lines, white space before the colon and empty names.
        guard place > range.lowerBound, place < range.upperBound, bytes[place] == HTTPBytes.colon
        else { throw HTTPFault(400, "field name") }
        let name = bytes.lowercased(range.lowerBound..<place)
        var start = place + 1
        var end = range.upperBound
        while start < end, HTTPBytes.isBlank(bytes[start]) { start += 1 }
        while end > start, HTTPBytes.isBlank(bytes[end - 1]) { end -= 1 }
        for index in start..<end where !HTTPBytes.isValue(bytes[index]) {
            throw HTTPFault(400, "field value")
        }
        return (name, bytes.string(start..<end))
    }
}

/// The fields that frame a message, identify its sender or control its reading. Each may occur at most once, since a
/// proxy in front may have used the other value.
private struct HeaderFieldSet {
    private var host = false
    private var authorization = false
    private var length: Int?
    private var transferEncoding: String?
    private var expect: String?
    private var close = false
    private var origin = false
    private var contentType = false
    private var session = false
    private var version = false

    mutating func note(_ name: String, _ value: String) throws(HTTPFault) {
        switch name.utf8.count {
        case 4 where name == "host":
            guard !host else { throw HTTPFault(400, "two Host fields") }
            guard !value.isEmpty else { throw HTTPFault(400, "empty Host") }
            host = true
        case 6 where name == "expect": expect = value
        case 10 where name == "connection":
            guard value.utf8.count <= Self.longestConnection else {
                throw HTTPFault(400, "Connection")
            }
            if listed("close", in: value) { close = true }
        case 13 where name == "authorization":
            guard !authorization else { throw HTTPFault(400, "two Authorization fields") }
            authorization = true
        case 14 where name == "content-length":
            guard length == nil else { throw HTTPFault(400, "two Content-Length fields") }
            length = try contentLength(value)
        case 17 where name == "transfer-encoding":
            guard transferEncoding == nil else { throw HTTPFault(400, "two Transfer-Encodings") }
            transferEncoding = value
        case 6 where name == "origin": try Self.once(&origin, name)
        case 12 where name == "content-type": try Self.once(&contentType, name)
        case 14 where name == "mcp-session-id": try Self.once(&session, name)
        case 20 where name == "mcp-protocol-version": try Self.once(&version, name)
        default: return
        }
    }

    private static func once(_ seen: inout Bool, _ name: String) throws(HTTPFault) {
        guard !seen else { throw HTTPFault(400, "two \(name) fields") }
        seen = true
    }

    func conclude(_ framing: inout RequestFraming) throws(HTTPFault) {
        guard host else { throw HTTPFault(400, "no Host") }
        if close { framing.wantsClose = true }
        if let transferEncoding {
            guard length == nil, !framing.isVersion10 else {
                throw HTTPFault(400, "both Content-Length and Transfer-Encoding")
            }
            guard transferEncoding.lowercased() == "chunked" else {
                throw HTTPFault(501, "transfer coding")
            }
            framing.body = .chunked
        } else if let length, length > 0 {
            framing.body = .length(length)
        }
        if let expect, !framing.isVersion10 {
            guard expect.lowercased() == "100-continue" else { throw HTTPFault(417, "expectation") }
            framing.expectsContinue = framing.body != .none
        }
    }

    private func contentLength(_ text: String) throws(HTTPFault) -> Int {
        guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            let value = Int(text)
        else { throw HTTPFault(400, "Content-Length") }
        return value
    }

    /// The maximum length in bytes of a `Connection` value, which is searched word by word.
    private static let longestConnection = 256

    private func listed(_ word: String, in value: String) -> Bool {
        if value == "keep-alive" { return false }
        return value.split(separator: ",").contains { part in
            part.filter { $0 != " " && $0 != "\t" }.lowercased() == word
        }
    }
}
