import InterlockCluster
import InterlockJSON
import InterlockLimits
import InterlockModel

/// The way of calls through a node, as the pipeline of the product goes it.
extension ClusterSimulation {
    /// A message of an agent arrives at the node that the balancer chose.
    func receive(_ call: AgentCall, at number: Int) throws(ProcessDeath) {
        let node = nodes[number]
        guard let process = node.process else { return }
        guard now >= node.pausedUntil else {
            return queue.schedule(.call(call, node: number), at: node.pausedUntil)
        }
        try serve(call, from: nil, node, process)
    }

    func serve(
        _ call: AgentCall, from peer: Int?, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard process.runs != nil, process.calls[call.id] == nil,
            !process.begun.contains(call.id)
        else { return }
        process.calls[call.id] = OpenCall(call: call, from: peer)
        let message = RunEvent.message(
            RunMessage(Int64(call.id)), SimulatedOrganisation.id(call.run),
            SimulatedOrganisation.agent(call.agent), isCall: true,
            from: peer.map { nodes[$0].name })
        try runs(message, node, process)
    }

    func runs(
        _ event: RunEvent, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard let actions = process.runs?.handle(event, at: node.clock.boot(at: now)) else {
            return
        }
        for action in actions {
            switch action {
            case .claim(let claim): try send(.claim(claim), node, process)
            case .change(let change): try send(.change(change), node, process)
            case .serve(let message, _): try begin(Int(message.number), node, process)
            case .forward(let message, let name):
                guard let peer = SimulatedOrganisation.node(name),
                    let open = process.calls[Int(message.number)]
                else { continue }
                tell(peer, .forward(open.call), process)
                queue.schedule(
                    .peerLost(process.id, call: open.call.id), in: .seconds(4))
            case .refuse(let message, let refusal):
                guard let open = process.calls.removeValue(forKey: Int(message.number)),
                    let peer = open.from
                else { continue }
                let answer: SimulatedMessage.Content =
                    refusal == .notMine
                    ? .notMine(call: open.call.id) : .answered(call: open.call.id)
                tell(peer, answer, process)
            case .drop(let run):
                process.claims[run] = nil
                for id in process.calls.keys.sorted() {
                    guard let call = process.calls[id]?.call,
                        SimulatedOrganisation.id(call.run) == run
                    else { continue }
                    try end(id, node, process)
                }
            case .attach, .release, .withhold: break
            }
        }
    }

    /// The node serves the call: what it needs before it is sent depends on its kind.
    private func begin(
        _ id: Int, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard let call = process.calls[id]?.call, process.begun.insert(id).inserted else { return }
        let reading = node.clock.reading(at: now)
        switch call.kind {
        case .read: try sendNow(id, node, process)
        case .write, .exact:
            process.calls[id]?.stage = .units
            let demand = LimitDemand(
                limit: "calls", seconds: 60, amount: 1, most: settings.most)
            let hold = EscrowHold(
                call: SimulatedOrganisation.id(id),
                agent: SimulatedOrganisation.agent(call.agent),
                demands: [EscrowDemand(demand, call.kind == .exact ? .exact : .rate)],
                end: reading.boot + .seconds(5))
            try escrow(.hold(hold), node, process)
        case .gated, .witnessed:
            guard process.cluster.storeRefusal(at: reading) == nil else {
                return try end(id, node, process)
            }
            process.calls[id]?.stage = .people
            let request = StoreRows.Request(agent: call.agent, run: call.run, kind: call.kind)
            try send(.ask(grant: call.grant, request), node, process)
        }
    }

    func escrow(
        _ event: EscrowEvent, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        let reading = node.clock.reading(at: now)
        let isWithinBound = process.cluster.clock.isReady(at: judgedReading(of: node))
        _ = process.escrow?.handle(.clock(isWithinBound: isWithinBound), at: reading)
        guard let actions = process.escrow?.handle(event, at: reading) else { return }
        for action in actions {
            switch action {
            case .take(let take): try send(.take(take), node, process)
            case .report(let report): try send(.report(report), node, process)
            case .putBack(let lease): try send(.putBack(lease), node, process)
            case .finishRestoring(let generation):
                try send(.finishRestoring(generation), node, process)
            case .admit(let id):
                let call = SimulatedOrganisation.number(of: id)
                guard process.calls[call] != nil else {
                    try escrow(.giveBack(id), node, process)
                    continue
                }
                guard refusal(of: call, node, process) == nil else {
                    try escrow(.giveBack(id), node, process)
                    try end(call, node, process)
                    continue
                }
                try intend(call, node, process)
                try escrow(.send(id), node, process)
            case .send(let id):
                try sendUnits(SimulatedOrganisation.number(of: id), node, process)
            case .refuse(let id, _):
                try end(SimulatedOrganisation.number(of: id), node, process)
            }
        }
    }

    /// Returns why a call may not be sent now; nil if it may.
    func refusal(
        of id: Int, _ node: SimulatedNode, _ process: NodeProcess
    ) -> String? {
        guard let call = process.calls[id]?.call else { return "it has ended" }
        let action: LeasedAction = call.kind == .read ? .lowTierRead : .consequential
        let reading = judgedReading(of: node)
        if let refusal = process.cluster.refusal(of: action, at: reading) { return "\(refusal)" }
        if let refusal = process.cluster.state.refusal(of: scope(of: call)) { return "\(refusal)" }
        let run: RunID = SimulatedOrganisation.id(call.run)
        return process.runs?.term(of: run) == nil ? "the run is not served here" : nil
    }

    /// The reading by which the clock of a node is judged. The fault does not see that the wall clock has stepped.
    private func judgedReading(of node: SimulatedNode) -> ClockReading {
        let reading = node.clock.reading(at: now)
        guard has(.steppedClockUsed) else { return reading }
        return ClockReading(
            wall: Self.began + .microseconds(now.microseconds), boot: reading.boot)
    }

    func scope(of call: AgentCall) -> CallScope {
        CallScope(
            agent: SimulatedOrganisation.agent(call.agent), owner: SimulatedOrganisation.owner,
            run: SimulatedOrganisation.id(call.run), token: ExactText("token-\(call.agent)"),
            tool: SimulatedOrganisation.tool, revision: nil)
    }

    /// Writes the intent of a call: nothing is sent before it is durable.
    func intend(_ id: Int, _ node: SimulatedNode, _ process: NodeProcess) throws(ProcessDeath) {
        guard let call = process.calls[id]?.call else { return }
        try write(node) { disk in
            disk.log.append(.intent(call: id, agent: call.agent, kind: call.kind))
        }
    }

    private func sendNow(
        _ id: Int, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard refusal(of: id, node, process) == nil else { return try end(id, node, process) }
        try intend(id, node, process)
        try dispatch(id, use: nil, node, process)
    }

    private func sendUnits(
        _ id: Int, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard let call = process.calls[id]?.call else { return }
        let wall = node.clock.wall(at: now)
        let window = LimitWindow(limit: "calls", seconds: 60)
        let units = LoggedUnits(
            key: UnitKey(SimulatedOrganisation.agent(call.agent), window), used: 1, since: wall,
            until: wall)
        try write(node) { $0.log.append(.units(units)) }
        try dispatch(id, use: nil, node, process)
        checker.used(1, of: call.agent, at: now)
    }

    /// The call leaves the node.
    func dispatch(
        _ id: Int, use: Int64?, witness: Int? = nil, _ node: SimulatedNode,
        _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard let call = process.calls[id]?.call else { return }
        process.calls[id]?.stage = .sent
        let run: RunID = SimulatedOrganisation.id(call.run)
        var sent = Dispatch(
            call: id, kind: call.kind, node: node.number, agent: call.agent, run: call.run,
            claim: process.claims[run] ?? 0, applied: applied(node, process))
        if call.kind.isGated {
            sent.grant = call.grant
            sent.use = use
        }
        if let witness, differ(node.number, witness) { sent.disagreeing = [witness] }
        self.sent.append((node.number, id))
        checker.dispatched(sent, at: now)
        queue.schedule(
            .outcome(process.id, call: id),
            in: random.between(.milliseconds(5), .milliseconds(300)))
    }

    /// The number of the newest true entry that a node has applied. Above it a node that is shown another chain has entries
    /// of that one.
    private func applied(_ node: SimulatedNode, _ process: NodeProcess) -> Int64 {
        let head = process.cluster.follower.head.number
        guard let fork = store.fork, fork.node == node.number else { return head }
        let own = node.disk.chain.last {
            $0.number <= head && $0.digest == store.rows.digest(of: $0.number)
        }
        return own?.number ?? -1
    }

    func outcome(
        of id: Int, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard let open = process.calls[id] else { return }
        try write(node) { $0.log.append(.outcome(call: id)) }
        try close(open, node, process)
    }

    /// A call ends without being sent.
    func end(_ id: Int, _ node: SimulatedNode, _ process: NodeProcess) throws(ProcessDeath) {
        guard let open = process.calls[id] else { return }
        if case .sent = open.stage { return }
        let isIntended = node.disk.log.contains { record in
            if case .intent(id, _, _) = record { true } else { false }
        }
        if isIntended { try write(node) { $0.log.append(.refused(call: id)) } }
        try close(open, node, process)
    }

    private func close(
        _ open: OpenCall, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        let id = open.call.id
        process.calls[id] = nil
        if let peer = open.from { tell(peer, .answered(call: id), process) }
        let run: RunID = SimulatedOrganisation.id(open.call.run)
        try runs(.finished(RunMessage(Int64(id)), run), node, process)
    }
}
