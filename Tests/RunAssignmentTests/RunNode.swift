import InterlockCluster
import InterlockModel
import InterlockPorts
import InterlockRunAssignment
import InterlockTesting
import Synchronization

/// The end of a request that a test sent to a node.
enum RequestEnd: Equatable {
    case served(by: NodeName)
    case answered(Int)
    case refused(String)
    case invalidRun
}

/// One node with its runs. Others reach it directly, without a network.
final class RunNode: RunMemory, Sendable {
    struct State {
        var attachments: [RunAttachment] = []
        var lost: [RunID] = []
        /// False if the log does not take a run.
        var records = true
        var stays: [RunStay] = []
        /// Requests stay open until the test ends them.
        var keepsStays = false
    }

    static let agent = AgentName("refunds").unwrapped
    let name: NodeName
    let service: RunAssignmentService
    let state = Mutex(State())

    init(_ name: NodeName, _ incarnation: Incarnation, _ service: RunAssignmentService) {
        self.name = name
        self.service = service
        service.use(self)
    }

    static func run(_ number: Int = 1) -> RunID {
        RunID(milliseconds: Int64(number), random: [UInt8](repeating: 3, count: 10))
    }

    static func call(_ number: Int) -> CallID {
        CallID(milliseconds: Int64(number), random: [UInt8](repeating: 7, count: 10))
    }

    func attach(_ attachment: RunAttachment) async -> Bool {
        state.withLock { state in
            if state.records { state.attachments.append(attachment) }
            return state.records
        }
    }

    func lose(_ run: RunID) { state.withLock { $0.lost.append(run) } }

    /// Ends the requests that stayed open.
    func endStays() {
        let stays = state.withLock { state in
            defer { state.stays = [] }
            return state.stays
        }
        for stay in stays { service.end(stay) }
    }

    /// Sends a request of an agent, or of another node, to this one.
    func request(
        _ run: RunID = RunNode.run(), agent: AgentName = RunNode.agent, isCall: Bool = false,
        from forwarder: String? = nil
    ) async -> RequestEnd {
        let head = RequestHead(
            listener: forwarder == nil ? .agents : .nodes, method: "POST", path: "/mcp",
            query: nil, headers: [], contentLength: 0, forwarder: forwarder)
        return await request(PlacedRequest(head, [], run: run, agent: agent, isCall: isCall))
    }

    func request(_ request: PlacedRequest) async -> RequestEnd {
        let exchange = AnswerExchange()
        switch await service.place(request, exchange) {
        case .here(let stay):
            let keeps = state.withLock { state in
                if state.keepsStays { state.stays.append(stay) }
                return state.keepsStays
            }
            if !keeps { service.end(stay) }
            return .served(by: name)
        case .answered:
            guard let response = exchange.response.withLock({ $0 }) else { return .answered(0) }
            return response.servedBy ?? .answered(response.status)
        case .refused(let refusal), .broken(let refusal): return .refused(refusal.code)
        case .invalidRun: return .invalidRun
        }
    }
}

/// Keeps the response to one request.
final class AnswerExchange: Exchange {
    let response = Mutex<HTTPResponse?>(nil)

    func respond(_ response: HTTPResponse) { self.response.withLock { $0 = $0 ?? response } }
    func startEvents(headers: [(name: String, value: String)]) {}
    func send(event: [UInt8]) {}
    func endEvents() {}
    func outlive() {}
    func onClose(_ handler: @escaping @Sendable () -> Void) {}
}

extension HTTPResponse {
    /// The node that served the request, as the test's forwarder writes it.
    fileprivate var servedBy: RequestEnd? {
        guard let header = headers.first(where: { $0.name == "served-by" }) else { return nil }
        return NodeName(header.value).map { .served(by: $0) }
    }
}

/// The nodes of a test, and the ways between them.
final class RunCluster: Sendable {
    let store = MemoryRunStore()
    let clock = SteppedClock(Timestamp(microseconds: 1_795_219_200_000_000), runs: false)
    private struct State {
        var nodes: [String: RunNode] = [:]
        /// The nodes that no other one reaches: true if a request may have come to them.
        var cutOff: [String: Bool] = [:]
        var abandoned: [String] = []
    }
    private let state = Mutex(State())

    static func node(_ number: Int) -> NodeName { NodeName("gw\(number)").unwrapped }

    /// Makes a node that has joined.
    func join(_ number: Int) throws -> RunNode {
        let name = Self.node(number)
        try store.change { table throws(RunTableRefusal) in try table.join(name, .first) }
        let service = RunAssignmentService(
            name, .first, store: store, forwarder: DirectForwarder(self, name.text), clock: clock)
        let node = RunNode(name, .first, service)
        state.withLock { $0.nodes[name.text] = node }
        return node
    }

    func cutOff(_ node: RunNode, wasSent: Bool) {
        state.withLock { $0.cutOff[node.name.text] = wasSent }
    }

    var abandoned: [String] { state.withLock { $0.abandoned } }

    fileprivate func way(to name: String) -> (node: RunNode?, wasSent: Bool) {
        state.withLock { state in
            if let wasSent = state.cutOff[name] { return (nil, wasSent) }
            return (state.nodes[name], false)
        }
    }

    fileprivate func abandon(_ name: String) { state.withLock { $0.abandoned.append(name) } }
}

/// Passes requests on to nodes of this process.
final class DirectForwarder: RequestForwarder {
    private let cluster: RunCluster
    private let name: String

    init(_ cluster: RunCluster, _ name: String) {
        self.cluster = cluster
        self.name = name
    }

    func forward(
        _ request: PlacedRequest, to node: String, _ exchange: any Exchange
    ) async -> ForwardResult {
        let (found, wasSent) = cluster.way(to: node)
        guard let found else { return .lost(wasSent: wasSent) }
        let end = await found.request(
            request.run, agent: request.agent, isCall: request.isCall, from: name)
        switch end {
        case .served(let other):
            exchange.respond(
                HTTPResponse(status: 200, headers: [("served-by", other.text)]))
        case .answered(421): return .notMine
        case .answered(let status): exchange.respond(HTTPResponse(status: status))
        case .refused: exchange.respond(HTTPResponse(status: 500))
        case .invalidRun: exchange.respond(HTTPResponse(status: 401))
        }
        return .answered
    }

    func abandon(_ node: String) { cluster.abandon(node) }
}
