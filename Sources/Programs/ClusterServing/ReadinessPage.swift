import InterlockCluster
import InterlockClusterNodes
import InterlockJSON
import InterlockPorts
import Synchronization

/// `GET /readyz` on `cluster.health`: 200 if a balancer may send this node agents' requests, else 503 with the reasons
/// (docs/specs/cluster.md, section 2).
final class ReadinessPage: RequestHandler {
    private enum Phase {
        case starting, serving, ending
    }

    private static let path = "/readyz"
    private let phase = Mutex(Phase.starting)
    private let service: @Sendable () -> NodeService?

    /// - Parameter service: the node; nil until it is there.
    init(_ service: @escaping @Sendable () -> NodeService?) { self.service = service }

    func begin() { phase.withLock { $0 = .serving } }
    func end() { phase.withLock { $0 = .ending } }

    func judge(_ head: RequestHead) -> HeadDecision { .readBody(limitBytes: 0) }

    func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        exchange.respond(response(to: head))
    }

    private func response(to head: RequestHead) -> HTTPResponse {
        guard head.path == Self.path, head.query == nil else { return .plain(404, "not found") }
        guard head.method == "GET" || head.method == "HEAD" else {
            return .plain(405, "only GET and HEAD")
        }
        let reason = reason
        return .json(
            reason == nil ? 200 : 503,
            [
                "ready": .bool(reason == nil),
                "reasons": .array(reason.map { [.string($0)] } ?? []),
            ])
    }

    /// The reason why the node takes no requests; nil if it does.
    private var reason: String? {
        switch phase.withLock({ $0 }) {
        case .starting: return "starting"
        case .ending: return "ending"
        case .serving: break
        }
        guard let service = service() else { return "starting" }
        if let refusal = service.storeRefusal() { return refusal.word }
        if case .draining = service.status { return "draining" }
        return nil
    }
}

extension ClusterNode.Refusal {
    /// One word for operators and their programs.
    var word: String {
        switch self {
        case .broken: "chain_broken"
        case .behind: "behind"
        case .notMember: "not_member"
        case .generation: "generation_closed"
        case .clock: "clock_off"
        case .lease: "store_unreachable"
        }
    }
}
