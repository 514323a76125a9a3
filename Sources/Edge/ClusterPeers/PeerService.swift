package import InterlockCluster
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The messages of this node to the other nodes of its cluster, and theirs to it: HTTP/1.1 over TLS 1.3, one POST a
/// message, on connections that are kept (docs/specs/cluster.md, section 2). What is sent when is decided by `PeerTable`.
///
/// It serves a listener of `Listener.nodes` as its `RequestHandler`. Safe to use from any thread.
package final class PeerService: Sendable {
    struct Shared {
        var table: PeerTable
        /// The questions to witnesses that wait for their answers.
        var questions: [Int64: CheckedContinuation<WitnessVerdict?, Never>] = [:]
        /// The peers whose question for entries is being answered.
        var readers: Set<NodeName> = []
        /// Serves the requests of agents that other nodes pass on; nil until the gateway is there.
        var agents: ForwardedRequests.Handler?
        var received = ForwardedRequests.Received()
        var sent = ForwardedRequests.Sent()
    }

    private static let tickPause = Duration.milliseconds(50)

    let shared: Mutex<Shared>
    let listener: any PeerListener
    let clock: any Clock
    let caller: any PinnedCaller
    private let random: @Sendable () -> UInt64

    /// - Parameter random: returns evenly distributed bits, for pauses after failures.
    package init(
        _ table: PeerTable, caller: any PinnedCaller, listener: any PeerListener,
        clock: any Clock, random: @escaping @Sendable () -> UInt64 = { .random(in: 0...UInt64.max) }
    ) {
        shared = Mutex(Shared(table: table))
        self.caller = caller
        self.listener = listener
        self.clock = clock
        self.random = random
    }

    /// Sends beats and repeats halts until the task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            change { table, now in table.tick(at: now) }
            try? await Task.sleep(for: Self.tickPause)
        }
    }

    /// The admitted members with their keys, and where each is: a host and a port. Called for each entry that changes
    /// them.
    package func set(members: [NodeName: MemberKeys], authorities: [NodeName: String]) {
        change { table, now in table.set(members: members, authorities: authorities, at: now) }
    }

    /// This node has applied further entries.
    package func advance(to head: ChainHead) {
        shared.withLock { $0.table.advance(to: head) }
    }

    /// Sends a halt to all peers; see `PeerTable.push`.
    package func push(_ halt: Envelope) -> Int64? {
        let now = clock.boot
        let (number, actions) = shared.withLock { $0.table.push(halt, at: now) }
        perform(actions)
        return number
    }

    package func chained(halt number: Int64) {
        shared.withLock { $0.table.chained(halt: number) }
    }

    /// Asks peers for the entries after this number, which come to the listener.
    package func fetch(after number: Int64) {
        change { table, now in table.fetch(after: number, at: now) }
    }

    /// Asks a peer as a witness, and waits for about a second at most.
    ///
    /// - Returns: nil if no answer came, or the peer was not asked.
    package func ask(_ request: WitnessRequest, of node: NodeName) async -> WitnessVerdict? {
        await withCheckedContinuation { continuation in
            let actions = shared.withLock { shared -> [PeerTable.Action]? in
                let (question, actions) = shared.table.ask(request, of: node)
                guard let question else { return nil }
                shared.questions[question] = continuation
                return actions
            }
            guard let actions else { return continuation.resume(returning: nil) }
            perform(actions)
        }
    }

    package var statuses: [PeerStatus] { shared.withLock { $0.table.statuses } }
    package var counts: PeerCounts { shared.withLock { $0.table.counts } }

    // MARK: actions

    private func change(_ body: (inout PeerTable, BootTime) -> [PeerTable.Action]) {
        let now = clock.boot
        perform(shared.withLock { body(&$0.table, now) })
    }

    func perform(_ actions: [PeerTable.Action]) {
        for action in actions {
            switch action {
            case .send(let message, let limit): Task { await send(message, within: limit) }
            case .heard(let node, let head): listener.heard(head, from: node)
            case .changed(let node, let isUp): listener.changed(node, isUp: isUp)
            case .delivered(let halt, let node, let isApplied):
                listener.delivered(halt: halt, to: node, isApplied: isApplied)
            case .fetched(let rows, let node): listener.take(rows, from: node)
            case .fetchFailed(let number): listener.fetchFailed(after: number)
            case .witnessed(let question, _, let verdict):
                let waiting = shared.withLock { $0.questions.removeValue(forKey: question) }
                waiting?.resume(returning: verdict)
            }
        }
    }

    private func send(_ message: PeerMessage, within limit: Duration) async {
        let sent = clock.now
        let response = await answer(to: message, within: limit)
        let received = clock.now
        if let response {
            listener.heard(response.at, of: message.to, sent: sent, received: received)
        }
        let random = random()
        change { table, now in
            if let response {
                table.answered(message, response, at: now, random: random)
            } else {
                table.failed(message, at: now, random: random)
            }
        }
    }

    private func answer(to message: PeerMessage, within limit: Duration) async -> PeerResponse? {
        let server = shared.withLock { $0.server(of: message.to) }
        guard let server, let body = try? message.canonical() else { return nil }
        let answer = await caller.post(
            body, to: server, path: PeerMessage.path, limitBytes: PeerLimits.responseBytes,
            within: limit)
        guard case .answer(status: 200, let bytes) = answer,
            let response = try? PeerResponse(parsing: bytes), response.answers(message)
        else { return nil }
        return response
    }
}
