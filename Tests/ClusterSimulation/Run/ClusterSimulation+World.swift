import InterlockCluster
import InterlockModel

/// The agents and people, and the faults of the world.
extension ClusterSimulation {
    /// Agents call until ten seconds before the end, so that all calls are over then.
    func agents() {
        guard now + .seconds(10) < end else { return }
        let pause = 1_000_000 / max(1, settings.callsPerSecond)
        queue.schedule(.agents, in: .microseconds(Int64(pause / 2 + random.below(pause))))
        calls += 1
        let agent = random.below(settings.agents)
        let kind = kindOfCall()
        let call = AgentCall(
            id: calls, kind: kind, agent: agent, run: 2 * agent + random.below(2), grant: calls)
        let node = random.below(nodes.count)
        queue.schedule(.call(call, node: node), in: .microseconds(200))
        // Another run of the agent waits for the same request: a race for its grant.
        if kind.isGated, random.chance(500) {
            calls += 1
            let other = AgentCall(
                id: calls, kind: kind, agent: agent, run: 2 * agent + (call.run + 1) % 2,
                grant: call.grant)
            queue.schedule(
                .call(other, node: (node + 1) % nodes.count), in: .milliseconds(1))
        }
        if random.chance(settings.haltsPerMille), halts.count < 2 {
            orders += 1
            let target = random.chance(300) ? nil : Optional(random.below(settings.agents))
            queue.schedule(
                .person(.halt(order: orders, agent: target, tries: 0)), in: .milliseconds(1))
            guard settings.haltsShareIDs else { return }
            let other = ((target ?? 0) + 1) % settings.agents
            queue.schedule(
                .person(.halt(order: orders, agent: other, tries: 0)), in: .milliseconds(500))
        }
    }

    private func kindOfCall() -> CallKind {
        if random.chance(settings.gatedPerMille) {
            return settings.hasPeers && random.chance(400) ? .witnessed : .gated
        }
        switch random.below(15) {
        case 0..<5: return .read
        case 5..<12: return .write
        default: return .exact
        }
    }

    /// A person turns to a node that runs.
    private func anyNode() -> (SimulatedNode, NodeProcess)? {
        let running = nodes.filter { $0.process != nil && now >= $0.pausedUntil }
        guard !running.isEmpty else { return nil }
        let node = running[random.below(running.count)]
        return node.process.map { (node, $0) }
    }

    func act(_ action: PeopleAction) throws(ProcessDeath) {
        guard let (node, process) = anyNode() else { return later(action) }
        switch action {
        case .vote(let grant):
            guard let request = store.rows.requests[grant] else { return }
            try send(.vote(grant: grant, version: request.version), node, process)
        case .end(let grant, _):
            try append(
                .narrowing(.end(SimulatedOrganisation.id(grant))), .end(grant: grant), node,
                process)
        case .halt(let order, let agent, _):
            let target = agent.map { HaltTarget.agent(SimulatedOrganisation.agent($0)) } ?? .org
            // An order that is given again is the same order.
            let envelope = try? organisation.halt(order, target: target, at: Self.began)
            guard let envelope else { return }
            if !halts.contains(where: { $0.order == order }) { halts.append((order, agent)) }
            try append(
                .narrowing(.halt(envelope)), .halt(order: order, agent: agent), node, process)
        case .release(let order, let halt, _):
            // The true chain is not known after a lie, and with it not what a release ends.
            guard !store.hasLied else { return }
            let state = process.cluster.state.halts
            guard !state.isReleased(SimulatedOrganisation.id(halt)) else {
                return halts.removeAll { $0.order == halt }
            }
            let envelope = try? organisation.release(
                order, of: [halt], afterEpoch: state.epoch)
            guard let envelope,
                state.active.contains(where: { $0.id == SimulatedOrganisation.id(halt) }),
                let content = try? SimulatedOrganisation.widening(.release, [envelope])
            else { return later(action) }
            let id: OrderID = SimulatedOrganisation.id(order)
            try append(
                content, .release(order: halt), subject: id.text, node, process)
        }
    }

    private func append(
        _ content: EntryContent, _ meaning: EntryMeaning, subject: String = "",
        _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        guard let draft = self.draft(content, subject: subject, node) else { return }
        try send(.append(draft, meaning), node, process)
    }

    private func later(_ action: PeopleAction) {
        queue.schedule(.person(action), in: .seconds(1))
    }

    /// An order whose append failed, or may have, is given again.
    func again(_ meaning: EntryMeaning) {
        switch meaning {
        case .halt(let order, let agent):
            later(.halt(order: order, agent: agent, tries: 1))
        case .end(let grant): later(.end(grant: grant, tries: 1))
        case .release(let halt):
            orders += 1
            later(.release(order: orders, of: halt, tries: 1))
        case .use, .other: break
        }
    }

    /// An order is an entry now.
    func ordered(_ meaning: EntryMeaning) {
        switch meaning {
        case .halt(let halt, _):
            orders += 1
            queue.schedule(
                .person(.release(order: orders, of: halt, tries: 0)),
                in: random.between(.seconds(2), .seconds(8)))
        case .release(let halt): halts.removeAll { $0.order == halt }
        case .use, .end, .other: break
        }
    }

    func inject(_ fault: InjectedFault) {
        queue.schedule(.faultOver(fault), in: .seconds(fault.seconds))
        activeFaults += 1
        noteLoss(fault)
        switch fault {
        case .cut(let from, let to, _): network.cut(from: from, to: to)
        case .isolate(let node, _):
            cutPeers(of: node)
            network.cut(from: .node(node), to: .store)
            network.cut(from: .store, to: .node(node))
        case .cutPeers(let node, _): cutPeers(of: node)
        case .staleReads(let seconds):
            store.staleUntil = max(store.staleUntil, now + .seconds(seconds))
        case .badNetwork:
            network.lossPerMille = 100
            network.duplicatePerMille = 50
            network.mostDelay = .milliseconds(400)
        case .crash(let node, let writes, let kept, _): nodes[node].crash = (writes, kept)
        case .pause(let node, let seconds):
            nodes[node].pausedUntil = max(nodes[node].pausedUntil, now + .seconds(seconds))
        case .step(let node, let milliseconds):
            nodes[node].clock.stepWall(by: .milliseconds(milliseconds))
            nodes[node].steppedUntil = now + .seconds(10)
        case .stepStore(let milliseconds): store.clock.stepWall(by: .milliseconds(milliseconds))
        case .drift(let node, let rate): nodes[node].clock.run(at: rate, from: now)
        case .stopClock(let node, let seconds):
            checker.hasStoppedClocks = true
            nodes[node].clock.run(at: 0, from: now)
            nodes[node].pausedUntil = max(nodes[node].pausedUntil, now + .seconds(seconds))
        case .storeDown(let seconds):
            store.downUntil = max(store.downUntil, now + .seconds(seconds))
            store.failOver(losing: .zero, at: now)
        case .storeSlow(let seconds):
            store.slowUntil = max(store.slowUntil, now + .seconds(seconds))
        case .failover(let milliseconds):
            store.failOver(losing: .milliseconds(milliseconds), at: now)
        case .lie(let lie): tell(lie)
        }
    }

    /// Units that a failover lost are put back by their nodes, unless something else keeps them from it.
    private func noteLoss(_ fault: InjectedFault) {
        if case .failover(let lost) = fault, lost > 0 {
            checker.hasLostRows = true
            lastLoss = now
            if activeFaults > 1 || nodes.contains(where: { $0.process == nil }) {
                checker.hasLostUnits = true
            }
        } else if let lastLoss, now - lastLoss < .seconds(15) {
            checker.hasLostUnits = true
        }
    }

    private func cutPeers(of node: Int) {
        for other in nodes.indices where other != node {
            network.cut(from: .node(node), to: .node(other))
            network.cut(from: .node(other), to: .node(node))
        }
    }

    private func tell(_ lie: StoreLie) {
        checker.hasLied = true
        var forged: EntryDraft?
        if let halt = halts.first {
            orders += 1
            let epoch = nodes.compactMap { $0.process?.cluster.state.halts.epoch }.max() ?? 0
            forged = try? organisation.forgedRelease(
                orders, of: halt.order, afterEpoch: epoch, node: 0)
        }
        let victim = nodes.count - 1
        if lie == .fork { checker.keepApart(victim) }
        let approved = store.lie(lie, victim: victim, forged: forged)
        checker.forgedGrants.formUnion(approved)
    }

    func heal(_ fault: InjectedFault) {
        activeFaults -= 1
        switch fault {
        case .cut, .isolate, .cutPeers, .badNetwork: network.heal()
        case .crash(let node, _, _, _): nodes[node].crash = nil
        case .step(let node, let milliseconds):
            nodes[node].clock.stepWall(by: .milliseconds(-milliseconds))
        case .stepStore(let milliseconds):
            store.clock.stepWall(by: .milliseconds(-milliseconds))
        case .stopClock(let node, _): nodes[node].clock.run(at: SimulatedClock.exact, from: now)
        case .pause, .drift, .staleReads, .storeDown, .storeSlow, .failover, .lie: break
        }
    }
}
