import InterlockCluster
import InterlockModel
package import InterlockPorts
import Synchronization

/// The requests of agents that nodes pass on to each other (docs/specs/cluster.md, section 4).
extension PeerService {
    /// Serves the requests of agents that other nodes pass on. Until then they are refused.
    ///
    /// - Parameter bodyBytes: the most that a body may have.
    package func serve(_ agents: any RequestHandler, bodyBytes: Int) {
        shared.withLock { $0.agents = ForwardedRequests.Handler(agents, bodyBytes: bodyBytes) }
    }

    // MARK: receiving

    /// The bytes that a forwarded request may have; nil while none is served.
    var forwardLimitBytes: Int? {
        shared.withLock { $0.agents.map { ForwardedRequest.limit(ofBody: $0.bodyBytes) } }
    }

    func serve(_ head: RequestHead, _ body: [UInt8], _ exchange: any Exchange) async {
        let wall = clock.wall
        // The membership may have changed while the body came.
        let begun = shared.withLock { shared -> Result<ForwardedRequests.Begun, PeerRefusal> in
            shared.begin(head, body, at: wall)
        }
        switch begun {
        case .failure(let refusal): exchange.respond(refuse(refusal))
        case .success(let begun):
            exchange.keepPlace(for: begun.request.from.text)
            let answer = ForwardedExchange(exchange) { [weak self] in
                self?.shared.withLock { $0.received.leave(begun.request.from) }
            }
            await begun.handler.handle(begun.request, answer)
            answer.handlerReturned()
        }
    }

    // MARK: sending

    private func send(
        _ request: PlacedRequest, to node: NodeName, _ exchange: any Exchange
    ) async -> ForwardResult {
        let control = StreamControl()
        let prepared = shared.withLock { $0.prepare(request, to: node, control) }
        guard let (server, body, number) = prepared else { return .lost(wasSent: false) }
        let sink = ForwardSink(exchange, control, mostBytes: PeerLimits.forwardedResponseBytes)
        let left = ClientDeparture()
        exchange.onClose {
            left.note()
            control.cancel()
        }
        let end = await caller.stream(
            body, to: server, path: ForwardedRequest.path, idle: PeerTimes.forwardIdle,
            control: control, sink)
        shared.withLock { $0.sent.remove(number, to: node) }
        return sink.finish(end, hasClientLeft: left.isNoted)
    }
}

extension PeerService: RequestForwarder {
    package func forward(
        _ request: PlacedRequest, to node: String, _ exchange: any Exchange
    ) async -> ForwardResult {
        guard let node = NodeName(node) else { return .lost(wasSent: false) }
        return await send(request, to: node, exchange)
    }

    package func abandon(_ node: String) {
        guard let node = NodeName(node) else { return }
        for control in shared.withLock({ $0.sent.controls(of: node) }) { control.cancel() }
    }
}

/// Remembers that the client of a request has closed its connection.
private final class ClientDeparture: Sendable {
    private let state = Atomic<Bool>(false)
    var isNoted: Bool { state.load(ordering: .acquiring) }
    func note() { state.store(true, ordering: .releasing) }
}
