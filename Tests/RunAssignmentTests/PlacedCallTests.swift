import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Says where runs are served, as a test tells it.
private final class ScriptedPlacement: RunPlacement {
    struct State {
        /// Is nil if this node serves each run.
        var place: PlacementResult?
        var commits = true
        var serves = true
        var placed: [PlacedRequest] = []
        var ended: [RunStay] = []
        var levels: [TaintLevel] = []
    }
    let state = Mutex(State())

    func place(_ request: PlacedRequest, _ exchange: any Exchange) async -> PlacementResult {
        let (place, number) = state.withLock { state in
            state.placed.append(request)
            return (state.place, state.placed.count)
        }
        switch place {
        case .answered: exchange.respond(.plain(200, "from another node"))
        case .broken: exchange.startEvents(headers: [])
        case .here, .refused, .invalidRun, nil: break
        }
        return place ?? .here(RunStay(Int64(number), of: request.run))
    }

    func end(_ stay: RunStay) { state.withLock { $0.ended.append(stay) } }

    func commit(_ level: TaintLevel, of call: CallID, in run: RunID) async -> Bool {
        state.withLock { state in
            state.levels.append(level)
            return state.commits || level == .clean
        }
    }

    func serves(_ run: RunID) -> Bool { state.withLock { $0.serves } }

    func set(_ place: PlacementResult?) { state.withLock { $0.place = place } }

    /// The requests that are not over.
    var open: Int { state.withLock { $0.placed.count - $0.ended.count } }
}

/// Requests at one of many nodes: their run is served here, by another node, or nowhere now.
@Suite(.requirement("R071")) struct PlacedCallTests {
    private static let run = NameAuthenticator.run(of: "clerk")
    private static let refusal = Refusal(
        .denied, "store", "unavailable", "the store does not answer", outcome: .notExecuted)
    private let placement = ScriptedPlacement()

    private func attachment(
        _ level: TaintLevel, home: String? = "gw1", lost: Bool = true
    ) -> RunAttachment {
        RunAttachment(
            run: Self.run, agent: AgentName("clerk").unwrapped, home: home, level: level,
            hasLostMemory: lost)
    }

    @Test func `a run that is served here is used until each request is over`() async throws {
        let bench = try Bench(stage: 3, placement: placement)
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        #expect(placement.open == 0)
        placement.state.withLock { state in
            #expect(state.placed.count == 2)
            #expect(state.placed.allSatisfy { $0.run == Self.run && $0.isCall })
            #expect(state.ended.map(\.number) == [1, 2])
        }
    }

    @Test func `a stream that outlives its handler uses the run until it ends`() async throws {
        let bench = try Bench(placement: placement)
        let client = try await Client.open(bench)
        let exchange = FakeExchange()
        await bench.pipeline.run(client.head("GET"), body: [], exchange)
        #expect(exchange.now.outlivesHandler && placement.open == 1)
        bench.gateway.endStreams()
        #expect(await eventually { exchange.now.isEnded })
        #expect(placement.open == 0)
        #expect(placement.state.withLock { $0.placed.last?.isCall } == false)
    }

    @Test func `a stream that has ended before it outlives its handler uses no run`() {
        let placed = PlacedExchange(FakeExchange(), placement)
        placed.begin(RunStay(1, of: Self.run))
        placed.outlive()
        placed.startEvents(headers: [])
        placed.endEvents()
        placed.outlive()
        placed.endEvents()
        #expect(placement.state.withLock { $0.ended.isEmpty })
        placed.release()
        #expect(placement.state.withLock { $0.ended.map(\.number) } == [1])
        placed.release()
        #expect(placement.state.withLock { $0.ended.count } == 1)
    }

    @Test func `a request that another node answers leaves nothing here`() async throws {
        let bench = try Bench(placement: placement)
        placement.set(.answered)
        let exchange = await Client.sessionless(bench).call("look")
        #expect(exchange.now.response?.status == 200 && exchange.now.faults.isEmpty)
        #expect(bench.ledger.drafts.isEmpty && bench.gateway.sessions.count == 0)
    }

    @Test func `a request whose run no node may serve now is refused and recorded`() async throws {
        let bench = try Bench(placement: placement)
        placement.set(.refused(Self.refusal))
        let client = Client.sessionless(bench)
        check(await client.call("look"), .error(4030))
        let record = try #require(bench.ledger.drafts.first)
        #expect(record.type == .accessRefused && record.run == nil)
        #expect(record.fields["code"] == "store.unavailable")
        let stream = FakeExchange()
        await bench.pipeline.run(client.head("GET"), body: [], stream)
        #expect(stream.now.response?.status == 503)
        #expect(stream.now.response?.headers.contains { $0 == ("retry-after", "1") } == true)
    }

    @Test func `a credential of a run that has ended is not valid`() async throws {
        let bench = try Bench(placement: placement)
        placement.set(.invalidRun)
        check(await Client.sessionless(bench).call("look"), .http(401))
        #expect(bench.ledger.drafts.map(\.type) == [.accessRefused])
    }

    @Test func `a stream whose node was lost ends with an unknown outcome`() async throws {
        let bench = try Bench(placement: placement)
        let lost = Refusal(
            .upstreamFailed, "cluster", "node-lost", "the node was lost", outcome: .unknown)
        placement.set(.broken(lost))
        let exchange = await Client.sessionless(bench).call("look", id: 9)
        check(exchange, .error(5020))
        #expect(exchange.message?["id"] == 9)
        #expect(bench.ledger.drafts.isEmpty)
    }

    @Test func `a result whose level the store did not keep is withheld`() async throws {
        let bench = try Bench(stage: 3, placement: placement)
        let client = try await Client.open(bench)
        placement.state.withLock { $0.commits = false }
        bench.upstreams.answer { _ in .text("a page") }
        check(await client.call("look"), .refused(5020, "level-not-kept"))
        #expect(bench.types.suffix(2) == [.callIntent, .callOutcome])
        // The level counts here: nothing of the run is served until the store has it.
        check(await client.call("look"), .error(4030))
        placement.state.withLock { $0.commits = true }
        check(await client.call("look"), .text("a page"))
        #expect(placement.state.withLock { $0.levels.last } != .clean)
    }

    @Test func `a run that came from another node has its chain and its level here`() async throws {
        let bench = try Bench(stage: 3, placement: placement)
        #expect(await bench.gateway.attach(attachment(.untrusted)))
        #expect(bench.types == [.runAttach, .runTainted])
        let first = try #require(bench.ledger.drafts.first)
        #expect(first.fields["home"] == ["node": "gw1"])
        #expect(bench.ledger.drafts.last?.fields["code"] == "moved")
        #expect(bench.gateway.runs.tainted.level(of: Self.run) == .untrusted)
        #expect(bench.gateway.runs.tainted.hasValues(Self.run))
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        #expect(bench.ledger.drafts(of: .runStart).isEmpty)
        // It came back: its chain goes on.
        #expect(await bench.gateway.attach(attachment(.untrusted)))
        #expect(bench.ledger.drafts(of: .runAttach).count == 1)
    }

    @Test func `a run of this node that comes back has one start`() async throws {
        let bench = try Bench(stage: 3, placement: placement)
        #expect(await bench.gateway.attach(attachment(.clean, home: nil, lost: false)))
        #expect(bench.ledger.drafts.isEmpty)
        #expect(!bench.gateway.runs.tainted.hasValues(Self.run))
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        #expect(bench.ledger.drafts(of: .runStart).count == 1)
        #expect(bench.ledger.drafts(of: .runAttach).isEmpty)
    }

    @Test func `a run whose level cannot be recorded is not taken`() async throws {
        let bench = try Bench(placement: placement)
        bench.ledger.refuse(.runTainted)
        #expect(await !bench.gateway.attach(attachment(.untrusted)))
        #expect(bench.gateway.runs.tainted.level(of: Self.run) == .untrusted)
    }

    @Test func `the sessions and calls of a lost run end, and its level stays`() async throws {
        let bench = try Bench(stage: 3, placement: placement)
        let client = try await Client.open(bench)
        #expect(await bench.gateway.attach(attachment(.hostile, home: nil)))
        bench.gateway.lose(Self.run)
        #expect(await client.call("look").now.response?.status == 404)
        #expect(bench.gateway.runs.tainted.level(of: Self.run) == .hostile)
    }

    @Test func `a halted request of a run of another node is recorded outside runs`() async throws {
        let bench = try Bench(placement: placement)
        placement.state.withLock { $0.serves = false }
        try await bench.halt(.org)
        let exchange = await Client.sessionless(bench).call("look")
        check(exchange, .error(4230))
        let record = try #require(bench.ledger.drafts(of: .accessRefused).last)
        #expect(record.run == nil && record.fields["agent"] == "clerk")
        #expect(bench.ledger.drafts(of: .runStart).isEmpty)
        #expect(placement.state.withLock { $0.placed.isEmpty })
    }

    @Test func `a forwarded request needs no Host of this node`() async throws {
        let bench = try Bench(stage: 3, placement: placement)
        let head = RequestHead(
            listener: .agents, method: "POST", path: "/mcp", query: nil,
            headers: [("host", "other.example"), ("authorization", "Bearer clerk")],
            contentLength: 0, forwarder: "gw2")
        guard case .readBody = bench.pipeline.judge(head) else {
            Issue.record("its head is refused")
            return
        }
        let direct = RequestHead(
            listener: .agents, method: "POST", path: "/mcp", query: nil, headers: head.headers,
            contentLength: 0)
        guard case .refuse(let response) = bench.pipeline.judge(direct) else {
            Issue.record("its Host is taken")
            return
        }
        #expect(response.status == 421)
    }
}
