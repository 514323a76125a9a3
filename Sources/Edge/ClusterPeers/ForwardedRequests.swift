import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockPorts

/// The requests of agents between this node and its peers.
enum ForwardedRequests {
    /// The pipeline that serves forwarded requests.
    struct Handler: Sendable {
        private let agents: any RequestHandler
        let bodyBytes: Int

        init(_ agents: any RequestHandler, bodyBytes: Int) {
            self.agents = agents
            self.bodyBytes = bodyBytes
        }

        /// Handles a request as if its agent had sent it here: the credential is verified again.
        func handle(_ request: ForwardedRequest, _ exchange: ForwardedExchange) async {
            switch agents.judge(request.head) {
            case .refuse(let response): exchange.respond(response)
            case .readBody(let limit):
                guard request.body.count <= limit else {
                    return exchange.respond(.plain(413, "the body is larger than \(limit) bytes"))
                }
                await agents.handle(request.head, body: request.body, exchange)
            }
        }
    }

    struct Begun: Sendable {
        let request: ForwardedRequest
        let handler: Handler
    }

    /// The requests that came from each peer and are not over.
    struct Received: Sendable {
        private var counts: [NodeName: Int] = [:]

        /// - Returns: false if too many of this peer are open.
        mutating func enter(_ node: NodeName) -> Bool {
            guard counts[node, default: 0] < PeerLimits.forwards else { return false }
            counts[node, default: 0] += 1
            return true
        }

        mutating func leave(_ node: NodeName) {
            guard let count = counts[node] else { return }
            counts[node] = count > 1 ? count - 1 : nil
        }
    }

    /// The requests that were sent to each peer and have no whole response.
    struct Sent: Sendable {
        private struct Entry {
            let control: StreamControl
            let bytes: Int
        }
        private var open: [NodeName: [Int64: Entry]] = [:]
        private var last: Int64 = 0

        /// - Returns: the number of the request; nil if too many of this peer, or too many bytes, wait.
        mutating func add(
            _ control: StreamControl, bytes: Int, to node: NodeName
        ) -> Int64? {
            let entries = open[node] ?? [:]
            let waiting = entries.values.reduce(0) { $0 + $1.bytes }
            guard entries.count < PeerLimits.forwards,
                entries.isEmpty || waiting + bytes <= PeerLimits.forwardBytes
            else { return nil }
            last += 1
            open[node, default: [:]][last] = Entry(control: control, bytes: bytes)
            return last
        }

        mutating func remove(_ number: Int64, to node: NodeName) {
            open[node]?[number] = nil
            if open[node]?.isEmpty == true { open[node] = nil }
        }

        func controls(of node: NodeName) -> [StreamControl] {
            open[node].map { $0.values.map(\.control) } ?? []
        }
    }
}

extension PeerService.Shared {
    /// Judges a forwarded request: its sender, as the connection proves it, and that it is for this node.
    mutating func begin(
        _ head: RequestHead, _ body: [UInt8], at now: Timestamp
    ) -> Result<ForwardedRequests.Begun, PeerRefusal> {
        let sender: NodeName
        switch table.sender(of: head.certificate, at: now) {
        case .success(let node): sender = node
        case .failure(let refusal): return .failure(refusal)
        }
        guard let handler = agents else { return .failure(.notReady) }
        guard let request = try? ForwardedRequest(parsing: body) else {
            return .failure(.malformed)
        }
        guard sameBytes(request.org, table.org) else { return .failure(.otherOrganisation) }
        guard request.from == sender else { return .failure(.otherSender) }
        guard request.to == table.node else { return .failure(.otherReceiver) }
        guard received.enter(sender) else { return .failure(.tooMany) }
        return .success(ForwardedRequests.Begun(request: request, handler: handler))
    }

    /// Makes a request for a peer.
    ///
    /// - Returns: nil if the node is no member, it is not known where it is, or too much waits for it.
    mutating func prepare(
        _ request: PlacedRequest, to node: NodeName, _ control: StreamControl
    ) -> (server: PinnedServer, body: [UInt8], number: Int64)? {
        guard let server = server(of: node) else { return nil }
        let forwarded = ForwardedRequest(
            org: table.org, from: table.node, to: node, request.head, body: request.body)
        guard let bytes = try? forwarded.bytes(),
            let number = sent.add(control, bytes: bytes.count, to: node)
        else { return nil }
        return (server, bytes, number)
    }

    func server(of node: NodeName) -> PinnedServer? {
        guard let keys = table.keys(of: node), let authority = table.authority(of: node) else {
            return nil
        }
        return PinnedServer(
            authority: authority, key: keys.tls, uri: table.domain.uri(of: node))
    }
}
