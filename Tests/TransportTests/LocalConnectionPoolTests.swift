import Glibc
import InterlockGovernor
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockTransport

/// A connection of the pool takes a further request only while the gateway keeps it open, and no request is sent twice.
@Suite(.serialized) struct LocalConnectionPoolTests {
    private static let body = Array("{}".utf8)

    private static func answered(_ body: String = "ok") -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func pool(_ server: RawServer, patience: Duration = .seconds(30)) -> LocalConnectionPool
    {
        LocalConnectionPool(.tcp(host: "127.0.0.1", port: server.port), patience: patience)
    }

    @Test func `requests share one connection of the gateway`() async throws {
        let path = "/tmp/interlock-test-\(getpid())-pool.sock"
        try await withServer(endpoint: .unix(path: path)) { server, _ in
            let pool = LocalConnectionPool(.unix(path: path), patience: .seconds(30))
            for number in 0..<3 {
                let answer = try pool.send("POST", "/v1", body: Array("\(number)".utf8))
                #expect(LocalClientTests.text(answer.body) == "POST /v1 \(number)")
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a gateway that was started again is reached over a new connection`() async throws {
        let path = "/tmp/interlock-test-\(getpid())-again.sock"
        let pool = LocalConnectionPool(.unix(path: path), patience: .seconds(30))
        for _ in 0..<2 {
            try await withServer(endpoint: .unix(path: path)) { _, _ in
                let answer = try pool.send("POST", "/", body: Self.body)
                #expect(answer.head.status == 200)
            }
        }
        #expect(throws: LocalFailure(.unreachable)) { try pool.send("POST", "/", body: Self.body) }
    }

    @Test func `connections that were closed or that sent more than was asked are not used again`()
        throws
    {
        let firsts: [[RawServer.Step]] = [
            [.send(Self.answered()), .close],
            [.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")],
            [.send("HTTP/1.1 200 OK\r\n\r\nok"), .close],
            [.send(Self.answered() + Self.answered("forged"))],
            [
                .send(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP")
            ],
        ]
        for first in firsts {
            let server = RawServer { $0 == 0 ? first : [.send(Self.answered("second"))] }
            defer { server.stop() }
            let pool = pool(server)
            let answer = try pool.send("POST", "/", body: Self.body)
            #expect(LocalClientTests.text(answer.body) == "ok")
            if first.count > 1 {
                while server.closed.load(ordering: .acquiring) == 0 { usleep(1000) }
            }
            let second = try pool.send("POST", "/", body: Self.body)
            #expect(LocalClientTests.text(second.body) == "second")
        }
    }

    @Test func `a request that was sent and not answered is a failure, and is not sent again`()
        throws
    {
        let steps: [[RawServer.Step]] = [[.close], [.send("HTTP/1.1 200"), .close], [.hang]]
        for last in steps {
            let server = RawServer { $0 == 0 ? [.send(Self.answered())] : last }
            defer { server.stop() }
            let pool = pool(server, patience: .seconds(1))
            _ = try pool.send("POST", "/", body: Self.body)
            #expect(throws: LocalFailure(.lost)) { try pool.send("POST", "/", body: Self.body) }
            #expect(server.received.withLock { $0.count } == 2)
        }
    }

    @Test func `a further thread gets a connection of its own`() async throws {
        let path = "/tmp/interlock-test-\(getpid())-threads.sock"
        let both = Signal()
        let waiting = Mutex(0)
        let handler = TestHandler(answer: { _, _, exchange in
            let count = waiting.withLock { count in
                count += 1
                return count
            }
            if count == 2 { both.set() }
            await both.wait()
            exchange.respond(HTTPResponse(status: 200, headers: [], body: Array("ok".utf8)))
        })
        try await withServer(handler, endpoint: .unix(path: path)) { server, _ in
            let pool = LocalConnectionPool(.unix(path: path), patience: .seconds(30))
            let workers = WorkerPool("asking", threads: 2, limit: 8)
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<2 {
                    group.addTask(executorPreference: workers) {
                        (try? pool.send("POST", "/", body: Self.body))?.head.status == 200
                    }
                }
                for await isAnswered in group { #expect(isAnswered) }
            }
            #expect(server.connectionCount == 2)
            workers.stop()
        }
    }
}
