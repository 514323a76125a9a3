import InterlockTesting
import Testing

@testable import InterlockEgress

struct ProxyHeadReaderTests {
    /// A head of HTTP/1.1.
    private static func head(_ start: String, _ fields: String...) -> String {
        start + " HTTP/1.1\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    /// Reads a head in pieces of a size; the result is the request, the reason, or `more`.
    private func read(_ text: String, pieces size: Int = .max) -> String {
        var reader = ProxyHeadReader()
        var rest = Array(text.utf8)[...]
        do throws(EgressRefusal) {
            while !rest.isEmpty {
                let piece = rest.prefix(size)
                rest = rest.dropFirst(piece.count)
                guard let reading = try reader.read(piece) else { continue }
                let left = String(decoding: reading.rest + rest, as: UTF8.self)
                return describe(reading.request) + (left.isEmpty ? "" : " + \(left)")
            }
            return "more"
        } catch {
            return error.reason.rawValue
        }
    }

    private func describe(_ request: ProxyRequest) -> String {
        switch request {
        case .tunnel(let target): "tunnel \(target)"
        case .forward(let request):
            "forward \(request.target) \(request.bodyLength) "
                + String(decoding: request.head, as: UTF8.self)
        case .own(let route): "own \(route)"
        case .notFound: "404"
        }
    }

    /// The result does not depend on how the bytes arrive.
    private func check(_ text: String, _ expected: String) {
        #expect(read(text) == expected)
        #expect(read(text, pieces: 1) == expected)
        #expect(read(text, pieces: 7) == expected)
    }

    @Test(
        .requirement("R077"),
        arguments: [
            (
                "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
                "tunnel a.example:443"
            ),
            ("CONNECT A.Example.:443 HTTP/1.1\r\nhost: a.example\r\n\r\n", "tunnel a.example:443"),
            ("CONNECT a.example:443 HTTP/1.0\r\n\r\n", "tunnel a.example:443"),
            ("CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\nX: y\r\n\r\n", "tunnel [::1]:80"),
            (
                "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n\u{16}",
                "tunnel a.example:443 + \u{16}"
            ),
            ("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example", "more"),
        ])
    func `CONNECT names its target`(_ text: String, _ expected: String) { check(text, expected) }

    @Test func `a request in absolute form is sent on without hop-by-hop fields`() {
        check(
            "GET http://a.example/b?c HTTP/1.1\r\nHost: a.example\r\nConnection: keep-alive, X-Hop\r\n"
                + "X-Hop: 1\r\nProxy-Authorization: Basic eA==\r\nProxy-Connection: keep-alive\r\n"
                + "TE: trailers\r\nKeep-Alive: 5\r\nAccept:  */* \r\n\r\n",
            "forward a.example:80 0 GET /b?c HTTP/1.1\r\nHost: a.example\r\naccept: */*\r\n"
                + "Connection: close\r\n\r\n")
        check(
            "POST HTTP://a.example:8080?q HTTP/1.1\r\nHost: a.example:8080\r\nContent-Length: 3\r\n"
                + "\r\nabcdef",
            "forward a.example:8080 3 POST /?q HTTP/1.1\r\nHost: a.example:8080\r\n"
                + "content-length: 3\r\nConnection: close\r\n\r\n + abcdef")
    }

    @Test func `what a client expects is not in the head, and of HTTP/1.0 it is ignored`() throws {
        func request(_ version: String, _ value: String) throws -> ForwardedRequest {
            var reader = ProxyHeadReader()
            let text =
                "POST http://a.example/ HTTP/\(version)\r\nHost: a.example\r\nContent-Length: 1\r\n"
                + "Expect: \(value)\r\n\r\n"
            let reading = try reader.read(Array(text.utf8))
            guard case .forward(let request)? = reading?.request else {
                throw EgressRefusal(.badRequest, "another request")
            }
            return request
        }
        let head =
            "POST / HTTP/1.1\r\nHost: a.example\r\ncontent-length: 1\r\nConnection: close\r\n"
        for value in ["100-continue", "100-Continue"] {
            let new = try request("1.1", value)
            #expect(new.expectsContinue)
            #expect(String(decoding: new.head, as: UTF8.self) == head + "\r\n")
            #expect(
                String(decoding: new.headWithExpectation, as: UTF8.self)
                    == head + "expect: 100-continue\r\n\r\n")
            let old = try request("1.0", value)
            #expect(!old.expectsContinue)
            #expect(old.head == new.head && old.headWithExpectation == new.head)
        }
    }

    static let bad: [(String, String)] = [
        // Expectations that nothing can meet.
        (head("GET http://a.example/", "Host: a.example", "Expect: 200-ok"), "bad-request"),
        (head("GET http://a.example/", "Host: a.example", "Expect: "), "bad-request"),
        (
            head("GET http://a.example/", "Host: a.example", "Expect: 100-continue, x"),
            "bad-request"
        ),
        (
            head(
                "GET http://a.example/", "Host: a.example", "Expect: 100-continue",
                "Expect: 100-continue"), "bad-request"
        ),
        // Smuggling.
        (
            head("POST http://a.example/", "Host: a.example", "Transfer-Encoding: chunked"),
            "bad-request"
        ),
        (
            head("POST http://a.example/", "Host: a.example", "Transfer-Encoding: identity"),
            "bad-request"
        ),
        (
            head(
                "POST http://a.example/", "Host: a.example", "Content-Length: 1",
                "Content-Length: 1"), "bad-request"
        ),
        (head("POST http://a.example/", "Host: a.example", "Content-Length: 1, 1"), "bad-request"),
        (head("POST http://a.example/", "Host: a.example", "Content-Length: +1"), "bad-request"),
        (head("POST http://a.example/", "Host: a.example", "Content-Length : 1"), "bad-request"),
        (
            head(
                "POST http://a.example/", "Host: a.example", "Content-Length: 1",
                "Connection: Content-Length"), "bad-request"
        ),
        ("GET http://a.example/ HTTP/1.1\nHost: a.example\n\n", "bad-request"),
        (head("GET http://a.example/", "Host: a.example", " folded"), "bad-request"),
        (head("GET http://a.example/", "Host: a.example", "X: a\rb"), "bad-request"),
        (head("GET http://a.example/", "Host: a.example", "X: a\r"), "bad-request"),
        (head("GET http://a.example/", "Host: a.example", "X: a\0b"), "bad-request"),
        (head("GET http://a.example/", "Host: a.example", ": b"), "bad-request"),
        (head("GET http://a.example/", "Host: a.example", "X"), "bad-request"),
        // Two targets.
        (head("GET http://a.example/", "Host: a.example", "Host: b.example"), "bad-request"),
        (head("GET http://a.example/", "Host: b.example"), "bad-request"),
        (head("GET http://a.example:81/", "Host: a.example"), "bad-request"),
        (head("GET http://a.example/"), "bad-request"),
        (head("CONNECT a.example:443", "Host: b.example:443"), "bad-request"),
        (head("CONNECT a.example:443", "Host: a.example:80"), "bad-request"),
        (head("GET http://u@a.example/", "Host: a.example"), "bad-host"),
        (head("GET http://b.example@a.example/", "Host: a.example"), "bad-host"),
        (head("GET http://a.example\\@b.example/", "Host: b.example"), "bad-host"),
        (head("CONNECT a.example%00.b.example:443", "Host: a"), "bad-host"),
        (head("CONNECT a.example\0.b.example:443", "Host: a"), "bad-request"),
        (head("CONNECT 0x7f.1:443", "Host: 0x7f.1:443"), "bad-host"),
        (head("CONNECT 127.1:443", "Host: 127.1:443"), "bad-host"),
        (head("CONNECT [::1%25lo]:443", "Host: x"), "bad-host"),
        // Other forms.
        (head("GET https://a.example/", "Host: a.example"), "bad-request"),
        (head("GET ftp://a.example/", "Host: a.example"), "bad-request"),
        (head("OPTIONS *", "Host: a.example"), "bad-request"),
        (head("CONNECT a.example", "Host: a.example"), "bad-request"),
        (head("CONNECT http://a.example:443", "Host: a.example"), "bad-host"),
        (head("CONNECT /mcp", "Host: 127.0.0.1:3128"), "bad-request"),
        (head("GET a.example:80", "Host: a.example"), "bad-request"),
        (head("CONNECT a.example:443", "Host: a.example", "Content-Length: 1"), "bad-request"),
        (head("GET http://a.example/", "Host: a.example", "Upgrade: websocket"), "bad-request"),
        (head("GET http://a.example/", "Host: a.example", "HTTP2-Settings: x"), "bad-request"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "bad-request"),
        (head("GET  http://a.example/", "Host: a.example"), "bad-request"),
        ("GET http://a.example/ HTTP/1.1 \r\nHost: a.example\r\n\r\n", "bad-request"),
        (head("GET http://a.example/#x", "Host: a.example"), "bad-request"),
        ("\r\nGET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n", "bad-request"),
        ("\u{16}\u{3}\u{1}\n", "bad-request"),
    ]

    @Test(.requirement("R077"), arguments: bad)
    func `what could be read in two ways is refused`(_ text: String, _ reason: String) {
        check(text, reason)
    }

    @Test(arguments: [
        ("GET /mcp", "own \(OwnRoute.mcp(nil))"), ("POST /mcp", "own \(OwnRoute.mcp(nil))"),
        ("POST /hook/v1/event", "own \(OwnRoute.hookEvent)"),
        (
            "POST /model/main/v1/messages?beta=true",
            "own \(OwnRoute.model(name: "main", path: "/v1/messages?beta=true"))"
        ),
        ("GET /", "404"), ("GET /mcp/", "404"), ("GET /mcp/a/b", "404"), ("GET /mcp/A", "404"),
        ("GET /mcp/..", "404"), ("GET /mcp?x", "404"), ("GET /model/main", "404"),
        ("GET /model//v1", "404"), ("GET /model/main/../x", "404"),
        ("GET /model/main/%2e%2e/x", "404"),
        ("GET /model/main/a%2fb", "404"), ("GET /model/../v1", "404"),
        ("GET /hook/v1/event/", "404"),
        ("GET /hook/v1/event?a", "404"), ("GET /hook/v2/event", "404"), ("GET /metrics", "404"),
        ("GET //mcp", "404"), ("GET /model/main/./x", "404"), ("GET /model/main/a\\b", "404"),
    ])
    func `the proxy's own paths are few`(_ line: String, _ expected: String) {
        check("\(line) HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n\r\n", expected)
    }

    /// Clients with a proxy in their environment send these to its own address too.
    @Test func `absolute form to the proxy itself is one of its own paths`() {
        let start = "POST http://127.0.0.1:3128/model/main/v1?a HTTP/1.1\r\n"
        let text = start + "Host: 127.0.0.1:3128\r\nContent-Length: 2\r\n\r\n{}"
        check(text, "own \(OwnRoute.model(name: "main", path: "/v1?a")) + {}")
        var reader = ProxyHeadReader()
        let reading = try? reader.read(Array(text.utf8))
        #expect(
            reading.map { String(decoding: $0.head, as: UTF8.self) }
                == "POST /model/main/v1?a HTTP/1.1\r\nHost: 127.0.0.1:3128\r\ncontent-length: 2\r\n"
                + "Connection: close\r\n\r\n")
        check("GET http://127.0.0.1:3128/metrics HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n\r\n", "404")
        check(
            "GET http://127.0.0.1:3128/mcp HTTP/1.1\r\nHost: evil.example:3128\r\n\r\n",
            "bad-request")
    }

    @Test func `a server has its own path`() {
        let text = read("POST /mcp/git HTTP/1.1\r\nHost: 127.0.0.1:3128\r\n\r\n")
        #expect(text.hasPrefix("own ") && text.contains("git"))
    }

    @Test(arguments: [
        "localhost:3128", "127.0.0.1", "127.0.0.1:31280", "evil.example", "127.1:3128",
    ])
    func `another Host reaches no own path`(_ host: String) {
        check("GET /mcp HTTP/1.1\r\nHost: \(host)\r\n\r\n", "bad-request")
    }

    @Test func `heads have limits`() {
        let start = "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n"
        let fields = String(repeating: "a: b\r\n", count: 99)
        check(start + fields + "\r\n", "tunnel a.example:443")
        check(start + fields + "a: b\r\n\r\n", "bad-request")
        let filler = String(repeating: "x", count: ProxyHeadReader.limitBytes)
        check(start + "a: " + filler, "limit")
        check(filler, "limit")
        let room = ProxyHeadReader.limitBytes - start.utf8.count - "a: \r\n\r\n".utf8.count
        check(
            start + "a: " + String(filler.prefix(room)) + "\r\n\r\n", "tunnel a.example:443")
        check(start + "a: " + String(filler.prefix(room + 1)) + "\r\n\r\n", "limit")
    }

    /// However a head is edited, it is sent on as one request to the host that its target names.
    @Test func `no edit of a request makes two of it`() {
        var chance = SeededGenerator.announced()
        let base = Array(
            "POST http://a.example/b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\nX: y\r\n\r\n"
                .utf8)
        let marks = Array("\r\n :,/@\0aH1".utf8)
        for _ in 0..<4_000 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...4, using: &chance) {
                let place = bytes.indices.randomElement(using: &chance) ?? 0
                let mark = marks.randomElement(using: &chance) ?? 0
                switch Int.random(in: 0..<3, using: &chance) {
                case 0: bytes[place] = mark
                case 1: bytes.insert(mark, at: place)
                default: bytes.remove(at: place)
                }
            }
            var reader = ProxyHeadReader()
            guard case .forward(let request)? = try? reader.read(bytes)?.request else { continue }
            let lines = String(decoding: request.head, as: UTF8.self)
                .split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.count { $0.lowercased().hasPrefix("host:") } == 1)
            #expect(lines.count { $0.lowercased().hasPrefix("content-length:") } <= 1)
            #expect(lines.count { $0.isEmpty } == 2, "one empty line ends the head")
            #expect(lines.dropLast(2).last == "Connection: close")
        }
    }
}
