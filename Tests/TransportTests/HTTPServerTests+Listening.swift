import CLinux
import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// Is true if this machine has `::1`.
private let hasIPv6: Bool = {
    let loops = LoopGroup(count: 1)
    defer { loops.stop() }
    let server = try? HTTPServer.listen(
        .tcp(host: "::1", port: 0), as: .agents, handler: TestHandler(), loops: loops)
    return server != nil
}()

/// The addresses on which a server may listen, and the identity of its callers.
extension HTTPServerTests {
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

    @Test(.enabled(if: hasIPv6 || TestFiles.isCI, "this machine has no ::1"))
    func `both loopback addresses are taken under one port, or neither`() async throws {
        let loops = LoopGroup(count: 1)
        defer { loops.stop() }
        func listen(_ port: UInt16) throws -> HTTPServer {
            try HTTPServer.listenOnLoopback(
                port: port, as: .people, handler: TestHandler(), loops: loops)
        }
        func take() async throws {
            let both = try listen(0)
            for host in ["127.0.0.1", "::1"] {
                #expect(throws: ListenFailure(.inUse, "")) {
                    try HTTPServer.listen(
                        .tcp(host: host, port: both.port), as: .people, handler: TestHandler(),
                        loops: loops)
                }
            }
            await both.drain(within: .zero)
            for host in ["127.0.0.1", "::1"] {
                let other = try HTTPServer.listen(
                    .tcp(host: host, port: both.port), as: .people, handler: TestHandler(),
                    loops: loops)
                #expect(throws: ListenFailure(.inUse, "")) { try listen(both.port) }
                await other.drain(within: .zero)
            }
            try await listen(both.port).drain(within: .zero)
        }
        // Another program may take the port between two of these steps.
        for _ in 0..<4 {
            do {
                return try await take()
            } catch let failure as ListenFailure where failure.code == .inUse {
                continue
            }
        }
        try await take()
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
