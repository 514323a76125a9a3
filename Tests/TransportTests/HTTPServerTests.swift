import Glibc
import InterlockGateway
import InterlockTransport
import Synchronization
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

    // MARK: slow clients

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

    // MARK: events, closing

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
            // On a loop: this test's own thread may be the only one of the pool that is free.
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

    // MARK: listening

    @Test func `a unix socket has mode 0600 and says who calls`() async throws {
        let path = "/tmp/interlock-test-\(getpid())-peer.sock"
        let handler = TestHandler(answer: { head, _, exchange in
            exchange.respond(HTTPResponse(status: 200, body: Array("\(head.listener)".utf8)))
        })
        try await withServer(handler, endpoint: .unix(path: path)) { server, loops in
            var information = stat()
            #expect(unsafe stat(path, &information) == 0)
            #expect(information.st_mode & 0o777 == 0o600)
            let client = try RawClient(path: path)
            client.send(Self.get)
            let wanted = "local(uid: \(getuid()), pid: \(getpid()))"
            #expect(try client.read(until: wanted).hasSuffix(wanted))
            #expect(throws: ListenFailure(.inUse, "")) {
                try HTTPServer.listen(
                    .unix(path: path), as: .agents, handler: handler, loops: loops)
            }
        }
        #expect(unsafe access(path, F_OK) == -1, "the socket's file stays behind")
    }

    @Test func `a stale socket is replaced, a file is not`() async throws {
        let path = "/tmp/interlock-test-\(getpid())-stale.sock"
        defer { unsafe unlink(path) }
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) {
            unsafe $0.copyBytes(from: Array(path.utf8))
        }
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(descriptor)
        let server = try HTTPServer.listen(
            .unix(path: path), as: .people, handler: TestHandler(), loops: loops)
        await server.drain(within: .zero)
        close(creat(path))
        #expect(throws: ListenFailure(.path, "")) {
            try HTTPServer.listen(
                .unix(path: path), as: .people, handler: TestHandler(), loops: loops)
        }
    }

    private func creat(_ path: String) -> Int32 { unsafe Glibc.creat(path, 0o600) }

    @Test(arguments: ["0.0.0.0", "192.0.2.1", "::", "example.com", ""])
    func `a bind to anything but loopback is refused`(host: String) {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        #expect(throws: ListenFailure.self) {
            try HTTPServer.listen(
                .tcp(host: host, port: 0), as: .agents, handler: TestHandler(), loops: loops)
        }
    }

    @Test func `a port in use is named`() async throws {
        try await withServer { server, loops in
            #expect(throws: ListenFailure(.inUse, "")) {
                try HTTPServer.listen(
                    .tcp(host: "127.0.0.1", port: server.port), as: .agents,
                    handler: TestHandler(), loops: loops)
            }
        }
    }

    @Test func `requests stay on the loop of their connection`() async throws {
        let loop = Mutex<LoopGroup?>(nil)
        let handler = TestHandler(answer: { _, _, exchange in
            let before = loop.withLock { $0?.current.map(ObjectIdentifier.init) }
            await Task.yield()
            let after = loop.withLock { $0?.current.map(ObjectIdentifier.init) }
            let same = before != nil && before == after
            exchange.respond(HTTPResponse(status: same ? 200 : 500))
        })
        try await withServer(handler) { server, loops in
            loop.withLock { $0 = loops }
            let client = try RawClient(port: server.port)
            for _ in 0..<5 { client.send(Self.get) }
            client.send("GET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            let text = try client.readAll()
            #expect(text.split(separator: "HTTP/1.1 200").count == 6)
        }
    }
}
