import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTransport
import Testing

@Suite struct RequestParserTests {
    /// The result of a whole input: the requests read, and the status of a final refusal, if any.
    struct Reading: Equatable {
        var requests: [String] = []
        var refusal: Int?
    }

    static func read(_ text: String, pieceBytes: Int = .max, limitBytes: Int = 1000) -> Reading {
        var parser = RequestParser(listener: .agents)
        var reading = Reading()
        var held: [UInt8] = []
        var rest = Array(text.utf8)[...]
        var head: RequestHead?
        repeat {
            held += rest.prefix(pieceBytes)
            rest = rest.dropFirst(pieceBytes)
            pieces: while true {
                let (consumed, event) = parser.parse(held.span)
                held.removeFirst(consumed)
                switch event {
                case .needMore: break pieces
                case .head(let made, _):
                    head = made
                    parser.readBody(limitBytes: limitBytes)
                case .body(let body):
                    let fields = head?.headers.map { "\($0.name)=\($0.value)" } ?? []
                    reading.requests.append(
                        "\(head?.method ?? "") \(head?.path ?? "") \(head?.query ?? "-") "
                            + fields.joined(separator: "|") + " "
                            + String(decoding: body, as: UTF8.self))
                case .refused(let fault):
                    reading.refusal = fault.status
                    return reading
                }
            }
        } while !rest.isEmpty
        return reading
    }

    static let get = "GET /mcp?a=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    static let post =
        "POST /mcp HTTP/1.1\r\nHost: h\r\nContent-Type:  a/b \t\r\nContent-Length: 5\r\n\r\nhello"
    static let chunked =
        "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "4;x=y\r\nwiki\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n"

    @Test func `requests of every framing are read, names in lower case and values trimmed`() {
        let reading = Self.read(Self.get + Self.post + Self.chunked + Self.get)
        #expect(
            reading.requests == [
                "GET /mcp a=1 host=localhost ",
                "POST /mcp - host=h|content-type=a/b|content-length=5 hello",
                "POST /c - host=h|transfer-encoding=chunked wiki0123456789",
                "GET /mcp a=1 host=localhost ",
            ])
        #expect(reading.refusal == nil)
    }

    @Test func `where the bytes are cut makes no difference`() {
        let text = Self.get + Self.post + Self.chunked + Self.post + "GET / HTTP/9.9\r\n\r\n"
        let whole = Self.read(text)
        #expect(whole.requests.count == 4)
        #expect(whole.refusal == 505)
        for size in 1..<80 { #expect(Self.read(text, pieceBytes: size) == whole, "\(size)") }
    }

    static let refused: [(text: String, status: Int)] = [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: b\r\nauthorization: b\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nx", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nx", 400),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            400
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
            400
        ),
        ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{0}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{7f}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: é\r\n\r\n", 400),
        ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /\r\nHost: a\r\n\r\n", 400),
        ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: "
                + String(repeating: "a,", count: 129) + "\r\n\r\n", 400
        ),
        ("GET /" + String(repeating: "a", count: 9000), 431),
        ("GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\n", 431),
        ("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 9000) + "\r\n", 431),
        (
            "GET / HTTP/1.1\r\n"
                + String(
                    repeating: "X: " + String(repeating: "a", count: 4000) + "\r\n", count: 9), 431
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 101) + "\r\n",
            431
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413),
        (chunk("3e9\r\n"), 413),
        (chunk("3e8\r\n" + String(repeating: "a", count: 1000) + "\r\n1\r\na"), 413),
        (chunk("fffffffff\r\n"), 400),
        (chunk("\r\n"), 400),
        (chunk("g\r\n"), 400),
        (chunk("-1\r\n"), 400),
        (chunk("0x1\r\n"), 400),
        (chunk("1 \r\nx\r\n"), 400),
        (chunk("1\nx\r\n"), 400),
        (chunk("1\r\nxy\r\n"), 400),
        (chunk("1\r\nx\n0\r\n"), 400),
        (chunk("1;\u{1}\r\n"), 400),
        (chunk("1;" + String(repeating: "e", count: 300)), 400),
        (chunk("0\r\n folded\r\n\r\n"), 400),
        (chunk("0\r\nT: \u{1}\r\n\r\n"), 400),
        (chunk("0\r\n" + String(repeating: "T: aaaaaaaaaaaaaaaa\r\n", count: 600)), 431),
    ]

    static func chunk(_ rest: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + rest
    }

    /// A proxy in front may have used either of two different lengths and so sees other requests than the gateway.
    @Test(arguments: [0, 1, 5], [0, 1, 5])
    func `two lengths are refused, whether they agree or not`(first: Int, second: Int) {
        let reading = Self.read(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(first)\r\n"
                + "Content-Length: \(second)\r\n\r\nhello")
        #expect(reading.refusal == 400)
        #expect(reading.requests.isEmpty)
    }

    @Test(arguments: refused.indices)
    func `a request that breaks the rules is refused with its status`(row: Int) {
        let (text, status) = Self.refused[row]
        #expect(Self.read(text) == Reading(requests: [], refusal: status))
        #expect(Self.read(text, pieceBytes: 1) == Reading(requests: [], refusal: status))
    }

    @Test func `heads and bodies at the limits are read`() {
        let line = "X: " + String(repeating: "a", count: 8000) + "\r\n"
        let text =
            "POST / HTTP/1.1\r\nHost: a\r\n" + line + line + line
            + "Content-Length: 1000\r\n\r\n" + String(repeating: "b", count: 1000)
        #expect(Self.read(text).requests.count == 1)
        #expect(Self.read(text).refusal == nil)
    }

    @Test func `framing says what becomes of the connection`() {
        func framing(_ text: String) -> RequestFraming? {
            var parser = RequestParser(listener: .people)
            let bytes = Array(text.utf8)
            if case .head(let head, let framing) = parser.parse(bytes.span).event {
                #expect(head.listener == .people)
                return framing
            }
            return nil
        }
        var old = RequestFraming()
        old.isVersion10 = true
        old.wantsClose = true
        #expect(framing("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n") == old)
        var closing = RequestFraming()
        closing.wantsClose = true
        #expect(framing("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n") == closing)
        #expect(framing("GET / HTTP/1.1\r\nHost: a\r\nConnection: close , te\r\n\r\n") == closing)
        #expect(
            framing("GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, TE, Upgrade\r\n\r\n")
                == RequestFraming())
        var expecting = RequestFraming()
        expecting.expectsContinue = true
        expecting.body = .length(3)
        #expect(
            framing(
                "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n")
                == expecting)
    }
}
