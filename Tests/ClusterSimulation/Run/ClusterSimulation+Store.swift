import InterlockCluster
import InterlockModel

/// The way of calls to the store and back.
extension ClusterSimulation {
    /// The time after which a node gives a call up (`store.deadline`).
    static let deadline = Duration.seconds(2)

    /// Sends a call. The process can die before it, or after it was sent.
    func send(
        _ call: StoreCall, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        let fate = node.nextWrite()
        if case .dead = fate { try die(node) }
        requests += 1
        let request = StoreRequest(
            id: requests, process: process.id, call: call, sent: node.clock.boot(at: now))
        process.pending[request.id] = request
        load[call.kind, default: StoreLoad()].calls += 1
        load[call.kind, default: StoreLoad()].bytes += call.bytes
        let arrivals = network.arrivals(
            from: .node(node.number), to: .store, at: now, random: &random)
        // A connection delivers once, whatever its packets do.
        if let arrival = arrivals.first { queue.schedule(.atStore(request), at: arrival) }
        queue.schedule(.deadline(process.id, request: request.id), in: Self.deadline)
        if case .keptAndDead = fate { try die(node) }
    }

    func arrive(_ request: StoreRequest) {
        guard !store.isDown(at: now) else { return }
        if case .use(let use) = request.call, has(.useInTwoSteps) {
            guard store.mayUse(use) else { return reply(.refused(.closed), to: request) }
            return queue.schedule(.secondStatement(request), in: .milliseconds(20))
        }
        let before = store.rows.entries.count
        let wasOpen = store.isOpen
        let answer = store.perform(request, at: now)
        note(request.call, before: before)
        if case .heartbeat(let heartbeat, _, _) = request.call, case .heartbeat = answer {
            noteReturn(heartbeat, of: request.process.node)
        }
        if !wasOpen, store.isOpen { noteOpening() }
        if case .vote(let grant, _) = request.call, case .done = answer {
            checker.forgedGrants.remove(grant)
        }
        reply(answer, to: request)
    }

    func second(_ request: StoreRequest) {
        guard case .use(let use) = request.call, !store.isDown(at: now) else { return }
        let before = store.rows.entries.count
        do throws(StoreError) {
            let answer = try store.count(use)
            note(request.call, before: before)
            reply(answer, to: request)
        } catch { reply(.refused(error.refusal), to: request) }
    }

    /// Takes what was appended into the chain as it really is. What a repair puts back is there already.
    private func note(_ call: StoreCall, before: Int) {
        if store.hasLied, case .append(_, .release(let order)) = call {
            checker.chain.released.insert(order)
        }
        guard !store.hasLied, store.rows.entries.count > before else { return }
        if case .repair = call {
            return checker.recovered(through: Int64(store.rows.entries.count) - 1, at: now)
        }
        let meaning: EntryMeaning
        switch call {
        case .append(_, let appended): meaning = appended
        case .use(let use): meaning = .use(grant: use.grant)
        case .expel: meaning = .other
        case .start, .heartbeat, .fetch, .repair, .takeTask, .ask, .vote, .claim, .change, .take,
            .report, .putBack, .finishRestoring:
            return
        }
        if Int64(store.rows.entries.count) - 1 > checker.chain.head {
            checker.chain.committed(meaning, at: now)
        }
    }

    /// A new generation was opened: entries that it lacks are lost for good, or a live node still has them.
    private func noteOpening() {
        guard !store.hasLied else { return }
        let head = Int64(store.rows.entries.count) - 1
        guard head < checker.chain.head else { return }
        let holder = nodes.first { node in
            node.process != nil && !store.rows.members[node.number].isGone
                && Int64(node.disk.chain.count) - 1 > head
        }
        if let holder, store.rows.members[holder.number].generation == store.generation,
            let applied = store.rows.members[holder.number].applied, applied.number > head
        {
            checker.report(
                .onePrefix, "entries after \(head) are dropped, which node \(holder.number) has",
                at: now)
        }
        hasLostEntries = true
        checker.lost(after: head)
        for number in firstApplied.keys where number > head { firstApplied[number] = nil }
    }

    /// A node that was gone has entries that were lost, and they follow the head of the store: they are known again.
    private func noteReturn(_ heartbeat: ClusterNode.Heartbeat, of node: Int) {
        guard !store.hasLied, let head = store.rows.head, heartbeat.applied.number > head.number
        else { return }
        let own = nodes[node].disk.chain.first { $0.number == head.number }
        guard own?.digest == head.digest else { return }
        checker.recovered(through: heartbeat.applied.number, at: now)
    }

    private func reply(_ answer: StoreAnswer, to request: StoreRequest) {
        var sent = now + random.between(.microseconds(300), .milliseconds(2))
        if now < store.slowUntil { sent = now + random.between(.zero, .seconds(4)) }
        let arrivals = network.arrivals(
            from: .store, to: .node(request.process.node), at: sent, random: &random)
        guard let arrival = arrivals.first else { return }
        queue.schedule(
            .answer(
                request.process, request: request.id, generation: store.generation, answer),
            at: arrival)
    }

    /// The process ends; the machine starts another one after a while.
    func die(_ node: SimulatedNode) throws(ProcessDeath) {
        kill(node)
        throw ProcessDeath()
    }

    func kill(_ node: SimulatedNode) {
        guard node.process != nil else { return }
        node.process = nil
        if let lastLoss, now - lastLoss < .seconds(15) { checker.hasLostUnits = true }
        queue.schedule(.start(node: node.number), in: .seconds(3))
    }

    /// Writes to the disk of a node. The process can die before or after it.
    func write(
        _ node: SimulatedNode, _ change: (inout NodeDisk) -> Void
    ) throws(ProcessDeath) {
        switch node.nextWrite() {
        case .done: change(&node.disk)
        case .keptAndDead:
            change(&node.disk)
            try die(node)
        case .dead: try die(node)
        }
    }

    /// A process starts again from its disk: calls whose outcome is not in the log are `unknown`.
    func restart(_ node: SimulatedNode) {
        guard node.process == nil else { return }
        var open: [Int] = []
        for record in node.disk.log {
            switch record {
            case .intent(let call, _, _): open.append(call)
            case .outcome(let call), .refused(let call), .unknown(let call):
                open.removeAll { $0 == call }
            case .start, .used, .units, .applied: break
            }
        }
        node.disk.log += open.map(LogRecord.unknown)
        do throws(EntryRejection) {
            start(node, state: try state(of: node.disk.chain))
        } catch {
            checker.report(
                .logs, "node \(node.number) cannot read its own copy: \(error)", at: now)
        }
    }
}
