import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

@Suite(.serialized) struct DocumentFetcherTests {
    private func fetch(
        _ url: String, _ loops: LoopGroup, named: Set<ExactText> = []
    ) async -> Result<ClientResponse, ClientFailure> {
        let fetcher = DocumentFetcher(clients: HTTPClients(loops: loops), privateOrigins: named)
        return await fetcher.send(url, accept: "application/json")
    }

    private func reason(_ found: Result<ClientResponse, ClientFailure>) -> String? {
        if case .failure(let failure) = found { failure.reason } else { nil }
    }

    @Test func `an origin that was named is asked, and only with what belongs there`() async throws
    {
        let seen = Mutex<[String]>([])
        let handler = TestHandler(answer: { head, _, exchange in
            seen.withLock { $0 = head.headers.map(\.name).sorted() }
            exchange.respond(HTTPResponse(status: 200, body: [1]))
        })
        try await withServer(handler) { server, loops in
            let origin = "http://127.0.0.1:\(server.port)"
            let found = await fetch(origin + "/x?y=z", loops, named: [ExactText(origin)])
            let body = try found.get().body
            #expect(body == [1])
            #expect(seen.withLock { $0 } == ["accept", "host"])
            #expect(reason(await fetch(origin + "/x", loops)) == "its URL is not https")
            let fetcher = DocumentFetcher(
                clients: HTTPClients(loops: loops), privateOrigins: [ExactText(origin)])
            let hinted = await fetcher.send(origin + "/x", accept: "x/y", isPublicOnly: true)
            #expect(reason(hinted) == "its URL is not https", "named, and not for this")
        }
    }

    @Test(
        .requirement("R081"),
        arguments: [
            "https://127.0.0.1:9/", "https://localhost:9/", "https://[::1]:9/",
            "https://0.0.0.0:9/",
            "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://[fe80::1]/",
            "https://[::ffff:7f00:1]:9/", "https://2130706433:9/", "https://0177.1:9/",
        ])
    func `a private address is refused after its name is resolved`(url: String) async throws {
        try await withServer { _, loops in
            #expect(
                reason(await fetch(url, loops)) == "its address is private, loopback or link-local")
        }
    }

    /// A connection that was made for another purpose is not reused for a fetch.
    @Test(arguments: ["LOCALHOST", "localhost", "127.0.0.1"])
    func `nothing is connected to, also where a connection stands`(host: String) async throws {
        try await withServer { server, loops in
            let clients = HTTPClients(loops: loops)
            let open = ClientRequest(method: "GET", url: "http://\(host):\(server.port)/")
            _ = try await clients.onLoop { await $0.send(open) }.get()
            var guarded = open
            guarded.isPublicOnly = true
            let request = guarded
            let found = await clients.onLoop { await $0.send(request) }
            #expect(reason(found) == "its address is private, loopback or link-local")
            #expect(withExtendedLifetime(clients) { server.connectionCount } == 1)
        }
    }

    @Test(arguments: [
        "", "idp.example", "ftp://idp.example/", "file:///etc/passwd", "https://a@b.example/",
        "https://idp.example/#x", "https://idp.example/a b", "javascript:alert(1)",
        "https://idp.example\\@10.0.0.1/", "https:///x",
    ])
    func `what is no URL of a document`(url: String) async throws {
        try await withServer { _, loops in
            #expect(reason(await fetch(url, loops)) == "its URL is malformed")
        }
    }

    @Test(.requirement("R081")) func `a redirect is not followed`() async throws {
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.respond(
                HTTPResponse(status: 302, headers: [("Location", "http://169.254.169.254/")]))
        })
        try await withServer(handler) { server, loops in
            let origin = "http://127.0.0.1:\(server.port)"
            let found = await fetch(origin + "/x", loops, named: [ExactText(origin)])
            #expect(reason(found) == "it is a redirect, which is not followed")
        }
    }

    @Test func `an answer above a mebibyte is given up`() async throws {
        let handler = TestHandler(answer: { _, _, exchange in
            exchange.respond(
                HTTPResponse(status: 200, body: [UInt8](repeating: 32, count: 10 << 20)))
        })
        try await withServer(handler) { server, loops in
            let origin = "http://127.0.0.1:\(server.port)"
            let found = await fetch(origin + "/x", loops, named: [ExactText(origin)])
            #expect(found == .failure(ClientFailure(.tooLarge, wasSent: true, "")))
        }
    }

    private static let pauses: [(String, Int?)] = [
        ("7", 7), ("0", 0), ("soon", nil), ("1.5", nil),
    ]

    @Test(arguments: pauses)
    func `a document that is posted gets status, body and the pause that is asked for`(
        _ field: String, _ seconds: Int?
    ) async throws {
        let seen = Mutex<[String]>([])
        let handler = TestHandler(answer: { head, _, exchange in
            seen.withLock { $0 = head.headers.map(\.name).sorted() }
            exchange.respond(
                HTTPResponse(status: 503, headers: [("Retry-After", field)], body: [1]))
        })
        try await withServer(handler) { server, loops in
            let origin = "http://127.0.0.1:\(server.port)"
            let fetcher = DocumentFetcher(
                clients: HTTPClients(loops: loops), privateOrigins: [ExactText(origin)])
            let response = try await fetcher.post([2], to: origin + "/x", [("x-scope", "a")]).get()
            #expect(response.status == 503 && response.body == [1])
            #expect(response.retryAfterSeconds == seconds)
            #expect(seen.withLock { $0 } == ["content-length", "content-type", "host", "x-scope"])
        }
    }
}
