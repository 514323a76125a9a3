import InterlockCluster
import InterlockModel

/// The regular work of a node, and the actions of its chain.
extension ClusterSimulation {
    func heartbeat(_ node: SimulatedNode, _ process: NodeProcess) throws(ProcessDeath) {
        let interval = HeartbeatInterval.next(nodes: settings.nodes, random: random.next())
        queue.schedule(.heartbeat(process.id), in: interval)
        let reading = node.clock.reading(at: now)
        if let heartbeat = process.cluster.heartbeat(at: reading.boot) {
            let starved = process.escrow?.starved(at: reading) ?? []
            let tasks = process.tasks.owned(at: reading.boot)
            try send(.heartbeat(heartbeat, starved: starved, tasks: tasks), node, process)
        } else if !process.isStarting {
            process.isStarting = true
            try send(.start, node, process)
        }
    }

    func tick(_ node: SimulatedNode, _ process: NodeProcess) throws(ProcessDeath) {
        queue.schedule(.tick(process.id), in: .milliseconds(500))
        // The time service sets a clock right that runs too fast or too slow.
        if now >= node.steppedUntil {
            node.clock.stepWall(by: .microseconds(wallError(of: node)))
        }
        try escrow(.tick, node, process)
        try runs(.tick, node, process)
        _ = process.tasks.expire(at: node.clock.boot(at: now))
    }

    /// The distance of a node's wall clock to the true time, in microseconds.
    private func wallError(of node: SimulatedNode) -> Int64 {
        Self.began.microseconds + now.microseconds - node.clock.wall(at: now).microseconds
    }

    func act(
        _ actions: [ClusterNode.Action], from peer: Int? = nil, _ node: SimulatedNode,
        _ process: NodeProcess
    ) throws(ProcessDeath) {
        for action in actions {
            switch action {
            case .chain(let action): try act(action, from: peer, node, process)
            case .generation(.repair(let head)): try repair(head, node, process)
            case .generation(.fetch(let number)): try fetch(number, from: nil, node, process)
            case .generation(.begin), .generation(.forked), .generation(.ignore),
                .generation(.renew):
                break
            case .lifecycle(.startAgain):
                try escrow(.expelled, node, process)
                process.isStarting = true
                try send(.start, node, process)
            case .lifecycle: break
            }
        }
    }

    private func act(
        _ action: ChainFollower.Action, from peer: Int?, _ node: SimulatedNode,
        _ process: NodeProcess
    ) throws(ProcessDeath) {
        switch action {
        case .applied(let entry, _):
            try write(node) { disk in
                if settings.hasFaults { disk.chain.append(entry.stored) }
                disk.log.append(.applied(entry.number))
            }
            compare(entry, node)
            if case .narrowing(.expelled(let name, _)) = entry.statement.content {
                try runs(.peerExpelled(name), node, process)
            }
        case .fetch(let number): try fetch(number, from: peer, node, process)
        case .compare(let head):
            let own = node.disk.chain.first { $0.number == head.number }?.digest
            let actions = process.cluster.handle(
                .compared(head, own: own), at: node.clock.boot(at: now))
            try act(actions, from: peer, node, process)
        case .passed, .haltOrganisation, .stop, .drain: break
        }
    }

    /// S5: all nodes apply the same entries. A store that lies is compared at the end, since nodes need a message to
    /// notice it.
    private func compare(_ entry: ChainEntry, _ node: SimulatedNode) {
        guard !store.hasLied, !hasLostEntries else { return }
        if let first = firstApplied[entry.number] {
            guard first != entry.digest else { return }
            checker.report(
                .onePrefix, "node \(node.number) applied another entry \(entry.number)", at: now)
        } else {
            firstApplied[entry.number] = entry.digest
        }
    }

    /// Reads entries from the peer that named them, or from the store.
    private func fetch(
        _ number: Int64, from peer: Int?, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        if let peer { return tell(peer, .fetch(after: number), process) }
        guard !process.isFetching else { return }
        process.isFetching = true
        try send(.fetch(after: number), node, process)
    }

    private func repair(
        _ head: ChainHead?, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        // The fault puts nothing back once a generation is open.
        guard !has(.headsIgnored) || !store.isOpen else { return }
        let chain = node.disk.chain
        let plan = ChainRepair.plan(
            store: head, own: chain.first { $0.number == head?.number }?.digest,
            applied: process.cluster.follower.head,
            rows: chain.filter { $0.number > (head?.number ?? -1) }, hashing: verifier.hashing)
        if case .put(let rows) = plan { try send(.repair(rows), node, process) }
    }

    /// Sends what the store appended to all peers.
    func push(
        _ rows: [StoredEntry], _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        for peer in nodes.indices where peer != node.number { tell(peer, .rows(rows), process) }
        let actions = process.cluster.handle(.rows(rows), at: node.clock.boot(at: now))
        try act(actions, node, process)
    }
}
