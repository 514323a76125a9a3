import InterlockCluster
import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockRunAssignment
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Two whole gateways with one store of runs, which pass requests on to each other without a network.
@Suite(.requirement("R071")) struct PlacedPipelineTests {
    private let store = MemoryRunStore()
    private let clock = SteppedClock(Timestamp(microseconds: 1_795_219_200_000_000), runs: false)
    private let ways = GatewayWays()
    private static let run = NameAuthenticator.run(of: "clerk")

    private func gateway(_ number: Int) throws -> (bench: Bench, service: RunAssignmentService) {
        let name = RunCluster.node(number)
        try store.change { table throws(RunTableRefusal) in try table.join(name, .first) }
        let service = RunAssignmentService(
            name, .first, store: store, forwarder: GatewayForwarder(ways, name.text), clock: clock)
        let bench = try Bench(stage: 3, placement: service)
        service.use(bench.gateway)
        ways.add(bench, name.text)
        return (bench, service)
    }

    private func call(
        _ tool: String, of client: Client, at bench: Bench, id: Int64 = 50
    ) async -> FakeExchange {
        let exchange = FakeExchange()
        let message = Client.message("tools/call", id: id, Client.params(tool, [:]))
        await bench.pipeline.run(client.head(), body: message.serialized(), exchange)
        return exchange
    }

    @Test func `a session works at each node, and its run has one chain`() async throws {
        let (first, second) = (try gateway(1), try gateway(2))
        let client = try await Client.open(first.bench)
        check(await client.call("look"), .text("done"))
        check(await call("look", of: client, at: second.bench), .text("done"))
        #expect(first.bench.ledger.drafts(of: .callIntent).count == 2)
        #expect(first.bench.ledger.drafts(of: .runStart).count == 1)
        #expect(second.bench.ledger.drafts.isEmpty)
        #expect(second.bench.gateway.runs.all.allSatisfy { $0.run == Self.run })

        // A session that is opened at the second node is the first one's too.
        let other = try await Client.open(second.bench)
        check(await other.call("look"), .text("done"))
        #expect(second.bench.gateway.sessions.count == 0)
        #expect(first.bench.gateway.sessions.count == 2)
        let end = FakeExchange()
        await second.bench.pipeline.run(other.head("DELETE"), body: [], end)
        #expect(end.now.response?.status == 200)
        #expect(first.bench.gateway.sessions.count == 1)
    }

    @Test func `the store has the level of a run before its result is given`() async throws {
        let first = try gateway(1)
        let client = try await Client.open(first.bench)
        #expect(store.copy.row(Self.run)?.level == .clean)
        check(await client.call("look"), .text("done"))
        #expect(store.copy.row(Self.run)?.level == .hostile)
        store.set(silent: true)
        check(await client.call("look"), .text("done"), "the store has the level")
    }

    @Test func `a run whose node was lost goes on at another one, and is tainted there`()
        async throws
    {
        let (first, second) = (try gateway(1), try gateway(2))
        let client = try await Client.open(first.bench)
        try store.change { table throws(RunTableRefusal) in
            try table.expel(RunCluster.node(1), .first)
        }
        second.service.expel(RunCluster.node(1))
        // The client has to initialize again.
        #expect(await call("look", of: client, at: second.bench).now.response?.status == 404)
        let again = try await Client.open(second.bench)
        #expect(second.bench.gateway.runs.tainted.level(of: Self.run) == .untrusted)
        check(await again.call("look"), .text("done"))
        #expect(second.bench.types.prefix(2) == [.runAttach, .runTainted])
        let home = second.bench.ledger.drafts.first?.fields["home"]
        #expect(home == ["node": "gw1"])
        first.service.noteExpelled()
        #expect(first.bench.gateway.sessions.count == 0)
        check(await client.call("look"), .error(4030))
    }

    @Test func `a stream at the other node keeps the run here until it ends`() async throws {
        let (first, second) = (try gateway(1), try gateway(2))
        let client = try await Client.open(first.bench)
        let exchange = FakeExchange()
        await second.bench.pipeline.run(client.head("GET"), body: [], exchange)
        #expect(exchange.now.isStream && !exchange.now.isEnded)
        clock.step(.seconds(600))
        first.service.tick()
        #expect(first.service.serves(Self.run))
        first.bench.gateway.endStreams()
        #expect(await eventually { exchange.now.isEnded })
        clock.step(.seconds(60))
        first.service.tick()
        #expect(await eventually { first.service.counts.assigned == 0 })
    }
}

/// The gateways that reach each other.
private final class GatewayWays: Sendable {
    private let benches = Mutex<[String: Bench]>([:])
    func add(_ bench: Bench, _ name: String) { benches.withLock { $0[name] = bench } }
    func gateway(_ name: String) -> Bench? { benches.withLock { $0[name] } }
}

/// Passes requests on to gateways of this process. A stream goes on when this returns.
private final class GatewayForwarder: RequestForwarder {
    private let ways: GatewayWays
    private let name: String

    init(_ ways: GatewayWays, _ name: String) {
        self.ways = ways
        self.name = name
    }

    func forward(
        _ request: PlacedRequest, to node: String, _ exchange: any Exchange
    ) async -> ForwardResult {
        guard let bench = ways.gateway(node) else { return .lost(wasSent: false) }
        let old = request.head
        let head = RequestHead(
            listener: old.listener, method: old.method, path: old.path, query: old.query,
            headers: old.headers, contentLength: old.contentLength, clientKey: old.clientKey,
            source: old.source, forwarder: name)
        let marked = MarkedExchange(exchange)
        await bench.pipeline.run(head, body: request.body, marked)
        return marked.isNotMine ? .notMine : .answered
    }

    func abandon(_ node: String) {}
}

/// Holds back the response of a node that does not serve the run.
private final class MarkedExchange: Exchange {
    private let exchange: any Exchange
    private let state = Mutex(false)
    var isNotMine: Bool { state.withLock { $0 } }

    init(_ exchange: any Exchange) { self.exchange = exchange }

    func respond(_ response: HTTPResponse) {
        guard response.headers.contains(where: { $0.name == HTTPResponse.forwardedHeader }) else {
            return exchange.respond(response)
        }
        state.withLock { $0 = true }
    }
    func startEvents(headers: [(name: String, value: String)]) {
        exchange.startEvents(headers: headers)
    }
    func send(event: [UInt8]) { exchange.send(event: event) }
    func endEvents() { exchange.endEvents() }
    func outlive() {}
    func onClose(_ handler: @escaping @Sendable () -> Void) { exchange.onClose(handler) }
}
