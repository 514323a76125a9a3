import Glibc
import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTransport
import Testing

@Suite(.serialized) struct LocalClientTests {
    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `a request over the unix socket is answered`() async throws {
        let path = "/tmp/interlock-test-\(getpid())-local.sock"
        try await withServer(endpoint: .unix(path: path)) { _, _ in
            let client = LocalClient(.unix(path: path))
            let answer = try client.send("POST", "/v1", headers: [("X", "y")], body: [104, 105])
            #expect(answer.head.status == 200)
            #expect(answer.head["content-type"] == "text/plain")
            #expect(Self.text(answer.body) == "POST /v1 hi")
        }
        #expect(throws: LocalFailure.self) {
            try LocalClient(.unix(path: path)).send("GET", "/")
        }
    }

    @Test func `an event stream is read as it comes, and can be cancelled`() async throws {
        let closed = Signal()
        let handler = TestHandler(answer: { head, _, exchange in
            exchange.startEvents(headers: [])
            exchange.send(event: Array("data: 1\n\n".utf8))
            if head.path == "/end" { return exchange.endEvents() }
            exchange.onClose { closed.set() }
            await closed.wait()
        })
        try await withServer(handler) { server, _ in
            let client = LocalClient(.tcp(host: "127.0.0.1", port: server.port))
            let whole = try client.send("POST", "/end")
            #expect(Self.text(whole.body) == "data: 1\n\n")
            let stream = try client.open("POST", "/hang")
            #expect(stream.head["content-type"] == "text/event-stream")
            #expect(try stream.next().map(Self.text) == "data: 1\n\n")
            stream.cancel()
            #expect(throws: LocalFailure.self) { while try stream.next() != nil {} }
            await closed.wait()
        }
    }

    @Test func `answers of every framing are read, broken ones are failures`() throws {
        func answer(
            _ steps: [RawServer.Step], patience: Duration = .seconds(30)
        ) throws -> String {
            let server = RawServer { _ in steps }
            defer { server.stop() }
            let client = LocalClient(
                .tcp(host: "127.0.0.1", port: server.port), patience: patience)
            let (head, body) = try client.send("POST", "/", body: Array("{}".utf8))
            return "\(head.status) \(Self.text(body))"
        }
        let close = [RawServer.Step.close]
        #expect(try answer([.send("HTTP/1.0 200 OK\r\n\r\nall")] + close) == "200 all")
        #expect(
            try answer([
                .send("HTTP/1.1 100 C\r\n\r\nHTTP/1.1 404 N\r\nContent-Length: 2\r\n\r\nno")
            ])
                == "404 no")
        #expect(try answer([.send("HTTP/1.1 204 No Content\r\n\r\n")]) == "204 ")
        for broken in [
            "", "HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "nonsense\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ] {
            #expect(throws: LocalFailure.self, "\(broken)") { try answer([.send(broken)] + close) }
        }
        #expect(throws: LocalFailure(.lost)) {
            try answer([.hang], patience: .milliseconds(80))
        }
    }

    @Test func `an answer without end is given up, not kept`() throws {
        let part = String(repeating: "x", count: LocalClient.answerLimitBytes / 4)
        let steps = Array(repeating: RawServer.Step.send(part), count: 5)
        let server = RawServer { _ in [.send("HTTP/1.1 200 OK\r\n\r\n")] + steps + [.close] }
        defer { server.stop() }
        #expect(throws: LocalFailure(.tooLarge)) {
            try LocalClient(.tcp(host: "127.0.0.1", port: server.port), patience: .seconds(5))
                .send("POST", "/", body: Array("{}".utf8))
        }
    }
}
