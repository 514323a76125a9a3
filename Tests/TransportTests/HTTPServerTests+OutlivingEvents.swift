import InterlockPorts
import InterlockTransport
import Synchronization
import Testing

/// Event streams that continue after their handler has returned.
extension HTTPServerTests {
    /// A handler whose streams are left to the test, which gets each by `streams`.
    private func leavingEvents(
        _ streams: AsyncStream<any Exchange>.Continuation, closed: Signal = Signal()
    ) -> TestHandler {
        TestHandler(answer: { head, _, exchange in
            guard head.path == "/a" else {
                return exchange.respond(HTTPResponse(status: 200, body: Array("next".utf8)))
            }
            exchange.startEvents(headers: [])
            exchange.onClose { closed.set() }
            exchange.outlive()
            streams.yield(exchange)
        })
    }

    @Test func `events that outlive their handler have comments, an end and a next request`()
        async throws
    {
        var limits = ServerLimits()
        limits.eventKeepAlive = .milliseconds(30)
        let (streams, opened) = AsyncStream<any Exchange>.makeStream()
        try await withServer(leavingEvents(opened), limits: limits) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get + Self.post("x"))
            #expect(try client.read(until: "\r\n3\r\n:\n\n\r\n").contains("200 OK"))
            var found = streams.makeAsyncIterator()
            let stream = try #require(await found.next())
            stream.send(event: Array("data: 1\n\n".utf8))
            let event = try client.read(until: "data: 1\n\n\r\n")
            #expect(!event.contains("next"), "the next request waits for the end of the events")
            stream.endEvents()
            let rest = try client.read(until: "next")
            #expect(rest.contains("0\r\n\r\nHTTP/1.1 200 OK"))
            stream.send(event: Array("data: 2\n\n".utf8))
            client.send(Self.post("y"))
            #expect(!(try client.read(until: "next").contains("data: 2")))
        }
    }

    @Test func `a client that leaves such events frees its connection once they are ended`()
        async throws
    {
        let closed = Signal()
        let (streams, opened) = AsyncStream<any Exchange>.makeStream()
        try await withServer(leavingEvents(opened, closed: closed)) { server, _ in
            weak var left: (any Exchange)?
            do {
                let client = try RawClient(port: server.port)
                client.send(Self.get)
                _ = try client.read(until: "\r\n\r\n")
            }
            await closed.wait()
            do {
                var found = streams.makeAsyncIterator()
                let stream = try #require(await found.next())
                left = stream
                stream.endEvents()
            }
            while server.connectionCount > 0 || left != nil {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    @Test func `events that pile up close the connection after their sender, who may hold a lock`()
        async throws
    {
        var limits = ServerLimits()
        limits.pendingEventBytes = 64 * 1024
        let closed = Signal()
        let lock = Mutex(0)
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.startEvents(headers: [])
            exchange.onClose {
                lock.withLock { $0 += 1 }
                closed.set()
            }
            lock.withLock { _ in
                for _ in 0..<200 { exchange.send(event: [UInt8](repeating: 97, count: 64 * 1024)) }
            }
            await closed.wait()
        })
        try await withServer(handler, limits: limits) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get)
            await closed.wait()
            #expect(lock.withLock { $0 } == 1)
            _ = client
        }
    }

    @Test func `a drain cuts events that outlive their handler by its deadline`() async throws {
        let closed = Signal()
        let (streams, opened) = AsyncStream<any Exchange>.makeStream()
        try await withServer(leavingEvents(opened, closed: closed)) { server, _ in
            let client = try RawClient(port: server.port)
            client.send(Self.get)
            _ = try client.read(until: "\r\n\r\n")
            await server.drain(within: .milliseconds(30))
            await closed.wait()
            _ = try client.readAll()
        }
        _ = streams
    }
}
