package import InterlockCluster
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The runs of one node of a cluster (docs/specs/cluster.md, section 4): it serves those that the store has assigned to
/// it, and passes messages of others on to the nodes that serve them.
///
/// `RunRouter` decides; here are its lock, the requests that wait, and the calls of the store. The lock is never held over
/// a call of anything else.
///
/// The owner calls `tick` at least every second, passes on the answers of heartbeats, and says when this or another
/// node's incarnation has ended.
package final class RunAssignmentService: RunPlacement {
    let state: Mutex<RunPlacementState>
    let store: any RunStore
    let clock: any Clock
    private let forwarder: any RequestForwarder

    /// - Parameter incarnation: the one in which the node begins; `begin` gives the next ones.
    package init(
        _ node: NodeName, _ incarnation: Incarnation, store: any RunStore,
        forwarder: any RequestForwarder, clock: any Clock
    ) {
        self.store = store
        self.forwarder = forwarder
        self.clock = clock
        state = Mutex(RunPlacementState(RunRouter(node, incarnation)))
    }

    /// Says who remembers runs. Until then no run of another node or process is served.
    package func use(_ memory: any RunMemory) { state.withLock { $0.memory = memory } }

    // MARK: requests

    package func place(_ request: PlacedRequest, _ exchange: any Exchange) async -> PlacementResult
    {
        let peer = request.head.forwarder.flatMap { NodeName($0) }
        // A forwarder that has no name is none: nothing is passed on for it.
        guard (request.head.forwarder == nil) == (peer == nil) else { return .invalidRun }
        let message = state.withLock { $0.nextMessage() }
        var decision = await decide(
            message,
            .message(
                message, request.run, request.agent, isCall: request.isCall, from: peer))
        while case .forward(let node) = decision {
            switch await forwarder.forward(request, to: node.text, exchange) {
            case .answered:
                handle([.answered(message)])
                return .answered
            case .broken:
                handle([.answered(message)])
                return .broken(.lostNode)
            case .notMine: decision = await decide(message, .notMine(message))
            case .lost(let wasSent):
                decision = await decide(message, .peerLost(message, wasSent: wasSent))
            }
        }
        guard case .refuse(let refusal) = decision else {
            return .here(RunStay(message.number, of: request.run))
        }
        return Self.place(refusal, isFromPeer: peer != nil, exchange)
    }

    private static func place(
        _ refusal: RunRefusal, isFromPeer: Bool, _ exchange: any Exchange
    ) -> PlacementResult {
        switch refusal {
        case .moving, .notMine:
            exchange.respond(isFromPeer ? .notMine : .runMoving)
            return .answered
        case .storeUnavailable: return .refused(.noRunStore)
        case .unknown: return .refused(.lostNode)
        case .ended, .unfit: return .invalidRun
        }
    }

    private func decide(_ message: RunMessage, _ event: RunEvent) async -> PlaceDecision {
        let now = clock.boot
        let (decision, work) = state.withLock { state in
            state.messages[message] = .open
            let work = state.handle([event], at: now)
            return (state.takeDecision(of: message), work)
        }
        perform(work)
        if let decision { return decision }
        return await withCheckedContinuation { continuation in
            let decision = state.withLock { state -> PlaceDecision? in
                if let decision = state.takeDecision(of: message) { return decision }
                state.messages[message] = .waits(continuation)
                return nil
            }
            if let decision { continuation.resume(returning: decision) }
        }
    }

    package func end(_ stay: RunStay) {
        handle([.finished(RunMessage(stay.number), stay.run)])
    }

    package func serves(_ run: RunID) -> Bool {
        state.withLock { $0.router.term(of: run) != nil }
    }

    // MARK: levels

    package func commit(
        _ level: TaintLevel, of call: CallID, in run: RunID
    ) async -> Bool {
        let now = clock.boot
        let (isCommitted, work) = state.withLock { state -> (Bool?, RunWork) in
            // A second question about one call would take the answer of the first.
            guard state.commits[call] == nil else { return (false, RunWork()) }
            state.commits[call] = .open
            let work = state.handle([.result(call, run, level)], at: now)
            return (state.takeCommit(of: call), work)
        }
        perform(work)
        if let isCommitted { return isCommitted }
        return await withCheckedContinuation { continuation in
            let isCommitted = state.withLock { state -> Bool? in
                if let isCommitted = state.takeCommit(of: call) { return isCommitted }
                state.commits[call] = .waits(continuation)
                return nil
            }
            if let isCommitted { continuation.resume(returning: isCommitted) }
        }
    }

    // MARK: nodes

    /// An incarnation of another node was expelled: its runs can be claimed, and what waits for it is given up.
    package func expel(_ node: NodeName) {
        handle([.peerExpelled(node)])
        forwarder.abandon(node.text)
    }

    package var counts: RunAssignmentCounts {
        state.withLock { state in
            var counts = state.counts
            counts.assigned = state.router.runs.count
            return counts
        }
    }
}

/// Figures of the assignment of runs.
package struct RunAssignmentCounts: Sendable, Hashable {
    /// The runs that this node serves now.
    package internal(set) var assigned = 0
    /// The runs that came from another node since the start.
    package internal(set) var moved: Int64 = 0
    /// The times that a request was passed on, also to a node that did not serve its run.
    package internal(set) var forwarded: Int64 = 0
}

extension HTTPResponse {
    /// The node that serves the run changes: the client asks again.
    static var runMoving: HTTPResponse {
        .plain(
            503, "run-moving: another node takes the run over; try again in a second",
            ("retry-after", "\(AssignmentTimes.retryAfter)"))
    }
}

extension Refusal {
    static let noRunStore = Refusal(
        .denied, "store", "unavailable", rule: "store",
        "the store of the cluster does not answer, so it is not known which node serves the run",
        retryAfterMilliseconds: 1000, outcome: .notExecuted)
    static let lostNode = Refusal(
        .upstreamFailed, "cluster", "node-lost", rule: "node-lost",
        "the node that serves the run was lost; whether the call was executed is not known",
        outcome: .unknown)
}
