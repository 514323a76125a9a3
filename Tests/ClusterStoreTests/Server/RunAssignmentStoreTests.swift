import InterlockCluster
import InterlockModel
import InterlockPorts
import InterlockRunAssignment
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockClusterStore

/// Three nodes serve runs by the assignments of a real store, and pass messages on to each other without a network.
@Suite(
    .serialized, .requirement("R071"),
    .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
struct RunAssignmentStoreTests {
    private static let agent = AgentName("refunds").unwrapped

    private func withCluster(
        _ body: (StoreCluster, [AssignedNode]) async throws -> Void
    ) async throws {
        let cluster = try #require(try await StoreCluster())
        defer { cluster.stop() }
        let ways = AssignedWays()
        let nodes = cluster.nodes.map { node in
            AssignedNode(node.store.node, node.incarnation, AssignedRunStore(node.store), ways)
        }
        try await body(cluster, nodes)
    }

    /// Asks again while nodes disagree about a run, as a client does after `run-moving`.
    private func served(_ run: RunID, at node: AssignedNode) async throws -> NodeName {
        for _ in 0..<1_000 {
            if let name = await node.request(run, agent: Self.agent) { return name }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw NotServed()
    }
    private struct NotServed: Error {}

    @Test func `nodes that race for runs agree on one node for each`() async throws {
        try await withCluster { _, nodes in
            let runs = (1...20).map { StoreOrganisation.run($0) }
            let ends = try await withThrowingTaskGroup(of: (RunID, NodeName).self) { group in
                for run in runs {
                    for node in nodes {
                        group.addTask { (run, try await served(run, at: node)) }
                    }
                }
                var ends: [RunID: Set<NodeName>] = [:]
                for try await (run, name) in group { ends[run, default: []].insert(name) }
                return ends
            }
            #expect(ends.count == runs.count)
            #expect(ends.values.allSatisfy { $0.count == 1 }, "\(ends)")
            let assigned = nodes.map { $0.service.counts.assigned }
            #expect(assigned.reduce(0, +) == runs.count, "\(assigned)")
        }
    }

    @Test func `the runs of a lost node move with their levels, and the others stay`() async throws
    {
        try await withCluster { cluster, nodes in
            let (lost, kept) = (StoreOrganisation.run(1), StoreOrganisation.run(2))
            let own = nodes[1].name
            #expect(try await served(lost, at: nodes[1]) == own)
            #expect(try await served(kept, at: nodes[0]) == nodes[0].name)
            let call = CallID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
            #expect(await nodes[1].service.commit(.hostile, of: call, in: lost))
            #expect(try await served(lost, at: nodes[2]) == own)
            try await cluster.watch()
            try await cluster.expel(1)
            for node in [nodes[0], nodes[2]] { node.service.expel(own) }
            #expect(try await served(lost, at: nodes[2]) == nodes[2].name)
            #expect(nodes[2].attached.map(\.level) == [.hostile])
            #expect(nodes[2].attached.map(\.home) == [own.text])
            #expect(try await served(kept, at: nodes[2]) == nodes[0].name)
            // The expelled node serves nothing until it has joined again.
            let other = CallID(milliseconds: 2, random: [UInt8](repeating: 1, count: 10))
            #expect(await !nodes[1].service.commit(.hostile, of: other, in: kept))
            nodes[1].service.noteExpelled()
            #expect(await nodes[1].request(lost, agent: Self.agent) == nil)
            try await cluster.startAgain(1)
            nodes[1].service.begin(cluster.nodes[1].incarnation)
            #expect(try await served(lost, at: nodes[1]) == nodes[2].name)
        }
    }

    @Test func `a node that drains hands its runs over`() async throws {
        try await withCluster { _, nodes in
            let runs = (1...5).map { StoreOrganisation.run($0) }
            for run in runs {
                let name = try await served(run, at: nodes[0])
                #expect(name == nodes[0].name)
            }
            await nodes[0].service.close(within: .seconds(60))
            #expect(nodes[0].service.counts.assigned == 0)
            for run in runs {
                let name = try await served(run, at: nodes[1])
                #expect(name == nodes[1].name)
            }
            #expect(nodes[1].attached.map(\.level) == Array(repeating: .clean, count: 5))
        }
    }
}

/// The nodes that reach each other.
private final class AssignedWays: Sendable {
    private let nodes = Mutex<[String: AssignedNode]>([:])
    func add(_ node: AssignedNode) { nodes.withLock { $0[node.name.text] = node } }
    func node(_ name: String) -> AssignedNode? { nodes.withLock { $0[name] } }
}

/// One node with its runs.
private final class AssignedNode: RunMemory, RequestForwarder {
    let name: NodeName
    private let ways: AssignedWays
    private let state = Mutex<[RunAttachment]>([])
    private let own = Mutex<RunAssignmentService?>(nil)

    init(
        _ name: NodeName, _ incarnation: Incarnation, _ store: AssignedRunStore,
        _ ways: AssignedWays
    ) {
        self.name = name
        self.ways = ways
        let service = RunAssignmentService(
            name, incarnation, store: store, forwarder: self,
            clock: SteppedClock(StoreCluster.now, runs: true))
        own.withLock { $0 = service }
        service.use(self)
        ways.add(self)
    }

    var service: RunAssignmentService { own.withLock { $0 }.unwrapped }
    var attached: [RunAttachment] { state.withLock { $0 } }

    func attach(_ attachment: RunAttachment) async -> Bool {
        state.withLock { $0.append(attachment) }
        return true
    }
    func lose(_ run: RunID) {}
    func abandon(_ node: String) {}

    /// - Returns: the node that served the request; nil if none did.
    func request(
        _ run: RunID, agent: AgentName, from forwarder: String? = nil
    ) async -> NodeName? {
        let head = RequestHead(
            listener: .agents, method: "POST", path: "/mcp", query: nil, headers: [],
            contentLength: 0, forwarder: forwarder)
        let exchange = NamedExchange()
        let request = PlacedRequest(head, [], run: run, agent: agent, isCall: false)
        guard case .here(let stay) = await service.place(request, exchange) else {
            return exchange.name.withLock { $0 }
        }
        service.end(stay)
        return name
    }

    func forward(
        _ request: PlacedRequest, to node: String, _ exchange: any Exchange
    ) async -> ForwardResult {
        guard let found = ways.node(node) else { return .lost(wasSent: false) }
        guard
            let served = await found.request(request.run, agent: request.agent, from: name.text)
        else { return .notMine }
        exchange.respond(HTTPResponse(status: 200, headers: [("served-by", served.text)]))
        return .answered
    }
}

/// Keeps the name of the node that served a request.
private final class NamedExchange: Exchange {
    let name = Mutex<NodeName?>(nil)

    func respond(_ response: HTTPResponse) {
        let header = response.headers.first { $0.name == "served-by" }
        name.withLock { $0 = header.flatMap { NodeName($0.value) } }
    }
    func startEvents(headers: [(name: String, value: String)]) {}
    func send(event: [UInt8]) {}
    func endEvents() {}
    func outlive() {}
    func onClose(_ handler: @escaping @Sendable () -> Void) {}
}
