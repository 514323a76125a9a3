import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Testing

@Suite(.serialized) struct HTTPServerTests {
    static let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

    static func post(_ body: String, path: String = "/p") -> String {
        "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func `a request is answered and the connection stays open`() async throws {
        try await withServer { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get)
            let first = try client.read(until: "GET /a ")
            #expect(first.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(first.contains("\r\nContent-Length: 7\r\n"))
            #expect(first.contains("\r\nDate: "))
            #expect(first.contains(" GMT\r\n"))
            #expect(!first.contains("Connection:"))
            client.send(Self.post("body"))
            #expect(try client.read(until: "POST /p body").hasSuffix("POST /p body"))
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        let gate = Signal()
        let handler = TestHandler(answer: { head, _, exchange in
            if head.path == "/0" { await gate.wait() }
            exchange.respond(HTTPResponse(status: 200, body: Array("<\(head.path)>".utf8)))
        })
        try await withServer(handler) { server, _ in
            let client = try RawClient(port: server.port)
            client.send((0..<20).map { Self.post("x", path: "/\($0)") }.joined())
            gate.set()
            let text = try client.read(until: "</19>")
            let order = text.split(separator: "<").dropFirst().compactMap {
                $0.split(separator: ">").first
            }
            #expect(order.map(String.init) == (0..<20).map { "/\($0)" })
        }
    }

    @Test(.requirement("R151"))
    func `bodies share one budget of memory, and one above it is refused`() async throws {
        let (entered, gate) = (Signal(), Signal())
        var limits = ServerLimits()
        limits.bodyBytes = 800_000
        let handler = TestHandler(answer: { head, body, exchange in
            if head.path == "/wait" {
                entered.set()
                await gate.wait()
            }
            exchange.respond(HTTPResponse(status: 200, body: Array("<\(body.count)>".utf8)))
        })
        try await withServer(handler, limits: limits) { server, _ in
            func head(_ size: Int, _ path: String = "/p") -> String {
                "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n"
            }
            // One body is handled, another is being sent: both have taken their room before a third comes.
            let handled = try RawClient(port: server.port)
            handled.send(head(300_000, "/wait") + String(repeating: "x", count: 300_000))
            await entered.wait()
            var sending: RawClient? = try RawClient(port: server.port)
            sending?.send(
                "POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 300000\r\n\r\n"
            )
            #expect(try sending?.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            sending?.send("x")
            func refused(_ request: String) throws -> Bool {
                let client = try RawClient(port: server.port)
                client.send(request)
                return try client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 503 ")
            }
            let big = head(200_000) + String(repeating: "x", count: 200_000)
            #expect(try refused(big))
            // A body of unknown length counts with the limit of its request.
            #expect(
                try refused("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"))
            // A small body has its own part.
            let small = try RawClient(port: server.port)
            small.send(Self.post("body"))
            #expect(try small.read(until: "<4>").hasPrefix("HTTP/1.1 200 "))
            // A connection that ends gives its room back, and so does a request that was handled.
            withExtendedLifetime(sending) {}
            sending = nil
            #expect(await eventually { (try? refused(big)) == false })
            gate.set()
            #expect(try handled.read(until: "<300000>").hasPrefix("HTTP/1.1 200 "))
            let large = head(700_000) + String(repeating: "x", count: 700_000)
            #expect(await eventually { (try? refused(large)) == false })
        }
    }

    @Test(.requirement("R151"))
    func `one source's bodies have a part of the memory, and other sources are answered`()
        async throws
    {
        var limits = ServerLimits()
        limits.bodyBytes = 8_000_000
        limits.bodyBytesOfSource = 600_000
        let handler = TestHandler(answer: { _, body, exchange in
            exchange.respond(HTTPResponse(status: 200, body: Array("<\(body.count)>".utf8)))
        })
        try await withServer(handler, limits: limits) { server, _ in
            let head =
                "POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 300000\r\n\r\n"
            func answer(from address: UInt32 = RawClient.loopback) throws -> (RawClient, String) {
                let client = try RawClient(port: server.port, from: address)
                client.send(head)
                return (client, try client.read(until: "\r\n\r\n"))
            }
            // Two bodies that are never sent.
            var slow = [try answer(), try answer()]
            #expect(slow.allSatisfy { $0.1 == "HTTP/1.1 100 Continue\r\n\r\n" })
            #expect(try answer().1.hasPrefix("HTTP/1.1 503 "))
            let (other, goesOn) = try answer(from: 0x7f00_0002)
            #expect(goesOn == "HTTP/1.1 100 Continue\r\n\r\n")
            other.send(String(repeating: "x", count: 300_000))
            #expect(try other.read(until: "<300000>").contains("HTTP/1.1 200 "))
            slow = []
            #expect(
                await eventually {
                    (try? answer().1.hasPrefix("HTTP/1.1 100 ")) == true
                })
        }
    }

    /// Two of these would not fit if each kept the room of the longest body while it is handled.
    @Test(.requirement("R151"))
    func `a body of unannounced length keeps the room of its own length alone`() async throws {
        let (entered, gate) = (Signal(), Signal())
        var limits = ServerLimits()
        limits.bodyBytes = 2 << 20
        let handler = TestHandler(answer: { head, body, exchange in
            if head.path == "/wait" {
                entered.set()
                await gate.wait()
            }
            exchange.respond(HTTPResponse(status: 200, body: Array("<\(body.count)>".utf8)))
        })
        try await withServer(handler, limits: limits) { server, _ in
            func chunked(_ path: String) -> String {
                "POST \(path) HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            }
            let waits = try RawClient(port: server.port)
            waits.send(chunked("/wait"))
            await entered.wait()
            let next = try RawClient(port: server.port)
            next.send(chunked("/next"))
            #expect(try next.read(until: "<3>").hasPrefix("HTTP/1.1 200 "))
            gate.set()
            #expect(try waits.read(until: "<3>").hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test func `a request cut into single bytes is answered`() async throws {
        try await withServer { server, _ in
            let client = try RawClient(port: server.port)
            for byte in Array(Self.post("slow").utf8) { client.send([byte]) }
            #expect(try client.read(until: "POST /p slow").contains("200 OK"))
        }
    }

    @Test func `100 continue is sent only while the body is missing`() async throws {
        try await withServer { server, _ in
            let client = try RawClient(port: server.port)
            let head =
                "POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            client.send(head)
            #expect(try client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            client.send("ab" + head + "cd")
            let text = try client.read(until: "POST /p cd")
            #expect(text.split(separator: "100 Continue").count == 2)
        }
    }

    @Test func `a body of 5 MiB gets 413 and a close, and the client can read it`() async throws {
        try await withServer { server, _ in
            let client = try RawClient(port: server.port)
            let size = 5 * 1024 * 1024
            client.send("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
            client.send([UInt8](repeating: 97, count: size))
            client.finishSending()
            let text = try client.readAll()
            #expect(text.hasPrefix("HTTP/1.1 413 "))
            #expect(text.contains("Connection: close\r\n"))
        }
    }

    @Test func `a head that is refused is answered without its body`() async throws {
        let handler = TestHandler(judgement: { _ in .refuse(HTTPResponse(status: 421)) })
        try await withServer(handler) { server, _ in
            let client = try RawClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n")
            #expect(try client.readAll().hasPrefix("HTTP/1.1 421 "))
        }
    }

    @Test func `a malformed request is answered and the connection ends`() async throws {
        try await withServer { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get + "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n" + Self.get)
            let text = try client.readAll()
            #expect(text.contains("GET /a HTTP/1.1 400 "))
            #expect(text.split(separator: "HTTP/1.1 200").count == 1)
        }
    }

    @Test func `HTTP 1,0 is answered and closed`() async throws {
        try await withServer { server, _ in
            let client = try RawClient(port: server.port)
            client.send("GET /old HTTP/1.0\r\nHost: h\r\n\r\n")
            let text = try client.readAll()
            #expect(text.contains("Connection: close\r\n"))
            #expect(text.hasSuffix("GET /old "))
        }
    }

    @Test func `HEAD has the length and no body`() async throws {
        try await withServer { server, _ in
            let client = try RawClient(port: server.port)
            client.send("HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let text = try client.readAll()
            #expect(text.contains("Content-Length: 8\r\n"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `an answer cannot grow fields of its own`() async throws {
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.respond(HTTPResponse(status: 200, headers: [("X", "a\r\nSet-Cookie: b")]))
        })
        try await withServer(handler) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get)
            #expect(try client.read(until: "\r\n\r\n").contains("X: a  Set-Cookie: b\r\n"))
        }
    }

    @Test func `an unanswered request gets 500`() async throws {
        try await withServer(TestHandler(answer: { _, _, _ in })) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get)
            #expect(try client.readAll().hasPrefix("HTTP/1.1 500 "))
        }
    }

    @Test func `answers larger than the socket takes arrive whole`() async throws {
        let size = 8 * 1024 * 1024
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 98, count: size)))
        })
        try await withServer(handler) { server, _ in
            let client = try RawClient(port: server.port)
            client.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            _ = try client.readAll()
            #expect(client.received.suffix(size).allSatisfy { $0 == 98 })
            #expect(client.received.count > size)
        }
    }

    // MARK: Slow clients

    @Test func `a slow head gets 408, a slow body too, an idle connection is closed`() async throws
    {
        var limits = ServerLimits()
        limits.head = .milliseconds(40)
        limits.bodyProgress = .milliseconds(40)
        limits.idle = .milliseconds(80)
        try await withServer(limits: limits) { server, _ in
            let head = try RawClient(port: server.port)
            head.send("GET / HT")
            #expect(try head.readAll().hasPrefix("HTTP/1.1 408 "))
            let body = try RawClient(port: server.port)
            body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc")
            #expect(try body.readAll().hasPrefix("HTTP/1.1 408 "))
            let idle = try RawClient(port: server.port)
            idle.send(Self.get)
            #expect(try idle.readAll().hasSuffix("GET /a "))
            #expect(try RawClient(port: server.port).readAll() == "")
        }
    }

    @Test func `a body has to be there in time, whatever progress it makes`() async throws {
        var limits = ServerLimits()
        limits.body = .milliseconds(60)
        try await withServer(limits: limits) { server, _ in
            let client = try RawClient(port: server.port)
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 400\r\n\r\n")
            let start = ContinuousClock.now
            for _ in 0..<100 {
                client.send([UInt8(ascii: "a")])
                usleep(5_000)
            }
            #expect(try client.readAll().hasPrefix("HTTP/1.1 408 "))
            #expect(ContinuousClock.now - start < .seconds(20), "not by the body's progress")
        }
    }

    @Test func `a head's deadline does not move with its bytes`() async throws {
        var limits = ServerLimits()
        limits.head = .milliseconds(60)
        try await withServer(limits: limits) { server, _ in
            let client = try RawClient(port: server.port)
            let start = ContinuousClock.now
            for byte in Array("GET /slow-and-slower HTTP/1.1\r\n".utf8) {
                client.send([byte])
                usleep(5_000)
            }
            #expect(try client.readAll().hasPrefix("HTTP/1.1 408 "))
            #expect(ContinuousClock.now - start < .milliseconds(1_000))
        }
    }

    @Test func `a client that does not read its answer is cut`() async throws {
        var limits = ServerLimits()
        limits.writeProgress = .milliseconds(50)
        let closed = Signal()
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.startEvents(headers: [])
            exchange.onClose { closed.set() }
            exchange.send(event: [UInt8](repeating: 97, count: 8 * 1024 * 1024))
            await closed.wait()
        })
        try await withServer(handler, limits: limits) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get)
            await closed.wait()
            _ = client
        }
    }

    @Test func `events that pile up cut the connection`() async throws {
        var limits = ServerLimits()
        limits.pendingEventBytes = 1024 * 1024
        let closed = Signal()
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.startEvents(headers: [])
            exchange.onClose { closed.set() }
            for _ in 0..<200 { exchange.send(event: [UInt8](repeating: 97, count: 64 * 1024)) }
            await closed.wait()
        })
        try await withServer(handler, limits: limits) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get)
            await closed.wait()
            _ = client
        }
    }
}
