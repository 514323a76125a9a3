import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Subscriptions to single resources, in either era (docs/specs/mcp.md, sections 5.2 and 6).
@Suite struct `Subscriptions to resources` {
    private typealias Stream = `Changed lists`.Stream
    private static let updated: JSONValue = "notifications/resources/updated"
    private static let noteA = "interlock:desk:notes://a"
    private static let clerk = "desk clerk"

    private static func bench(
        _ more: [(String, String)] = [], _ subscriptions: ResourceSubscriptions = .declared
    ) throws -> Bench {
        let bench = try OfferBench.bench(more)
        bench.upstreams.set(
            OfferBench.offers(subscriptions), tools: Bench.tools, generation: 3,
            of: "desk")
        return bench
    }

    private static func uris(_ stream: Stream) -> [String] {
        stream.exchange.messages.filter { $0["method"] == updated }
            .compactMap { $0["params"]?["uri"]?.string }
    }

    private static func subscribe(
        _ client: Client, _ uri: String = noteA, path: String = "/mcp"
    ) async -> JSONValue? {
        await client.ask("resources/subscribe", ["uri": .string(uri)], path: path)
    }

    private static func listen(
        _ bench: Bench, _ uris: [String], as bearer: String = "clerk", id: Int64 = 7
    ) async -> Stream {
        await `Changed lists`.listen(
            bench, as: bearer, ["resourceSubscriptions": .array(uris.map(JSONValue.string))],
            id: id)
    }

    @Test func `a legacy session hears on its own stream of what it subscribed to`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let other = try await Client.open(bench)
        let (stream, others) = (
            await Stream(bench.pipeline, client.head("GET")),
            await Stream(bench.pipeline, other.head("GET"))
        )
        #expect(await Self.subscribe(client)?["result"] == [:])
        #expect(bench.upstreams.followed(Self.clerk) == ["notes://a"])
        bench.upstreams.update("notes://a", Self.clerk)
        bench.upstreams.update("notes://b", Self.clerk)
        #expect(Self.uris(stream) == [Self.noteA])
        #expect(Self.uris(others).isEmpty, "another session of the same agent")
        let over = await client.ask("resources/unsubscribe", ["uri": .string(Self.noteA)])
        #expect(over?["result"] == [:])
        #expect(bench.upstreams.followed(Self.clerk).isEmpty)
        bench.upstreams.update("notes://a", Self.clerk)
        #expect(Self.uris(stream).count == 1)
        #expect(bench.upstreams.sent.isEmpty, "nothing of it is a call of the server")
        for stream in [stream, others] { stream.exchange.close() }
    }

    @Test func `it is decided and recorded as a read`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let before = bench.types.count
        _ = await Self.subscribe(client)
        _ = await client.ask("resources/unsubscribe", ["uri": .string(Self.noteA)])
        #expect(
            bench.types.dropFirst(before).suffix(4)
                == [.callIntent, .callOutcome, .callIntent, .callOutcome])
        #expect(bench.ledger.drafts(of: .callIntent).last?.fields["tool"] == "desk__resource:note")
        let denied = await Self.subscribe(client, "interlock:desk:files:///etc/x")
        #expect(denied?["error"]?["code"] == 4030)
        #expect(denied?["error"]?["data"]?["reason"] == "guard-false")
        #expect(bench.upstreams.followed(Self.clerk).isEmpty)
    }

    @Test(arguments: ["notes://vault", "notes://a/../vault", "other://x", "x"])
    func `hidden and unknown resources answer the same, byte for byte`(uri: String) async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        for method in ["resources/subscribe", "resources/unsubscribe"] {
            func bytes(_ uri: String) async -> String {
                let sent = await client.send(method, id: 5, ["uri": .string(uri)])
                let text = String(decoding: sent.now.response?.body ?? [], as: UTF8.self)
                return "\(sent.now.response?.status ?? 0) "
                    + text.replacing(uri, with: "")
            }
            let hidden = await bytes("interlock:desk:" + uri)
            #expect(hidden == (await bytes("interlock:nowhere:gone://x")))
            #expect(hidden.contains("-32002"))
        }
        #expect(bench.upstreams.followed(Self.clerk).isEmpty)
    }

    @Test func `it is offered only where a server tells`() async throws {
        let bench = try OfferBench.bench()
        let client = try await Client.open(bench)
        #expect(await Self.subscribe(client)?["error"]?["code"] == -32601)
        let quiet = await Self.listen(bench, [Self.noteA])
        #expect(quiet.exchange.messages.first?["params"]?["notifications"] == [:])
        func declared(_ bench: Bench) throws -> JSONValue? {
            let principal = try bench.authenticator.identify(
                bearer: "clerk", now: bench.clock.now.wall)
            return bench.gateway.capabilities(of: principal, at: nil)
                .declared(in: .newest)["resources"]
        }
        #expect(try declared(bench) == ["listChanged": true])
        #expect(try declared(try Self.bench()) == ["subscribe": true, "listChanged": true])
        // The Python SDK before version 2 supports subscriptions without declaring them.
        let silent = try Self.bench([], .undeclared)
        #expect(try declared(silent) == ["listChanged": true])
        #expect(await Self.subscribe(try await Client.open(silent))?["result"] == [:])
        silent.upstreams.set(
            OfferBench.offers(.none), tools: Bench.tools, generation: 9, of: "desk")
        silent.gateway.tellChanges()
        #expect(silent.gateway.resources.count == 0, "the server has turned out not to have it")
        quiet.exchange.close()
    }

    @Test func `a modern subscription is acknowledged with those that are allowed, then told`()
        async throws
    {
        let bench = try Self.bench()
        let stream = await Self.listen(
            bench,
            [
                Self.noteA, "interlock:desk:notes://vault", "interlock:desk:files:///etc/x",
                "interlock:desk:files:///pub/x", Self.noteA, "nothing",
            ])
        let first = try #require(stream.exchange.messages.first)
        #expect(first["method"] == "notifications/subscriptions/acknowledged")
        #expect(
            first["params"]?["notifications"]
                == [
                    "resourceSubscriptions": [
                        .string(Self.noteA), "interlock:desk:files:///pub/x",
                    ]
                ])
        #expect(bench.upstreams.followed(Self.clerk) == ["notes://a", "files:///pub/x"])
        bench.upstreams.update("notes://a", Self.clerk)
        bench.upstreams.update("notes://vault", Self.clerk)
        let told = try #require(stream.exchange.messages.last)
        #expect(told["method"] == Self.updated && told["params"]?["uri"] == .string(Self.noteA))
        #expect(told["params"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == 7)
        #expect(stream.exchange.messages.count == 2)
        stream.exchange.close()
        await stream.task.value
        #expect(bench.upstreams.followed(Self.clerk).isEmpty)
    }

    @Test func `callers of one agent share what is asked of the server`() async throws {
        let bench = try Self.bench()
        let first = await Self.listen(bench, [Self.noteA])
        let second = await Self.listen(bench, [Self.noteA, "interlock:desk:notes://b"], id: 8)
        #expect(bench.upstreams.followed(Self.clerk) == ["notes://a", "notes://b"])
        bench.upstreams.update("notes://a", Self.clerk)
        #expect(Self.uris(first).count == 1 && Self.uris(second).count == 1)
        second.exchange.close()
        await second.task.value
        #expect(bench.upstreams.followed(Self.clerk) == ["notes://a"])
        first.exchange.close()
    }

    @Test func `it ends with what it rests on`() async throws {
        for way in ["halt", "policy", "quarantine", "run", "session"] {
            let bench = try Self.bench()
            let client = try await Client.open(bench)
            let stream = await Stream(bench.pipeline, client.head("GET"))
            _ = await Self.subscribe(client)
            #expect(bench.upstreams.followed(Self.clerk) == ["notes://a"])
            switch way {
            case "halt": try await bench.halt(.agent(try #require(AgentName("clerk"))))
            case "policy":
                try await bench.swap([])
                bench.gateway.tellChanges()
            case "quarantine":
                bench.gateway.pins.shutOff(try #require(ServerName("desk")), .person("test"))
                bench.gateway.tellChanges()
            case "run":
                bench.authenticator.revoke(run: NameAuthenticator.run(of: "clerk"))
                bench.gateway.tellChanges()
            default:
                let exchange = FakeExchange()
                await bench.pipeline.run(client.head("DELETE"), body: [], exchange)
                bench.gateway.tellChanges()
            }
            #expect(bench.upstreams.followed(Self.clerk).isEmpty, "\(way)")
            #expect(bench.gateway.resources.count == 0, "\(way)")
            bench.upstreams.update("notes://a", Self.clerk)
            // The agent that may continue reads again, and learns why.
            let expected = ["policy", "quarantine"].contains(way) ? [Self.noteA] : []
            #expect(Self.uris(stream) == expected, "\(way)")
            stream.exchange.close()
        }
    }

    @Test func `who renews a credential goes on hearing, and nobody hears in between`()
        async throws
    {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let first = await Stream(bench.pipeline, client.head("GET"))
        _ = await Self.subscribe(client)
        let modern = await Self.listen(bench, ["interlock:desk:notes://b"])
        #expect(bench.upstreams.followed(Self.clerk) == ["notes://a", "notes://b"])
        bench.clock.advance(.seconds(61))
        await bench.gateway.sweep()
        await first.task.value
        await modern.task.value
        // Closing a modern stream ends its own subscriptions.
        #expect(bench.upstreams.followed(Self.clerk) == ["notes://a"])
        bench.upstreams.update("notes://a", Self.clerk)
        let second = await Stream(bench.pipeline, client.head("GET"))
        #expect(Self.uris(second).isEmpty)
        bench.upstreams.update("notes://a", Self.clerk)
        #expect(Self.uris(first).isEmpty && Self.uris(second) == [Self.noteA])
        second.exchange.close()
        await second.task.value
        let narrow = await Stream(
            bench.pipeline, client.with(bearer: "clerk|desk:look").head("GET"))
        bench.upstreams.update("notes://a", Self.clerk)
        #expect(Self.uris(narrow).isEmpty, "a credential for less hears less")
        narrow.exchange.close()
    }

    @Test func `who looked earlier ends no subscription that was made since`() throws {
        let board = ResourceSubscriptionRegistry()
        let note = FollowedResource(server: try #require(ServerName("desk")), uri: "notes://a")
        let follower = Follower.session(SessionID("s"))
        func add(_ bearer: String) throws -> ResourceSubscriptionRegistry.Slot {
            let principal = try NameAuthenticator().identify(
                bearer: bearer, now: Timestamp(microseconds: 0))
            let preferences = ResourceSubscriptionRegistry.Preferences(
                principal: principal, written: "notes://a")
            return try #require(board.add(note, preferences, for: follower) { _, _, _ in })
        }
        let (old, new) = (try add("clerk|desk:look"), try add("clerk"))
        board.remove(old) { _, _, _ in Issue.record("nothing has changed") }
        #expect(board.count == 1)
        board.remove(new) { uris, _, _ in #expect(uris.isEmpty) }
        #expect(board.count == 0)
    }

    /// Each notification is decided anew, even before the subscriptions have been reviewed.
    @Test func `a change that is not permitted now is told to nobody`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let stream = await Stream(bench.pipeline, client.head("GET"))
        _ = await Self.subscribe(client)
        bench.gateway.pins.shutOff(try #require(ServerName("desk")), .person("test"))
        bench.upstreams.update("notes://a", Self.clerk)
        #expect(Self.uris(stream).isEmpty)
        #expect(bench.gateway.resources.count == 0)
        stream.exchange.close()
    }

    @Test func `a stream of a narrower token hears of nothing outside its scopes`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        func stream(_ bearer: String) async -> Stream {
            let head = client.head("GET")
            let headers = head.headers.filter { $0.name != "authorization" }
            return await Stream(
                bench.pipeline,
                RequestHead(
                    listener: .agents, method: "GET", path: "/mcp", query: nil,
                    headers: headers + [(name: "authorization", value: "Bearer " + bearer)],
                    contentLength: nil))
        }
        _ = await Self.subscribe(client)
        for (bearer, told) in [("clerk|desk:look", []), ("clerk|desk:read", [Self.noteA])] {
            let stream = await stream(bearer)
            bench.upstreams.update("notes://a", Self.clerk)
            #expect(Self.uris(stream) == told, "\(bearer)")
            stream.exchange.close()
            await stream.task.value
        }
        #expect(bench.upstreams.followed(Self.clerk) == ["notes://a"], "it stands all the same")
    }

    @Test func `what would need an approval is not followed`() async throws {
        let bench = try Self.bench([
            (
                #"note: {uri: "notes://{id}", class: read}"#,
                #"note: {uri: "notes://{id}", class: write, effects: [customer_facing]}"#
            )
        ])
        let client = try await Client.open(bench)
        let answer = await Self.subscribe(client)
        #expect(answer?["error"]?["data"]?["reason"] == "approval-required")
        #expect(bench.types.suffix(2) == [.callIntent, .callDenied])
        #expect(bench.upstreams.followed(Self.clerk).isEmpty)
        let stream = await Self.listen(bench, [Self.noteA])
        #expect(stream.exchange.messages.first?["params"]?["notifications"] == [:])
        stream.exchange.close()
    }

    @Test func `there is room for 256 on a stream and 1,024 of an agent`() async throws {
        let bench = try Self.bench()
        func notes(_ numbers: Range<Int>) -> [String] {
            numbers.map { "interlock:desk:notes://n\($0)" }
        }
        let client = try await Client.open(bench)
        for uri in notes(0..<256) {
            #expect(await Self.subscribe(client, uri)?["result"] == [:])
        }
        let full = await Self.subscribe(client, Self.noteA)
        #expect(full?["error"]?["code"] == 4290)
        let unknown = await Self.subscribe(client, "interlock:desk:other://x")
        #expect(unknown?["error"]?["code"] == 4290, "also of what nobody may know of")
        var streams: [Stream] = []
        for number in 1..<4 {
            streams.append(
                await Self.listen(
                    bench, notes(number * 256..<(number + 1) * 256), id: Int64(number)))
        }
        #expect(bench.gateway.resources.count == 1024)
        let late = await Self.listen(bench, [Self.noteA], id: 99)
        #expect(late.exchange.messages.first?["params"]?["notifications"] == [:])
        #expect(bench.ledger.drafts(of: .callDenied).last?.fields["code"] == "limit.subscriptions")
        for stream in streams + [late] { stream.exchange.close() }
    }

    @Test func `a session that is away finds the change when it comes back`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        let first = await Stream(bench.pipeline, client.head("GET"))
        _ = await Self.subscribe(client)
        bench.upstreams.update("notes://a", Self.clerk)
        #expect(Self.uris(first) == [Self.noteA])
        first.exchange.close()
        await first.task.value
        bench.upstreams.update("notes://a", Self.clerk)
        let head = client.head("GET")
        let lines = String(decoding: try #require(first.exchange.now.events.last), as: UTF8.self)
            .split(separator: "\n")
        let last = try #require(lines.first { $0.hasPrefix("id: ") }).dropFirst(4)
        let second = await Stream(
            bench.pipeline,
            RequestHead(
                listener: .agents, method: "GET", path: "/mcp", query: nil,
                headers: head.headers + [
                    (name: "last-event-id", value: String(last))
                ], contentLength: nil))
        #expect(await until { Self.uris(second) == [Self.noteA] })
        second.exchange.close()
    }

    @Test func `a subscription whose outcome is not recorded does not stand`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(bench)
        bench.ledger.refuse(.callOutcome)
        let answer = await Self.subscribe(client)
        #expect(answer?["error"] != nil)
        #expect(bench.upstreams.followed(Self.clerk).isEmpty)
    }
}
