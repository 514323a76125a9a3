import InterlockEgress
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockTransport

/// Requests of plain HTTP that the proxy reads whole, so that they are searched before anything of them is sent
/// (docs/specs/output-safety.md, section 2).
@Suite(.requirement("R077", "R082")) struct ProxyRequestTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private func fixture(
        _ host: String = "a.example", _ edit: (inout EgressProxyParts) -> Void = { _ in }
    ) throws -> ProxyFixture {
        let rule = try EgressRule(host: host, ports: [80], transport: .http)
        return try ProxyFixture([rule], server: ServerFixture(.respond(Self.ok)), edit)
    }

    private func head(_ host: String = "a.example", length: Int, _ fields: String = "") -> String {
        "POST http://\(host)/x?y=z HTTP/1.1\r\nHost: \(host)\r\nX-Note: n\r\n"
            + "Content-Length: \(length)\r\n\(fields)\r\n"
    }

    @Test(arguments: ["a.example", "93.184.215.14"])
    func `the whole request is stated before a connection, in the bytes that are sent`(
        host: String
    ) async throws {
        let fixture = try fixture(host)
        let client = ProxyClient(port: fixture.httpPort)
        client.send(head(host, length: 6) + "abc")
        client.send("def")
        #expect(client.readAll().hasSuffix("\r\n\r\nok"))
        let events = await fixture.finish()
        #expect(events.contains("connecting \(host):80 by http \(host):80"))
        let sent = try #require(fixture.authorizer.requests.withLock { $0 }.first)
        #expect(String(decoding: sent.body, as: UTF8.self) == "abcdef")
        #expect(sent.target == "/x?y=z")
        #expect(fixture.server.receivedBytes == [sent.head + sent.body])
    }

    @Test func `a request that is refused is not dialled, and its client reads the reason`()
        async throws
    {
        let fixture = try fixture()
        fixture.authorizer.obstacle.withLock { $0 = .sideChannel }
        let client = ProxyClient(port: fixture.httpPort)
        client.send(head(length: 3) + "abc")
        let answer = client.readAll()
        #expect(answer.hasPrefix("HTTP/1.1 403 egress-side-channel\r\n"))
        #expect(await fixture.finish().last == "refused egress-side-channel")
        #expect(fixture.dialled.texts.isEmpty)
    }

    @Test func `a client that waits for it is told to send its body`() async throws {
        let fixture = try fixture()
        let client = ProxyClient(port: fixture.httpPort)
        client.send(head(length: 3, "Expect: 100-continue\r\n"))
        #expect(client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("abc")
        #expect(client.readAll().hasSuffix("\r\n\r\nok"))
        _ = await fixture.finish()
        #expect(fixture.authorizer.requests.withLock { $0 }.first?.body == Array("abc".utf8))
        // The server is not asked for a second `100 Continue`.
        let received = try #require(fixture.server.received.first).lowercased()
        #expect(received.hasSuffix("\r\n\r\nabc") && !received.contains("expect"))
    }

    @Test func `a client of HTTP/1.0 gets no such answer, and another expectation is refused`()
        async throws
    {
        let fixture = try fixture()
        let old = ProxyClient(port: fixture.httpPort)
        let expecting = head(length: 3, "Expect: 100-continue\r\n")
        old.send(expecting.replacing("HTTP/1.1", with: "HTTP/1.0") + "ab")
        old.send("c")
        #expect(old.readAll().hasPrefix("HTTP/1.1 200 OK\r\n"))
        let other = ProxyClient(port: fixture.httpPort)
        other.send(head(length: 3, "Expect: 200-ok\r\n"))
        #expect(other.readAll().hasSuffix("\r\n\r\nbad-request\n"))
        #expect(await fixture.finish().contains("refused bad-request"))
        #expect(fixture.dialled.texts.count == 1)
    }

    @Test func `a server that answers it itself gets what the client expects`() async throws {
        let fixture = try fixture { $0.readsRequests = false }
        let client = ProxyClient(port: fixture.httpPort)
        client.send(head(length: 3, "Expect: 100-continue\r\n") + "abc")
        #expect(client.readAll().hasSuffix("\r\n\r\nok"))
        _ = await fixture.finish()
        let received = try #require(fixture.server.received.first)
        #expect(received.contains("\r\nexpect: 100-continue\r\n"))
    }

    @Test func `a body above the limit, a body that ends early and one that is late are refused`()
        async throws
    {
        let fixture = try fixture()
        let long = ProxyClient(port: fixture.httpPort)
        long.send(head(length: SentRequest.longestBody + 1))
        #expect(long.readAll().hasSuffix("\r\n\r\nlimit\n"))
        let short = ProxyClient(port: fixture.httpPort)
        short.send(head(length: 3) + "a")
        short.finishSending()
        #expect(short.readAll().hasSuffix("\r\n\r\nbad-request\n"))
        let events = await fixture.finish().filter { $0.hasPrefix("refused") }
        #expect(events == ["refused limit", "refused bad-request"])
        #expect(fixture.dialled.texts.isEmpty)
        let hasty = try self.fixture { $0.limits.body = .milliseconds(50) }
        let late = ProxyClient(port: hasty.httpPort)
        late.send(head(length: 3) + "a")
        #expect(late.readAll().hasSuffix("\r\n\r\nlimit\n"))
        #expect(await hasty.finish().last == "refused limit")
        #expect(hasty.dialled.texts.isEmpty)
    }

    @Test func `requests of a server are not read whole`() async throws {
        let fixture = try fixture { $0.readsRequests = false }
        let client = ProxyClient(port: fixture.httpPort)
        client.send(head(length: 3) + "abc")
        #expect(client.readAll().hasSuffix("\r\n\r\nok"))
        _ = await fixture.finish()
        #expect(fixture.authorizer.requests.withLock { $0 }.isEmpty)
    }

    @Test func `what several fields are together is a text, too`() throws {
        func texts(_ fields: String) throws -> [String] {
            let head = "GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n"
            let sent = try #require(SentRequest(head: Array(head.utf8), body: []))
            return Array(try #require(sent.texts).dropFirst())
        }
        #expect(
            try texts("Accept: a/b\r\nAccept:  c/d \r\n") == [
                "accept: a/b", "accept:  c/d ", "a/bc/d",
            ])
        #expect(
            try texts("X-Ab: 12\r\nUser-Agent: c\r\nX-Cd: 34\r\n").suffix(2)
                == ["x-abx-cd", "1234"])
        #expect(try texts("Accept: a\r\nUser-Agent: b\r\nX-Note: c\r\n").count == 3)
        #expect(try texts("X: 1\r\nno field\r\nX: 2\r\n").suffix(3) == ["12", "xx", "12"])
    }

    @Test func `the texts of a request are its line, its fields and its body`() throws {
        func texts(_ head: String, _ body: [UInt8] = []) throws -> [String]? {
            try #require(SentRequest(head: Array(head.utf8), body: body)).texts
        }
        let plain = "GET /a HTTP/1.1\r\nHost: x\r\nX-Note: y: z\r\n\r\n"
        #expect(try texts(plain) == ["GET /a HTTP/1.1", "x-note: y: z"])
        #expect(try texts(plain, Array("\u{e9}".utf8))?.last == "\u{e9}")
        // Bytes that are no text are in base64, of which the search decodes texts and packed data.
        #expect(try texts(plain, [0xff, 0xfe])?.last == "//4=")
        for coding in ["identity", "gzip", " GZIP "] {
            #expect(try texts("GET / HTTP/1.1\r\nContent-Encoding: \(coding)\r\n\r\n") != nil)
        }
        for coding in ["br", "zstd", "deflate", "gzip, gzip", ""] {
            #expect(try texts("GET / HTTP/1.1\r\nContent-Encoding: \(coding)\r\n\r\n") == nil)
        }
        for set in ["; charset=utf-8", "; Charset = \"US-ASCII\"; a=b", "; charset=ISO-8859-1", ""]
        {
            #expect(try texts("GET / HTTP/1.1\r\nContent-Type: text/plain\(set)\r\n\r\n") != nil)
        }
        for set in ["utf-16", "UTF-16LE", "\"utf-32\"", "utf-7", "utf-8; charset=utf-16", ""] {
            let line = "Content-Type: text/plain; charset=\(set)"
            #expect(try texts("GET / HTTP/1.1\r\n\(line)\r\n\r\n") == nil, "\(set)")
        }
        #expect(try texts("") == [])
        #expect(SentRequest(head: [], body: [])?.target == "")
        let bytes = [UInt8](repeating: 65, count: SentRequest.longestBody + 1)
        #expect(SentRequest(head: [], body: bytes) == nil)
        let head = Array(bytes.prefix(SentRequest.longestHead + 1))
        #expect(SentRequest(head: head, body: []) == nil)
    }
}
