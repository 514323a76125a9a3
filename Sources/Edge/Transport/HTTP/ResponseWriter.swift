import InterlockPorts

/// Writes the bytes of responses (RFC 9112, section 4; RFC 9110, section 15).
enum ResponseWriter {
    static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    static let keepAliveComment = Array(":\n\n".utf8)
    static let lastChunk = Array("0\r\n\r\n".utf8)

    /// Appends the status line and fields of a complete response, and the empty line.
    static func head(
        of response: HTTPResponse, close: Bool, date: [UInt8], to output: inout [UInt8]
    ) {
        statusLine(response.status, to: &output)
        for field in response.headers { append(field.name, field.value, to: &output) }
        if hasLength(response.status) {
            output.append(contentsOf: "Content-Length: ".utf8)
            decimal(response.body.count, to: &output)
            output.append(contentsOf: "\r\n".utf8)
        }
        end(close: close, date: date, to: &output)
    }

    /// Appends the head of an event stream.
    static func eventsHead(
        headers: [(name: String, value: String)], chunked: Bool, close: Bool, date: [UInt8],
        to output: inout [UInt8]
    ) {
        statusLine(200, to: &output)
        output.append(contentsOf: "Content-Type: text/event-stream\r\n".utf8)
        output.append(contentsOf: "Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n".utf8)
        for field in headers { append(field.name, field.value, to: &output) }
        if chunked { output.append(contentsOf: "Transfer-Encoding: chunked\r\n".utf8) }
        end(close: close, date: date, to: &output)
    }

    /// Appends one chunk of the chunked coding. `bytes` must not be empty, which would end the body.
    static func chunk(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(contentsOf: String(bytes.count, radix: 16).utf8)
        output.append(contentsOf: "\r\n".utf8)
        output.append(contentsOf: bytes)
        output.append(contentsOf: "\r\n".utf8)
    }

    static func hasBody(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }
    private static func hasLength(_ status: Int) -> Bool { status >= 200 && status != 204 }

    private static func statusLine(_ status: Int, to output: inout [UInt8]) {
        if status == 200 {
            output.append(contentsOf: "HTTP/1.1 200 OK\r\n".utf8)
        } else {
            output.append(contentsOf: "HTTP/1.1 ".utf8)
            decimal(status, to: &output)
            output.append(contentsOf: " ".utf8)
            output.append(contentsOf: phrase(status).utf8)
            output.append(contentsOf: "\r\n".utf8)
        }
    }

    private static func end(close: Bool, date: [UInt8], to output: inout [UInt8]) {
        if close { output.append(contentsOf: "Connection: close\r\n".utf8) }
        output.append(contentsOf: date)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// Appends a field. Control characters become spaces, so no value can start another field.
    private static func append(_ name: String, _ value: String, to output: inout [UInt8]) {
        output.append(contentsOf: name.utf8)
        output.append(contentsOf: ": ".utf8)
        let start = output.count
        output.append(contentsOf: value.utf8)
        for index in start..<output.count where output[index] < 32 || output[index] == 127 {
            output[index] = 32
        }
        output.append(contentsOf: "\r\n".utf8)
    }

    private static func decimal(_ value: Int, to output: inout [UInt8]) {
        var divisor = 1
        while value / divisor >= 10 { divisor *= 10 }
        var rest = value
        while divisor > 0 {
            output.append(UInt8(48 + rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// The reason phrase, for people reading a trace; clients use the status code.
    private static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 204: "No Content"
        case 303: "See Other"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
