import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

@Suite(.serialized) struct HTTPClientTests {
    static func send(_ loops: LoopGroup, _ request: ClientRequest) async -> Result<
        ClientResponse, ClientFailure
    > {
        await HTTPClients(loops: loops).onLoop { await $0.send(request) }
    }

    static func json(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            + body
    }

    /// An address is used directly and a name is resolved; both must behave the same.
    static let hosts = ["127.0.0.1", "LOCALHOST"]

    @Test(arguments: hosts)
    func `a request goes out as it was made and its answer comes back`(host: String) async throws {
        let handler = TestHandler(answer: { head, body, exchange in
            let fields = head.headers.map { "\($0.name)=\($0.value)" }.sorted()
            exchange.respond(
                HTTPResponse(
                    status: 201,
                    headers: [("Content-Type", "A/B ; c=d"), ("Mcp-Session-Id", "s1")],
                    body: Array("\(head.method) \(fields) ".utf8) + body))
        })
        try await withServer(handler) { server, loops in
            let answer = try await Self.send(
                loops,
                ClientRequest(
                    url: "http://\(host):\(server.port)/x",
                    headers: [("Content-Type", "t/u"), ("X-Bad", "a\r\nb: c")],
                    body: Array("hello".utf8))
            ).get()
            #expect(
                answer.head == ClientHead(status: 201, contentType: "A/B ; c=d", sessionID: "s1"))
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.hasPrefix("POST "))
            #expect(text.hasSuffix(" hello"))
            #expect(text.contains("content-type=t/u"))
            for absent in ["x-bad", "user-agent", "cookie", "expect"] {
                #expect(!text.contains(absent), "\(absent)")
            }
        }
    }

    @Test(.requirement("R081"))
    func `a name leads to a private address only where that was stated`() async throws {
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.respond(HTTPResponse(status: 200, body: [1]))
        })
        try await withServer(handler) { server, loops in
            func ask(_ host: String, stated: Bool) async -> String? {
                var request = ClientRequest(url: "http://\(host):\(server.port)/")
                request.allowsPrivateNames = stated
                guard case .failure(let failure) = await Self.send(loops, request) else {
                    return nil
                }
                #expect(!failure.wasSent)
                return failure.reason
            }
            // The connection that was allowed is kept, and is not reused for a request that is not.
            #expect(await ask("LOCALHOST", stated: true) == nil)
            let refusal = try #require(await ask("LOCALHOST", stated: false))
            #expect(
                refusal.hasPrefix("its address is private, loopback or link-local; `private: true`")
            )
            #expect(await ask("127.0.0.1", stated: false) == nil, "the URL itself states it")
            for host in [
                "169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "[fd00:ec2::254]",
            ] {
                #expect(
                    await ask(host, stated: true)
                        == "its address is link-local or that of a cloud's metadata service",
                    "\(host)")
            }
        }
    }

    /// The owner is checked before anything is sent, and again for each connection: one that was opened for any owner
    /// carries no request for one user.
    @Test(arguments: ["127.0.0.1", "localhost"])
    func `a process of another user gets no byte`(host: String) async throws {
        let seen = Atomic<Int>(0)
        let handler = TestHandler(
            judgement: { _ in
                seen.add(1, ordering: .relaxed)
                return .readBody(limitBytes: 10)
            })
        try await withServer(handler) { server, loops in
            let clients = HTTPClients(loops: loops)
            var request = ClientRequest(url: "http://\(host):\(server.port)/x")
            func status() async -> Result<Int, ClientFailure> {
                let request = request
                return await clients.onLoop { await $0.send(request) }.map(\.head.status)
            }
            #expect(await status() == .success(200))
            request.owner = geteuid() + 1
            guard case .failure(let failure) = await status() else {
                Issue.record("it was answered")
                return
            }
            #expect(failure.kind == .broken && !failure.wasSent)
            #expect(
                failure.reason
                    == "the process at its address is of user \(geteuid()), and not of "
                    + "\(geteuid() + 1)")
            #expect(seen.load(ordering: .relaxed) == 1)
            request.owner = geteuid()
            #expect(await status() == .success(200))
            #expect(await status() == .success(200))
        }
    }

    @Test func `the user at another address than loopback's is not asked for`() async throws {
        try await withServer { server, loops in
            for url in ["http://LOCALHOST:\(server.port)/x", "https://127.0.0.1:\(server.port)/x"] {
                var request = ClientRequest(url: url)
                request.owner = geteuid()
                let answer = await Self.send(loops, request)
                #expect(answer == .failure(ClientFailure(.broken, wasSent: false, "")), "\(url)")
            }
        }
    }

    @Test(arguments: hosts)
    func `the connection is used again, for other methods too`(host: String) async throws {
        let handler = TestHandler(answer: { head, body, exchange in
            exchange.respond(
                HTTPResponse(status: 200, body: Array("\(head.method) \(body.count)".utf8)))
        })
        try await withServer(handler) { server, loops in
            let clients = HTTPClients(loops: loops)
            let texts = await clients.onLoop { client in
                var texts: [String] = []
                for method in ["POST", "DELETE", "GET", "POST"] {
                    var request = ClientRequest(
                        method: method, url: "http://\(host):\(server.port)/")
                    if method == "POST" { request.body = [1, 2] }
                    if case .success(let answer) = await client.send(request) {
                        texts.append(String(decoding: answer.body, as: UTF8.self))
                    }
                }
                return texts
            }
            #expect(texts == ["POST 2", "DELETE 0", "GET 0", "POST 2"])
            #expect(withExtendedLifetime(clients) { server.connectionCount } == 1)
        }
    }

    @Test(arguments: hosts)
    func `many requests at once are all answered`(host: String) async throws {
        try await withServer { server, loops in
            let clients = HTTPClients(loops: loops)
            let answers = await withTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        await clients.onLoop { client in
                            let answer = await client.send(
                                ClientRequest(
                                    url: "http://\(host):\(server.port)/\(number)", body: [65]))
                            guard case .success(let response) = answer else { return 0 }
                            let wanted = "POST /\(number) A"
                            return String(decoding: response.body, as: UTF8.self) == wanted ? 1 : 0
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(answers == 200)
        }
    }

    @Test(arguments: hosts)
    func `a redirect is not followed`(host: String) async throws {
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.respond(
                HTTPResponse(status: 303, headers: [("Location", "http://127.0.0.1:1/")]))
        })
        try await withServer(handler) { server, loops in
            let answer = try await Self.send(
                loops, ClientRequest(url: "http://\(host):\(server.port)/")
            ).get()
            #expect(answer.head.status == 303)
        }
    }

    @Test(arguments: [
        "file:///etc/passwd", "ftp://127.0.0.1/", "http://127.0.0.1:1/", "http://LOCALHOST:1/",
        "http://localhost:1/", "nonsense://",
    ])
    func `what cannot be connected was certainly not sent`(url: String) async {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let answer = await Self.send(loops, ClientRequest(url: url))
        #expect(answer == .failure(ClientFailure(.broken, wasSent: false, "")))
    }

    @Test(arguments: hosts)
    func `a pooled connection that dies with a request is not tried again`(host: String)
        async throws
    {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let server = RawServer { $0 == 0 ? [.send(Self.json("{}"))] : [.close] }
        defer { server.stop() }
        let request = ClientRequest(url: "http://\(host):\(server.port)/", body: Array("{}".utf8))
        let clients = HTTPClients(loops: loops)
        let first = await clients.onLoop { await $0.send(request) }
        #expect((try? first.get())?.head.status == 200)
        let second = await clients.onLoop { await $0.send(request) }
        #expect(second == .failure(ClientFailure(.broken, wasSent: true, "")))
        #expect(server.received.withLock { $0.count } == 2)
    }

    @Test(arguments: hosts)
    func `an answer cut in the middle is a failure`(host: String) async {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let whole = Self.json("{\"long\":\"answer\"}")
        for cut in [5, 30, whole.utf8.count - 3] {
            let server = RawServer { _ in
                [.send(String(decoding: whole.utf8.prefix(cut), as: UTF8.self)), .close]
            }
            defer { server.stop() }
            let answer = await Self.send(
                loops, ClientRequest(url: "http://\(host):\(server.port)/", body: [123, 125]))
            #expect(answer == .failure(ClientFailure(.broken, wasSent: true, "")), "\(cut)")
        }
    }

    @Test(arguments: hosts)
    func `an answer above the limit is cut off`(host: String) async throws {
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 0, count: 200_000)))
        })
        try await withServer(handler) { server, loops in
            let url = "http://\(host):\(server.port)/"
            let over = await Self.send(loops, ClientRequest(url: url, responseLimitBytes: 199_999))
            #expect(over == .failure(ClientFailure(.tooLarge, wasSent: true, "")))
            let at = await Self.send(loops, ClientRequest(url: url, responseLimitBytes: 200_000))
            #expect((try? at.get())?.body.count == 200_000)
        }
    }

    @Test(arguments: hosts)
    func `silence ends at the idle limit, a trickle at the hard one`(host: String) async throws {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        let silent = RawServer { _ in [.hang] }
        defer { silent.stop() }
        let idle = await Self.send(
            loops,
            ClientRequest(
                url: "http://\(host):\(silent.port)/", body: [123, 125],
                idleLimit: .milliseconds(50)))
        #expect(idle == .failure(ClientFailure(.idle, wasSent: true, "")))

        let handler = TestHandler(answer: { _, _, exchange in
            exchange.startEvents(headers: [])
            let closed = Signal()
            exchange.onClose { closed.set() }
            await closed.wait()
        })
        var limits = ServerLimits()
        limits.eventKeepAlive = .milliseconds(10)
        try await withServer(handler, limits: limits) { server, loops in
            let hard = await Self.send(
                loops,
                ClientRequest(
                    url: "http://\(host):\(server.port)/", idleLimit: .milliseconds(60),
                    hardLimit: .milliseconds(120)))
            #expect(hard == .failure(ClientFailure(.hard, wasSent: true, "")))
        }
    }

    @Test func `a pooled connection that the server has closed is not used`() async throws {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        // Each connection responds once and closes; the client's loop may not have noticed yet.
        let server = RawServer { _ in [.send(Self.json("{}")), .close] }
        defer { server.stop() }
        let request = ClientRequest(url: "http://127.0.0.1:\(server.port)/", body: Array("{}".utf8))
        let clients = HTTPClients(loops: loops)
        for number in 1...20 {
            let answer = await clients.onLoop { await $0.send(request) }
            #expect(try answer.get().head.status == 200)
            while server.closed.load(ordering: .acquiring) < number {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    @Test func `a request and an answer larger than a socket's buffer go through`() async throws {
        let handler = TestHandler(
            judgement: { _ in .readBody(limitBytes: 8 << 20) },
            answer: { _, body, exchange in
                exchange.respond(HTTPResponse(status: 200, body: body))
            })
        try await withServer(handler) { server, loops in
            let body = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let answer = try await Self.send(
                loops, ClientRequest(url: "http://127.0.0.1:\(server.port)/", body: body)
            ).get()
            #expect(answer.body == body)
        }
    }
}
