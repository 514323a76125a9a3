import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTransport
import Synchronization
import Testing

/// Event streams, and the end of connections.
extension HTTPServerTests {
    @Test func `an event stream has its head, its events, comments, and an end`() async throws {
        var limits = ServerLimits()
        limits.eventKeepAlive = .milliseconds(30)
        let goOn = Signal()
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.startEvents(headers: [("Mcp-Session-Id", "s")])
            exchange.send(event: Array("data: 1\n\n".utf8))
            await goOn.wait()
            exchange.send(event: Array("data: 2\n\n".utf8))
            exchange.endEvents()
        })
        try await withServer(handler, limits: limits) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get)
            let start = try client.read(until: "\r\n3\r\n:\n\n\r\n")
            for part in [
                "HTTP/1.1 200 OK\r\n", "Content-Type: text/event-stream\r\n",
                "Cache-Control: no-cache\r\n", "X-Accel-Buffering: no\r\n", "Mcp-Session-Id: s\r\n",
                "Transfer-Encoding: chunked\r\n", "\r\n9\r\ndata: 1\n\n\r\n",
            ] { #expect(start.contains(part), "\(part)") }
            goOn.set()
            #expect(try client.read(until: "\r\n0\r\n\r\n").hasSuffix("data: 2\n\n\r\n0\r\n\r\n"))
        }
    }

    @Test func `an event that is sent when a comment is overdue ends no stream`() async throws {
        var limits = ServerLimits()
        limits.eventKeepAlive = .milliseconds(20)
        let (isBlocked, goOn) = (Signal(), Signal())
        let stream = Mutex<(any Exchange)?>(nil)
        let handler = TestHandler(
            judgement: { head in
                switch head.path {
                case "/block":
                    isBlocked.set()
                    usleep(100_000)
                // One turn of the loop then has this event and, afterwards, the deadline of its stream.
                case "/tell":
                    stream.withLock { $0 }?.send(event: Array("data: 2\n\n".utf8))
                default: break
                }
                return .readBody(limitBytes: 0)
            },
            answer: { head, _, exchange in
                guard head.path == "/stream" else {
                    return exchange.respond(HTTPResponse(status: 200, body: Array("done".utf8)))
                }
                exchange.startEvents(headers: [])
                exchange.send(event: Array("data: 1\n\n".utf8))
                stream.withLock { $0 = exchange }
                await goOn.wait()
                exchange.endEvents()
            })
        try await withServer(handler, limits: limits, loops: 1) { server, _ in
            let listening = try RawClient(port: server.port)
            let (blocking, telling) = try (
                RawClient(port: server.port), RawClient(port: server.port)
            )
            for client in [blocking, telling] {
                client.send(Self.get)
                _ = try client.read(until: "done")
            }
            listening.send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")
            _ = try listening.read(until: "data: 1")
            blocking.send("GET /block HTTP/1.1\r\nHost: h\r\n\r\n")
            await isBlocked.wait()
            telling.send("GET /tell HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try listening.read(until: "data: 2").contains("data: 2"))
            goOn.set()
            #expect(try listening.read(until: "\r\n0\r\n\r\n").hasSuffix("\r\n0\r\n\r\n"))
        }
    }

    @Test func `after an event stream the connection takes the next request`() async throws {
        let handler = TestHandler(answer: { head, _, exchange in
            guard head.path == "/a" else {
                return exchange.respond(HTTPResponse(status: 200, body: Array("next".utf8)))
            }
            exchange.startEvents(headers: [])
            exchange.endEvents()
        })
        try await withServer(handler) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get + Self.post("x"))
            #expect(try client.read(until: "next").contains("\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK"))
        }
    }

    @Test func `a client that goes away is seen while its call waits`() async throws {
        let closed = Signal()
        let waiting = Signal()
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.onClose { closed.set() }
            waiting.set()
            await closed.wait()
            let late = Signal()
            exchange.onClose { late.set() }
            await late.wait()
        })
        try await withServer(handler) { server, _ in
            do {
                let client = try RawClient(port: server.port)
                client.send(Self.get)
                await waiting.wait()
            }
            await closed.wait()
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `when places run short a connection that asks nothing is closed, one that waits is not`()
        async throws
    {
        let gate = Signal()
        let asked = Signal()
        let handler = TestHandler(answer: { _, _, exchange in
            asked.set()
            await gate.wait()
            exchange.respond(HTTPResponse(status: 200, body: Array("done".utf8)))
        })
        var limits = ServerLimits()
        limits.connections = 2
        limits.idleWhenShort = .microseconds(1)
        try await withServer(handler, limits: limits) { server, _ in
            let busy = try RawClient(port: server.port)
            busy.send(Self.get)
            await asked.wait()
            let idle = try RawClient(port: server.port)
            while server.connectionCount < 2 { try await Task.sleep(for: .milliseconds(1)) }
            // The third connection finds no place and frees one; or the next does, if both arrived in one round of the
            // loop.
            while server.connectionCount == 2 {
                _ = try? RawClient(port: server.port).readAll()
                try await Task.sleep(for: .milliseconds(1_100))
            }
            #expect(try idle.readAll() == "")
            gate.set()
            #expect(try busy.read(until: "done").hasSuffix("done"))
            let next = try RawClient(port: server.port)
            next.send(Self.get)
            #expect(try next.read(until: "done").hasSuffix("done"))
        }
    }

    @Test func `above the limit of connections a client gets 503`() async throws {
        var limits = ServerLimits()
        limits.connections = 2
        try await withServer(limits: limits) { server, _ in
            let kept = try [RawClient(port: server.port), RawClient(port: server.port)]
            for client in kept {
                client.send(Self.get)
                _ = try client.read(until: "GET /a ")
            }
            #expect(try RawClient(port: server.port).readAll().hasPrefix("HTTP/1.1 503 "))
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `a drain lets a request in flight end and closes the idle`() async throws {
        let started = Signal()
        let goOn = Signal()
        let handler = TestHandler(answer: { _, _, exchange in
            started.set()
            await goOn.wait()
            exchange.respond(HTTPResponse(status: 200, body: Array("done".utf8)))
        })
        try await withServer(handler) { server, loops in
            let idle = try RawClient(port: server.port)
            let busy = try RawClient(port: server.port)
            busy.send(Self.get)
            await started.wait()
            // The drain runs on a loop, because this test's own thread may be the only free one of the pool.
            let drain = Task(executorPreference: loops.next()) {
                await server.drain(within: .seconds(5))
            }
            #expect(try idle.readAll() == "")
            goOn.set()
            let text = try busy.readAll()
            #expect(text.contains("Connection: close\r\n"))
            #expect(text.hasSuffix("done"))
            await drain.value
            #expect(throws: RawClient.Failure.self) { try RawClient(port: server.port) }
        }
    }

    @Test func `a drain cuts what has not ended by its deadline`() async throws {
        let started = Signal()
        let closed = Signal()
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.onClose { closed.set() }
            started.set()
            await closed.wait()
        })
        try await withServer(handler) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get)
            await started.wait()
            await server.drain(within: .milliseconds(30))
            #expect(try client.readAll() == "")
            await closed.wait()
        }
    }
}
