import InterlockCluster
import InterlockModel

/// The messages between nodes.
extension ClusterSimulation {
    func tell(_ peer: Int, _ content: SimulatedMessage.Content, _ process: NodeProcess) {
        let message = SimulatedMessage(
            from: process.id, to: peer, head: process.cluster.follower.head, content: content)
        let arrivals = network.arrivals(
            from: .node(process.id.node), to: .node(peer), at: now, random: &random)
        for arrival in arrivals { queue.schedule(.peer(message), at: arrival) }
    }

    func ping(_ node: SimulatedNode, _ process: NodeProcess) throws(ProcessDeath) {
        queue.schedule(.peers(process.id), in: .seconds(1))
        let boot = node.clock.boot(at: now)
        for peer in nodes.indices where peer != node.number {
            tell(peer, .ping(boot), process)
        }
    }

    func receive(_ message: SimulatedMessage, _ event: SimulationEvent) throws(ProcessDeath) {
        let node = nodes[message.to]
        guard let process = node.process else { return }
        guard now >= node.pausedUntil else { return queue.schedule(event, at: node.pausedUntil) }
        let reading = node.clock.reading(at: now)
        let peer = message.from.node
        let name = nodes[peer].name
        // The fault compares no heads.
        if !has(.quorumUncompared) {
            let actions = process.cluster.handle(.peer(name, message.head), at: reading.boot)
            try act(actions, from: peer, node, process)
        }
        switch message.content {
        case .ping(let sent): tell(peer, .pong(ping: sent, reading.wall), process)
        case .pong(let sent, let time):
            // A clock that was read before the process began says nothing.
            guard sent <= reading.boot else { return }
            let actions = process.cluster.handle(
                .peerTime(name, time, sent: sent, received: reading.boot), at: reading.boot)
            try act(actions, node, process)
        case .fetch(let number):
            tell(peer, .rows(node.disk.chain.filter { $0.number > number }), process)
        case .rows(let rows):
            let actions = process.cluster.handle(.rows(rows), at: reading.boot)
            try act(actions, from: peer, node, process)
        case .forward(let call): try serve(call, from: peer, node, process)
        case .answered(let call):
            process.calls[call] = nil
            try runs(.answered(RunMessage(Int64(call))), node, process)
        case .notMine(let call): try runs(.notMine(RunMessage(Int64(call))), node, process)
        case .quorum(let call, let head):
            tell(peer, .agreed(call: call, holds(head, process)), process)
        case .agreed(let call, let agrees):
            try quorum(of: call, peer: peer, agrees: agrees, node, process)
        }
    }

    /// True if the node has the same chain up to this entry, and believes its own.
    private func holds(_ head: ChainHead, _ process: NodeProcess) -> Bool {
        process.cluster.follower.isSound
            && process.cluster.follower.digest(of: head.number) == head.digest
    }

    /// No answer came to a message that was forwarded: it may have been served.
    func peerLost(
        _ call: Int, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        try runs(.peerLost(RunMessage(Int64(call)), wasSent: true), node, process)
    }
}
