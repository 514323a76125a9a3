import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// Notifications of servers over HTTP about changes of single resources, in either era.
@Suite(.serialized) struct ResourceFollowingTests {
    /// The streams that a server holds open, and the notifications that callers received.
    private final class Ends: Sendable {
        let streams = Mutex<[(FakeUpstream.Request, any Exchange, Signal)]>([])
        let open = Atomic<Int>(0)
        let told = Mutex<[String]>([])

        func hold(_ request: FakeUpstream.Request, _ exchange: any Exchange) async {
            let closed = Signal()
            exchange.onClose { closed.set() }
            exchange.startEvents(headers: [])
            streams.withLock { $0.append((request, exchange, closed)) }
            open.add(1, ordering: .relaxed)
            await closed.wait()
            open.subtract(1, ordering: .relaxed)
        }

        /// Ends the newest stream from the server's side.
        func end() {
            guard let (_, exchange, closed) = streams.withLock({ $0.last }) else { return }
            exchange.endEvents()
            closed.set()
        }

        func update(_ uri: String) {
            let newest = streams.withLock { $0.last?.1 }
            newest?.send(
                event: FakeUpstream.event([
                    "jsonrpc": "2.0", "method": "notifications/resources/updated",
                    "params": ["uri": .string(uri)],
                ]))
        }
    }

    private static func legacy(_ ends: Ends, subscribe: Bool = true) -> FakeUpstream {
        FakeUpstream(
            onInitialize: FakeUpstream.initialized(with: [
                "tools": [:], "resources": ["subscribe": .bool(subscribe)],
            ]), onListen: { await ends.hold($0, $1) })
    }

    private static func modern(_ ends: Ends) -> FakeUpstream {
        FakeUpstream(
            onDiscover: { request in
                HTTPResponse(
                    status: 200, headers: [("Content-Type", "application/json")],
                    body: FakeUpstream.result(
                        request,
                        [
                            "resultType": "complete", "ttlMs": 0, "cacheScope": "private",
                            "capabilities": ["tools": [:], "resources": ["subscribe": true]],
                            "supportedVersions": ["2026-07-28"],
                        ]))
            }, onListen: { await ends.hold($0, $1) })
    }

    private static func with(
        _ upstream: FakeUpstream, _ body: (UpstreamPool, ServerName, AgentName) async throws -> Void
    ) async throws {
        var limits = UpstreamLimits()
        limits.firstRetry = .milliseconds(10)
        limits.leastCheckGap = .milliseconds(1)
        limits.subscribing = .milliseconds(200)
        try await HTTPUpstreamTests.withUpstream(upstream, limits: limits) {
            try await body($0, try Names.server(), try Names.agent())
        }
    }

    private static func asked(_ upstream: FakeUpstream, _ method: String) -> [String] {
        upstream.requests.withLock { requests in
            requests.filter { $0.method == method }
                .compactMap { $0.message["params"]?["uri"]?.string }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a legacy server is subscribed to once, and told the end`()
        async throws
    {
        let ends = Ends()
        let upstream = Self.legacy(ends)
        try await Self.with(upstream) { pool, server, agent in
            func follow(_ uris: Set<ExactText>) {
                pool.follow(uris, of: server, for: agent) { uri in
                    ends.told.withLock { $0.append(uri) }
                }
            }
            #expect(pool.offers(of: server).subscriptions == .declared)
            follow(["notes://a"])
            #expect(
                await eventually {
                    Self.asked(upstream, "resources/subscribe") == ["notes://a"]
                })
            let stream = try #require(ends.streams.withLock { $0.first?.0 })
            #expect(stream.head["mcp-session-id"] == "s")
            #expect(stream.head["authorization"] == "Bearer of-triage")
            // Many notifications count as one change; a resource that is not followed is dropped and counted.
            for _ in 0..<200 { ends.update("notes://a") }
            for _ in 0..<3 { ends.update("notes://vault") }
            #expect(await eventually { ends.told.withLock { $0 } == ["notes://a"] })
            #expect(await eventually { pool.strayUpdates(of: server) == 3 })
            follow(["notes://a", "notes://b"])
            #expect(
                await eventually {
                    Self.asked(upstream, "resources/subscribe") == ["notes://a", "notes://b"]
                })
            follow([])
            #expect(
                await eventually {
                    Self.asked(upstream, "resources/unsubscribe") == ["notes://a", "notes://b"]
                })
            #expect(await eventually { ends.open.load(ordering: .relaxed) == 0 })
            #expect(ends.told.withLock { $0.allSatisfy { $0 == "notes://a" } })
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a modern server is asked by one listen for all of them`()
        async throws
    {
        let ends = Ends()
        let upstream = Self.modern(ends)
        try await Self.with(upstream) { pool, server, agent in
            func follow(_ uris: Set<ExactText>) {
                pool.follow(uris, of: server, for: agent) { uri in
                    ends.told.withLock { $0.append(uri) }
                }
            }
            func wanted() -> JSONValue? {
                ends.streams.withLock { $0.last?.0 }?.message["params"]?["notifications"]
            }
            follow(["notes://a"])
            #expect(
                await eventually { wanted() == ["resourceSubscriptions": ["notes://a"]] })
            // The server acknowledges nothing, but every notification is received.
            ends.update("notes://a")
            #expect(await eventually { ends.told.withLock { $0 } == ["notes://a"] })
            follow(["notes://a", "notes://b"])
            #expect(
                await eventually {
                    wanted() == ["resourceSubscriptions": ["notes://a", "notes://b"]]
                })
            #expect(await eventually { ends.open.load(ordering: .relaxed) == 1 })
            follow([])
            #expect(await eventually { ends.open.load(ordering: .relaxed) == 0 })
            #expect(Self.asked(upstream, "resources/subscribe").isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a stream that breaks is opened again, for all of them`()
        async throws
    {
        for isModern in [false, true] {
            let ends = Ends()
            let upstream = isModern ? Self.modern(ends) : Self.legacy(ends)
            try await Self.with(upstream) { pool, server, agent in
                pool.follow(["notes://a"], of: server, for: agent) { _ in }
                #expect(await eventually { ends.open.load(ordering: .relaxed) == 1 })
                ends.end()
                #expect(
                    await eventually { ends.streams.withLock { $0.count } == 2 },
                    "modern: \(isModern)")
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `one that has no such method is known to have none`()
        async throws
    {
        let ends = Ends()
        let upstream = Self.legacy(ends, subscribe: false)
        upstream.subscribing.withLock { $0 = .refused(-32601) }
        try await Self.with(upstream) { pool, server, agent in
            #expect(pool.offers(of: server).subscriptions == .undeclared)
            pool.follow(["notes://a"], of: server, for: agent) { _ in }
            #expect(
                await eventually { pool.offers(of: server).subscriptions == .none })
        }
    }

    @Test(.timeLimit(.minutes(1))) func `one that never answers keeps nobody, and is asked again`()
        async throws
    {
        let ends = Ends()
        let upstream = Self.legacy(ends)
        upstream.subscribing.withLock { $0 = .silent }
        try await Self.with(upstream) { pool, server, agent in
            pool.follow(["notes://a"], of: server, for: agent) { uri in
                ends.told.withLock { $0.append(uri) }
            }
            #expect(
                await eventually {
                    !Self.asked(upstream, "resources/subscribe").isEmpty
                })
            ends.update("notes://a")
            #expect(await eventually { ends.told.withLock { $0 } == ["notes://a"] })
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.hasPrefix("result"))
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [503, 200])
    func `what failed is asked for again on the same stream`(status: Int) async throws {
        let ends = Ends()
        let upstream = Self.legacy(ends)
        upstream.subscribing.withLock { $0 = .failing(4, status: status) }
        try await Self.with(upstream) { pool, server, agent in
            func follow(_ uris: Set<ExactText>) {
                pool.follow(uris, of: server, for: agent) { _ in }
            }
            func subscribed() -> [String] { Self.asked(upstream, "resources/subscribe") }
            follow(["notes://a", "notes://b"])
            // Both fail twice, with growing pauses, and then succeed.
            #expect(await eventually { subscribed().count == 6 })
            #expect(subscribed().count { $0 == "notes://a" } == 3)
            try await Task.sleep(for: .milliseconds(200))
            #expect(subscribed().count == 6, "what stands is not asked for again")
            #expect(ends.streams.withLock { $0.count } == 1, "the stream is the same")
            follow([])
            #expect(
                await eventually {
                    Self.asked(upstream, "resources/unsubscribe") == ["notes://a", "notes://b"]
                })
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a server that is held is sent nothing more`()
        async throws
    {
        let ends = Ends()
        let upstream = Self.legacy(ends)
        upstream.subscribing.withLock { $0 = .slow }
        try await Self.with(upstream) { pool, server, agent in
            let uris: Set<ExactText> = ["notes://a", "notes://b", "notes://c"]
            pool.follow(uris, of: server, for: agent) { _ in }
            #expect(
                await eventually {
                    !Self.asked(upstream, "resources/subscribe").isEmpty
                })
            pool.holdBack { $0 == server }
            let count = upstream.requests.withLock { $0.count }
            // A halt changes the followed set, which ends the pause after a failure.
            pool.follow(["notes://c"], of: server, for: agent) { _ in }
            #expect(await eventually { ends.open.load(ordering: .relaxed) == 0 })
            pool.follow([], of: server, for: agent) { _ in }
            try await Task.sleep(for: .milliseconds(400))
            #expect(upstream.requests.withLock { $0.count } == count)
            #expect(ends.streams.withLock { $0.count } == 1)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `each request has the credential that counts then`()
        async throws
    {
        let ends = Ends()
        let upstream = Self.legacy(ends)
        let number = Atomic<Int>(1)
        var limits = UpstreamLimits()
        limits.firstRetry = .milliseconds(10)
        let credentials = FixedCredentials { _ in
            UpstreamCredential(
                header: "Authorization", value: "Bearer \(number.load(ordering: .relaxed))")
        }
        try await HTTPUpstreamTests.withUpstream(
            upstream, limits: limits, credentials: credentials
        ) { pool in
            let (server, agent) = (try Names.server(), try Names.agent())
            func sent() -> [String?] {
                upstream.requests.withLock { requests in
                    requests.filter { $0.method == "resources/subscribe" }
                        .map { $0.head["authorization"] }
                }
            }
            pool.follow(["notes://a"], of: server, for: agent) { _ in }
            #expect(await eventually { sent() == ["Bearer 1"] })
            number.store(2, ordering: .relaxed)
            pool.follow(["notes://a", "notes://b"], of: server, for: agent) { _ in }
            #expect(await eventually { sent() == ["Bearer 1", "Bearer 2"] })
            #expect(ends.streams.withLock { $0.count } == 1, "the stream is the same")
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a server that is configured anew is asked again`()
        async throws
    {
        let (ends, others) = (Ends(), Ends())
        let (upstream, other) = (Self.legacy(ends), Self.legacy(others))
        try await Self.with(upstream) { pool, server, agent in
            pool.follow(["notes://a"], of: server, for: agent) { _ in }
            #expect(await eventually { ends.open.load(ordering: .relaxed) == 1 })
            try await withServer(other.handler) { another, _ in
                pool.configure([
                    UpstreamConfiguration(
                        server: server,
                        connection: .http(url: "http://127.0.0.1:\(another.port)/mcp"))
                ])
                #expect(
                    await eventually {
                        Self.asked(other, "resources/subscribe") == ["notes://a"]
                    })
                #expect(await eventually { ends.open.load(ordering: .relaxed) == 0 })
                pool.configure([])
            }
        }
    }
}
