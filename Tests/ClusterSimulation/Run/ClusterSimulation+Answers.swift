import InterlockCluster
import InterlockModel

/// The answers of the store at a node.
extension ClusterSimulation {
    func take(
        _ answer: StoreAnswer, to id: Int, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        // An answer after the deadline counts for nothing: the connection was closed.
        guard let request = process.pending.removeValue(forKey: id) else { return }
        let reading = node.clock.reading(at: now)
        switch (request.call, answer) {
        case (_, .refused(let refusal)): try refuse(request, refusal, node, process)
        case (.start, .started(let incarnation)): try join(incarnation, node, process)
        case (.heartbeat(let heartbeat, _, _), .heartbeat(let rows)):
            try take(rows, to: heartbeat, request, node, process)
        case (.fetch, .rows(let rows)):
            process.isFetching = false
            let actions = process.cluster.handle(.rows(rows), at: reading.boot)
            try act(actions, node, process)
        case (.append(_, let meaning), .rows(let rows)):
            ordered(meaning)
            try push(rows, node, process)
        case (.use(let use), .rows(let rows)): try used(use, rows, node, process)
        case (.ask(let grant, _), .done): asked(grant)
        case (.takeTask, .task(let row)):
            guard let row else { return }
            _ = process.tasks.take(row, sent: request.sent, reading.boot)
        case (.claim(let claim), .claimed(let answer, let number)):
            if number > 0 { process.claims[claim.run] = number }
            try runs(.claimed(claim, answer), node, process)
        case (.change(let change), .done): try runs(.changed(change), node, process)
        case (.take(let take), .units(let grant)):
            try escrow(.taken(take.id, grant), node, process)
        case (.report(let report), .done): try escrow(.reported(report), node, process)
        case (.putBack(let lease), .done): try escrow(.restored(lease), node, process)
        default: break
        }
    }

    /// The function raised an exception: it did nothing.
    private func refuse(
        _ request: StoreRequest, _ refusal: StoreRefusal, _ node: SimulatedNode,
        _ process: NodeProcess
    ) throws(ProcessDeath) {
        if case .heartbeat(let heartbeat, _, _) = request.call, refusal == .expelled,
            process.cluster.lifecycle.incarnation == heartbeat.incarnation
        {
            try expelled(node, process)
        }
        switch request.call {
        case .report(let report):
            if case .units(let reason) = refusal {
                try escrow(.reportFailed(report, reason), node, process)
            } else {
                try escrow(.reportFailed(report, nil), node, process)
            }
        case .change(let change):
            if case .runs(let reason) = refusal {
                try runs(.changeFailed(change, reason), node, process)
            } else {
                try runs(.changeFailed(change, nil), node, process)
            }
        case .append(_, let meaning):
            // The order is there already, or the next try comes later.
            if refusal == .closed { ordered(meaning) } else { again(meaning) }
        default: try undo(request, node, process)
        }
    }

    /// The deadline has passed: the outcome is unknown.
    func fail(_ id: Int, _ node: SimulatedNode, _ process: NodeProcess) throws(ProcessDeath) {
        guard let request = process.pending.removeValue(forKey: id) else { return }
        switch request.call {
        case .heartbeat: try escrow(.store(isReachable: false), node, process)
        case .append(_, let meaning): again(meaning)
        case .use(let use) where has(.unknownIsSuccess):
            try dispatch(use.call, use: nil, node, process)
        default: break
        }
        try undo(request, node, process)
    }

    /// Tells the state machines that a call brought nothing.
    private func undo(
        _ request: StoreRequest, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        let boot = node.clock.boot(at: now)
        switch request.call {
        case .start: process.isStarting = false
        case .heartbeat(let heartbeat, _, _):
            let actions = process.cluster.handle(.failed(beat: heartbeat.beat), at: boot)
            try act(actions, node, process)
        case .fetch: process.isFetching = false
        case .ask(let grant, _):
            for id in process.calls.keys.sorted() where process.calls[id]?.call.grant == grant {
                try end(id, node, process)
            }
        case .use(let use): try end(use.call, node, process)
        case .claim(let claim): try runs(.claimFailed(claim), node, process)
        case .change(let change): try runs(.changeFailed(change, nil), node, process)
        case .take(let take): try escrow(.takeFailed(take.id), node, process)
        case .report(let report): try escrow(.reportFailed(report, nil), node, process)
        case .putBack(let lease): try escrow(.restoreFailed(lease), node, process)
        case .append, .expel, .repair, .takeTask, .vote, .finishRestoring: break
        }
    }

    /// The node has an incarnation: it serves from now on.
    private func join(
        _ incarnation: Incarnation, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        process.isStarting = false
        let reading = node.clock.reading(at: now)
        try write(node) { $0.log.append(.start(incarnation)) }
        process.escrow = EscrowNode(
            node.name, incarnation, at: reading, logged: logged(node))
        if process.runs == nil {
            process.runs = RunRouter(node.name, incarnation)
        } else {
            try runs(.joined(incarnation), node, process)
        }
        let actions = process.cluster.handle(
            .lifecycle(.started(incarnation)), at: reading.boot)
        try act(actions, node, process)
    }

    /// The units that calls of the last windows used, as the log has them.
    private func logged(_ node: SimulatedNode) -> [LoggedUnits] {
        let wall = node.clock.wall(at: now)
        return node.disk.log.compactMap { record -> LoggedUnits? in
            guard case .units(let units) = record, wall < units.until + .seconds(65) else {
                return nil
            }
            return units
        }
    }

    /// The store says that this incarnation is over.
    func expelled(_ node: SimulatedNode, _ process: NodeProcess) throws(ProcessDeath) {
        guard let incarnation = process.cluster.lifecycle.incarnation else { return }
        let actions = process.cluster.handle(
            .lifecycle(.expelled(incarnation)), at: node.clock.boot(at: now))
        try act(actions, node, process)
    }

    private func take(
        _ rows: HeartbeatRows, to heartbeat: ClusterNode.Heartbeat, _ request: StoreRequest,
        _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        let reading = node.clock.reading(at: now)
        var sent = heartbeat
        // The fault counts the lease from a heartbeat that would have been sent now.
        if has(.leaseFromReceipt), let later = process.cluster.heartbeat(at: reading.boot) {
            sent = ClusterNode.Heartbeat(
                incarnation: later.incarnation, beat: later.beat, applied: heartbeat.applied)
        }
        // The fault hides from the node that the head of the store fell.
        if has(.headsIgnored) || has(.repairUnlinked), let head = rows.head {
            sent = ClusterNode.Heartbeat(
                incarnation: sent.incarnation, beat: sent.beat, applied: head)
        }
        let head = has(.renewUnapplied) ? process.cluster.follower.head : rows.head
        let answer = ClusterNode.Answer(
            heartbeat: sent, generation: rows.generation, isOpen: rows.isOpen, head: head,
            storeTime: rows.time, sent: request.sent, received: reading.boot)
        let answered = process.cluster.handle(.answered(answer), at: reading.boot)
        try act(answered, node, process)
        if has(.renewUnapplied), let head = rows.head {
            let actions = process.cluster.handle(.peer(node.name, head), at: reading.boot)
            try act(actions, node, process)
        }
        try escrow(.store(isReachable: true), node, process)
        try escrow(.heartbeat(rows.units), node, process)
        try watch(rows, request, node, process)
        for row in rows.requests { try decided(row, node, process) }
    }

    /// Takes the task over, or finds silent nodes.
    private func watch(
        _ rows: HeartbeatRows, _ request: StoreRequest, _ node: SimulatedNode,
        _ process: NodeProcess
    ) throws(ProcessDeath) {
        let boot = node.clock.boot(at: now)
        for action in process.tasks.look(at: rows.tasks, sent: request.sent, boot) {
            if case .take(.watch, let seen) = action {
                try send(.takeTask(.watch, seen: seen), node, process)
            }
        }
        guard process.tasks.term(of: .watch, at: boot) != nil, !rows.members.isEmpty else { return }
        // The fault lets the clock of the watching node run four times as fast.
        let looked =
            has(.expelEarly) ? BootTime(microseconds: boot.microseconds * 4) : boot
        for silent in process.detector.look(at: rows.members, looked)
        where silent.node != node.name {
            let change = NarrowingChange.expelled(silent.node, silent.incarnation)
            guard let draft = self.draft(.narrowing(change), node) else { continue }
            try send(.expel(silent, draft), node, process)
        }
    }

    /// Signs an entry with the key of the node's log.
    func draft(_ content: EntryContent, subject: String = "", _ node: SimulatedNode) -> EntryDraft?
    {
        try? organisation.draft(
            content, subject: subject, node: node.number, at: node.clock.wall(at: now))
    }
}
