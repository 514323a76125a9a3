import InterlockCluster
import InterlockModel
import InterlockTesting

/// N nodes, their store, network and clocks, agents and people, in one thread and from one seed (docs/specs/cluster.md,
/// section 13). The nodes run the state machines of the product; everything around these is a model.
package final class ClusterSimulation {
    package let settings: SimulationSettings
    package let plan: FaultPlan
    package internal(set) var store: SimulatedStore
    package internal(set) var checker: PropertyChecker
    package internal(set) var nodes: [SimulatedNode] = []
    /// Round trips to the store, by kind of call.
    package internal(set) var load: [StoreCall.Kind: StoreLoad] = [:]
    package internal(set) var events = 0
    var queue = EventQueue<SimulationEvent>()
    var network = SimulatedNetwork()
    var random: SeededGenerator
    let organisation: SimulatedOrganisation
    let verifier: SimulatedVerifier
    var requests = 0
    var calls = 0
    var orders = 0
    /// The halts of people that are not released, with their agent.
    var halts: [(order: Int, agent: Int?)] = []
    /// The digest of each entry as the first node applied it.
    var firstApplied: [Int64: Digest] = [:]
    /// Calls that were sent, by node, for the comparison with the logs.
    var sent: [(node: Int, call: Int)] = []
    /// The faults that are not over, and the time of the last failover that lost commits.
    var activeFaults = 0
    var lastLoss: VirtualTime?
    /// True once entries were lost that no live node knew.
    package internal(set) var hasLostEntries = false

    /// - Throws: only if the fixed names of the organisation are not acceptable.
    package init(_ settings: SimulationSettings) throws {
        self.settings = settings
        var random = SeededGenerator(seed: settings.seed)
        plan = FaultPlan(settings, random: &random)
        organisation = try SimulatedOrganisation()
        verifier = SimulatedVerifier(
            isTrusting: settings.faults.contains(.unsignedEntry),
            takesHaltsByID: settings.faults.contains(.haltsByID))
        let clock = SimulatedClock(boot: BootTime(microseconds: 0), wall: Self.began)
        store = SimulatedStore(nodes: settings.nodes, clock: clock, faults: settings.faults)
        checker = PropertyChecker()
        self.random = random
        for number in 0..<settings.nodes {
            let boot = BootTime(microseconds: Int64(self.random.below(1_000_000_000)))
            nodes.append(
                SimulatedNode(number, clock: SimulatedClock(boot: boot, wall: Self.began)))
        }
        for agent in 0..<settings.agents {
            checker.limit(
                agent, LimitUses(most: settings.most, window: .seconds(60)))
        }
        try found()
    }

    /// The wall time at the start.
    static let began = Timestamp(microseconds: 1_780_000_000_000_000)

    var now: VirtualTime { queue.now }
    var end: VirtualTime { plan.isOver + .seconds(settings.quietSeconds) }

    func has(_ fault: ProtocolFault) -> Bool { settings.faults.contains(fault) }

    /// Writes the first entry and the admission of all nodes, and starts them.
    private func found() throws {
        let genesis = Genesis(
            people: organisation.people, node: SimulatedOrganisation.memberKeys(0), revision: nil,
            hasStandby: true)
        store.begin(try organisation.draft(.genesis(genesis), node: 0, at: Self.began))
        checker.chain.committed(.other, at: now)
        for node in 1..<settings.nodes {
            let envelopes = try organisation.admission(
                of: node, until: Self.began + .seconds(86_400))
            let draft = try organisation.draft(
                try SimulatedOrganisation.widening(.member, envelopes),
                subject: SimulatedOrganisation.nodeName(node).text, node: 0, at: Self.began)
            store.append(setup: draft)
            checker.chain.committed(.other, at: now)
        }
        let founded = try state(of: store.rows.entries)
        for node in nodes {
            node.disk.chain = store.rows.entries
            start(node, state: founded)
        }
        for item in plan.items { queue.schedule(.fault(item.fault), at: item.at) }
        queue.schedule(.agents, in: .seconds(2))
    }

    /// Returns the state after the rows of a node's copy.
    func state(of rows: [StoredEntry]) throws(EntryRejection) -> ChainState {
        let first = try ChainEntry(rows[0], after: nil, hashing: verifier.hashing)
        var state = try ChainState(first: first, genesis: first.digest, verifier: verifier)
        for row in rows.dropFirst() {
            let entry = try ChainEntry(row, after: state.head, hashing: verifier.hashing)
            _ = try state.apply(entry, verifier: verifier)
        }
        return state
    }

    /// Starts a process on a machine.
    func start(_ node: SimulatedNode, state: ChainState) {
        node.lives += 1
        let id = ProcessID(node: node.number, life: node.lives)
        node.process = NodeProcess(
            id,
            cluster: ClusterNode(
                name: node.name, state: state, settings: .standard, verifier: verifier))
        let jitter = random.between(.zero, .seconds(1))
        queue.schedule(.heartbeat(id), in: jitter)
        queue.schedule(.tick(id), in: jitter + .milliseconds(250))
        if settings.hasPeers { queue.schedule(.peers(id), in: jitter + .milliseconds(100)) }
    }

    /// Runs to the end, or to the first violation.
    package func run() -> SimulationReport {
        while checker.violations.isEmpty, let next = queue.next, next <= end,
            let event = queue.take()
        {
            events += 1
            do throws(ProcessDeath) { try handle(event) } catch {}
        }
        if checker.violations.isEmpty { finish() }
        return SimulationReport(
            settings: settings, plan: plan, violations: checker.violations, events: events,
            dispatches: checker.dispatches, load: load)
    }

    private func handle(_ event: SimulationEvent) throws(ProcessDeath) {
        switch event {
        case .heartbeat(let id), .peers(let id), .tick(let id), .answer(let id, _, _, _),
            .deadline(let id, _), .outcome(let id, _), .peerLost(let id, _):
            guard let process = living(id, event) else { return }
            try handle(event, nodes[id.node], process)
        case .peer(let message): try receive(message, event)
        case .call(let call, let number): try receive(call, at: number)
        case .atStore(let request): arrive(request)
        case .secondStatement(let request): second(request)
        case .agents: agents()
        case .person(let action): try act(action)
        case .fault(let fault): inject(fault)
        case .faultOver(let fault): heal(fault)
        case .start(let number): restart(nodes[number])
        }
    }

    private func handle(
        _ event: SimulationEvent, _ node: SimulatedNode, _ process: NodeProcess
    ) throws(ProcessDeath) {
        switch event {
        case .heartbeat: try heartbeat(node, process)
        case .peers: try ping(node, process)
        case .tick: try tick(node, process)
        case .answer(_, let request, let generation, let answer):
            guard generation == store.generation else { return }
            try take(answer, to: request, node, process)
        case .deadline(_, let request): try fail(request, node, process)
        case .outcome(_, let call): try outcome(of: call, node, process)
        case .peerLost(_, let call): try peerLost(call, node, process)
        case .peer, .call, .atStore, .secondStatement, .agents, .person, .fault, .faultOver,
            .start:
            break
        }
    }

    /// Returns the process of an event if it lives; the event of a paused one waits.
    private func living(_ id: ProcessID, _ event: SimulationEvent) -> NodeProcess? {
        let node = nodes[id.node]
        guard let process = node.process, process.id == id else { return nil }
        guard now >= node.pausedUntil else {
            queue.schedule(event, at: node.pausedUntil)
            return nil
        }
        return process
    }
}

/// Round trips of one kind.
package struct StoreLoad: Sendable, Hashable {
    package var calls = 0
    package var bytes = 0
}
