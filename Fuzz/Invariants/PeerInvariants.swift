import InterlockCluster
import InterlockModel

extension Invariants {
    /// The input is a message of a node, or an answer. Both have one spelling; halts alone are pushed; entries of one
    /// answer follow from each other; and a message is taken from its sender, once, or changes nothing.
    package static func peerMessage(_ bytes: [UInt8]) {
        if let message = try? PeerMessage(parsing: bytes) {
            precondition((try? message.canonical()) == bytes, "a message has one spelling")
            checkContent(message)
            checkReceived(message, bytes)
        }
        guard let response = try? PeerResponse(parsing: bytes) else { return }
        precondition((try? response.canonical()) == bytes, "an answer has one spelling")
        guard case .entries(let rows) = response.content else { return }
        precondition(
            zip(rows, rows.dropFirst()).allSatisfy {
                $1.number == $0.number + 1 && $1.previous == $0.digest
            }, "entries of one answer follow from each other")
    }

    private static func checkContent(_ message: PeerMessage) {
        switch message.content {
        case .beat, .entries: break
        case .halts(let halts):
            precondition(
                (1...PeerLimits.haltsOfMessage).contains(halts.count)
                    && halts.allSatisfy { (try? HaltOrder($0)) != nil }, "halts alone are pushed")
        case .witness(let request):
            precondition(
                request.use.number <= request.head.number && request.use.body != nil,
                "a use is shown with its body, up to the head")
        }
    }

    private static func checkReceived(_ message: PeerMessage, _ bytes: [UInt8]) {
        guard let domain = TrustDomain("acme.example"), let receiver = NodeName("gw1"),
            let sender = NodeName("gw2"),
            let key = PublicKey(bytes: [UInt8](repeating: 1, count: 32))
        else { return }
        let head = ChainHead(number: 1, digest: ChainEntry.origin)
        var table = PeerTable(
            node: receiver, org: "acme", domain: domain,
            session: PeerSession(bytes: [UInt8](repeating: 0, count: 16)), head: head)
        let now = BootTime(microseconds: 1_000_000)
        let keys = MemberKeys(
            name: sender, log: key, witness: key, token: key, tls: ChainEntry.origin)
        _ = table.set(members: [sender: keys], authorities: [sender: "gw2:7402"], at: now)
        let isFit = message.from == sender && message.to == receiver && message.org == "acme"
        switch table.receive(bytes, from: sender, at: now) {
        case .success(let (taken, _)):
            precondition(isFit && taken == message, "a message is of its sender, for its receiver")
            precondition(table.statuses.first?.head == message.head, "its sender was heard")
        case .failure:
            precondition(!isFit, "a good message is taken")
            precondition(table.statuses.first?.heard == nil, "a refused message changes nothing")
        }
        if case .success = table.receive(bytes, from: sender, at: now) {
            preconditionFailure("a message counts once")
        }
    }
}
