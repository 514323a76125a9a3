/// The head of a response from the gateway to our own programs.
package struct ResponseHead: Equatable, Sendable {
    package let status: Int
    /// Names in lower case, in order of arrival.
    package let headers: [(name: String, value: String)]

    /// Returns the first value of a header; `name` must be in lower case.
    package subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

    package static func == (a: ResponseHead, b: ResponseHead) -> Bool {
        a.status == b.status && a.headers.elementsEqual(b.headers) { $0 == $1 }
    }

    /// The framing of the body.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        case untilClose
    }

    var framing: Framing {
        if status < 200 || status == 204 || status == 304 { return .length(0) }
        if self["transfer-encoding"]?.lowercased() == "chunked" { return .chunked }
        if let text = self["content-length"], let length = Int(text), length >= 0 {
            return .length(length)
        }
        return .untilClose
    }

    /// - Returns: nil until the empty line has arrived.
    static func parse(_ bytes: [UInt8]) throws(LocalFailure) -> (head: ResponseHead, consumed: Int)?
    {
        let span = bytes.span
        var lines: [Range<Int>] = []
        var start = 0
        while let lf = span.firstIndex(of: HTTPBytes.lf, from: start) {
            let end = lf > start && span[lf - 1] == HTTPBytes.cr ? lf - 1 : lf
            if end == start { return (try parse(span, lines), lf + 1) }
            lines.append(start..<end)
            start = lf + 1
        }
        guard bytes.count <= HeadLimits.totalBytes else { throw .notHTTP }
        return nil
    }

    private static func parse(_ span: Span<UInt8>, _ lines: [Range<Int>]) throws(LocalFailure)
        -> ResponseHead
    {
        guard let first = lines.first, first.count >= 12, first.upperBound <= span.count,
            span.string(first.lowerBound..<(first.lowerBound + 9)).hasPrefix("HTTP/1."),
            let status = Int(span.string((first.lowerBound + 9)..<(first.lowerBound + 12)))
        else { throw .notHTTP }
        var headers: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = span.firstIndex(of: HTTPBytes.colon, from: line.lowerBound),
                colon < line.upperBound
            else { throw .notHTTP }
            var begin = colon + 1
            while begin < line.upperBound, span[begin] == HTTPBytes.space { begin += 1 }
            headers.append(
                (span.lowercased(line.lowerBound..<colon), span.string(begin..<line.upperBound)))
        }
        return ResponseHead(status: status, headers: headers)
    }
}
