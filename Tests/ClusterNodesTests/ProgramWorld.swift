import InterlockJSON
import InterlockModel
import InterlockTesting

@testable import InterlockCluster
@testable import InterlockClusterNodes
@testable import InterlockClusterSimulation

/// Nodes that run their programs against the model of the store, in virtual time and one thread. Each effect is performed
/// at once.
final class ProgramWorld {
    /// The machine of one node.
    struct Machine {
        var program: NodeProgram
        var copy: [StoredEntry]
        var notifications: [NodeNotification] = []
        /// True while the store does not answer this node.
        var isCut = false
        /// True while no halt reaches or leaves the node.
        var isSilent = false
        /// True while writes to the disk hang; those that were begun.
        var hangs = false
        var hanging: [NodeAdvance] = []
        /// The failure of writes to the disk.
        var failure: ChainCopyFailure?
        var renews = false
    }

    static let began = Timestamp(microseconds: 1_780_000_000_000_000)
    let organisation: SimulatedOrganisation
    let clock = SimulatedClock(boot: BootTime(microseconds: 1_000_000), wall: ProgramWorld.began)
    var store: SimulatedStore
    var machines: [Machine] = []
    var now = VirtualTime.start
    private var calls = 0

    init(nodes: Int = 3) throws {
        organisation = try SimulatedOrganisation()
        store = SimulatedStore(nodes: nodes, clock: clock, faults: [])
        try found(nodes)
        for number in 0..<nodes {
            let program = NodeProgram(try node(number), process: "process-\(number)", known: nil)
            machines.append(Machine(program: program, copy: store.rows.entries))
        }
    }

    private func found(_ nodes: Int) throws {
        let genesis = Genesis(
            people: organisation.people, node: SimulatedOrganisation.memberKeys(0), revision: nil,
            hasStandby: true)
        store.begin(try organisation.draft(.genesis(genesis), node: 0, at: Self.began))
        for number in 1..<nodes {
            let envelopes = try organisation.admission(
                of: number, until: Self.began + .seconds(86_400))
            store.append(
                setup: try organisation.draft(
                    try SimulatedOrganisation.widening(.member, envelopes),
                    subject: SimulatedOrganisation.nodeName(number).text, node: 0, at: Self.began))
        }
    }

    /// A node that has read what the store has.
    func node(_ number: Int) throws -> ClusterNode {
        let verifier = SimulatedVerifier()
        let first = try ChainEntry(store.rows.entries[0], after: nil, hashing: verifier.hashing)
        var node = ClusterNode(
            name: SimulatedOrganisation.nodeName(number),
            state: try ChainState(first: first, genesis: first.digest, verifier: verifier),
            settings: .standard, verifier: verifier)
        _ = node.handle(.rows(store.rows.entries), at: reading.boot)
        return node
    }

    var reading: ClockReading { clock.reading(at: now) }

    func run(_ time: Duration) {
        let end = now + time
        while now < end {
            now = now + .milliseconds(50)
            // The middle of the pauses between heartbeats: half a second.
            for number in machines.indices { deliver(.tick(random: 100_000), to: number) }
        }
    }

    func deliver(_ event: NodeEvent, to number: Int) {
        for effect in machines[number].program.handle(event, at: reading) {
            perform(effect, number)
        }
    }

    /// Appends an entry as another program would, at a node that nothing is asked of.
    func append(_ change: NarrowingChange, by number: Int = 0) throws {
        store.append(
            setup: try organisation.draft(.narrowing(change), node: number, at: reading.wall))
    }

    func halt(_ order: Int, agent: Int) throws -> Envelope {
        try organisation.halt(
            order, target: .agent(SimulatedOrganisation.agent(agent)), at: reading.wall)
    }

    /// A halt arrives at a node from people.
    func halt(_ envelope: Envelope, at number: Int, from peer: Int? = nil) throws {
        let node = machines[number].program.node
        deliver(
            .halted(
                try node.verify(envelope, at: reading.wall),
                statement: node.hashing.sha256(envelope.payload),
                from: peer.map(SimulatedOrganisation.nodeName)), to: number)
    }

    // MARK: What tests ask

    func refusal(_ number: Int, of action: LeasedAction = .consequential) -> ClusterNode.Refusal? {
        machines[number].program.node.refusal(of: action, at: reading)
    }

    func isHalted(_ number: Int, agent: Int) -> Bool {
        let scope = CallScope(
            agent: SimulatedOrganisation.agent(agent), owner: SimulatedOrganisation.owner,
            run: SimulatedOrganisation.id(1), token: "token", tool: SimulatedOrganisation.tool,
            revision: nil)
        if case .halted = machines[number].program.refusal(of: scope) { return true }
        return false
    }

    func incarnation(_ number: Int) -> Int64? {
        machines[number].program.node.lifecycle.incarnation?.number
    }

    func count(_ number: Int, _ isMeant: (NodeNotification) -> Bool) -> Int {
        machines[number].notifications.count(where: isMeant)
    }

    // MARK: Effects

    /// - Returns: nil if the store does not answer.
    private func call(_ call: StoreCall, _ number: Int) -> StoreAnswer? {
        guard !machines[number].isCut else { return nil }
        calls += 1
        return store.perform(
            StoreRequest(
                id: calls, process: ProcessID(node: number, life: 1), call: call,
                sent: reading.boot), at: now)
    }

    private func perform(_ effect: NodeEffect, _ number: Int) {
        let boot = reading.boot
        switch effect {
        case .start:
            guard case .started(let incarnation) = call(.start, number) else {
                return deliver(.started(.failure(.unknown("lost"))), to: number)
            }
            deliver(.started(.success(incarnation)), to: number)
        case .heartbeat(let heartbeat, _):
            deliver(
                .answered(heartbeat, answer(to: heartbeat, number), sent: boot, received: boot),
                to: number)
        case .advance(let node, let rows):
            let advance = NodeAdvance(node, rows, at: boot)
            guard !machines[number].hangs else { return machines[number].hanging.append(advance) }
            write(advance, number)
        case .read(let known):
            guard case .rows(let rows) = call(.fetch(after: known), number) else {
                return deliver(.read(.failure(.unknown("lost"))), to: number)
            }
            deliver(.read(.success(rows)), to: number)
        case .compare(let head):
            let own = machines[number].copy.first { $0.number == head.number }?.digest
            deliver(.compared(head, own: own), to: number)
        case .repair(let lost, let applied, _):
            let copy = machines[number].copy
            let plan = ChainRepair.plan(
                store: lost, own: copy.first { $0.number == lost?.number }?.digest,
                applied: applied, rows: copy.filter { $0.number > lost?.number ?? -1 },
                hashing: SimulatedHashing())
            guard case .put(let rows) = plan else { return deliver(.repaired(nil), to: number) }
            _ = call(.repair(rows), number)
            deliver(.repaired(.repaired(rows.count)), to: number)
        case .restore(let generation, _):
            _ = call(.finishRestoring(generation), number)
            deliver(.restored, to: number)
        // The model opens a generation with the heartbeats.
        case .open: deliver(.opened, to: number)
        case .append(let statement, let halt, let signed, _):
            append(statement, halt, signed, number)
        case .take(let row, _, _):
            var taken: TaskRow?
            if case .task(let next) = call(.takeTask(.watch, seen: row?.term ?? 0), number) {
                taken = next
            }
            deliver(.taken(taken, sent: boot), to: number)
        case .keep(let term, _, _):
            machines[number].renews = !machines[number].isCut
            deliver(.kept(term: term, machines[number].renews, sent: boot), to: number)
        case .expel(let silent, _, _):
            expel(silent, number)
        case .push(let statement, let halt):
            deliver(.pushed(halt: statement, 1), to: number)
            for other in machines.indices
            where other != number && !machines[other].isSilent && !machines[number].isSilent {
                try? self.halt(halt, at: other, from: number)
            }
        case .ask(let known):
            let other = machines.indices.first { $0 != number && !machines[$0].isSilent }
            guard let other, !machines[number].isSilent else { return }
            deliver(.rows(machines[other].copy.filter { $0.number > known }), to: number)
        case .notify(let notification): machines[number].notifications.append(notification)
        case .chained, .head, .members: break
        }
    }

    /// Ends a write to the disk.
    func write(_ advance: NodeAdvance, _ number: Int) {
        if let failure = machines[number].failure, !advance.entries.isEmpty {
            return deliver(.notWritten(failure), to: number)
        }
        machines[number].copy += advance.entries
        deliver(.advanced(advance), to: number)
    }

    private func answer(
        to heartbeat: ClusterNode.Heartbeat, _ number: Int
    ) -> Result<HeartbeatAnswer, ClusterCallFailure> {
        let tasks: [ClusterTask] = machines[number].renews ? [.watch] : []
        machines[number].renews = false
        switch call(.heartbeat(heartbeat, starved: [], tasks: tasks), number) {
        case .heartbeat(let rows):
            guard let head = rows.head else { return .failure(.unknown("no entry")) }
            let nodes = rows.members.map { row in
                NodeRow(
                    node: row.node, status: row.isGone ? .gone : .live,
                    incarnation: row.incarnation, beat: row.beat, applied: nil, version: 1)
            }
            return .success(
                HeartbeatAnswer(
                    head: head, generation: rows.generation, isOpen: rows.isOpen, at: rows.time,
                    horizon: ChangeHorizon(1), hasStandby: true,
                    isRestored: rows.units.isRestored, nodes: nodes.isEmpty ? nil : nodes,
                    tasks: rows.tasks, requests: [], undecided: [], starved: [], faults: []))
        case .refused(.expelled): return .failure(.refused(.expelled, reason: "expelled"))
        default: return .failure(.unknown("lost"))
        }
    }

    private func append(
        _ statement: Digest, _ halt: Envelope, _ signed: EntryDraft?, _ number: Int
    ) {
        let draft =
            signed
            ?? (try? organisation.draft(
                .narrowing(.halt(halt)), node: number, at: reading.wall))
        guard let draft else { return }
        var isDone = false
        switch call(.append(draft, .other), number) {
        // The model refuses an order that the chain has.
        case .rows, .refused(.closed): isDone = true
        default: break
        }
        deliver(.appended(halt: statement, draft, isDone: isDone), to: number)
    }

    private func expel(_ silent: SilentNodeDetector.Silent, _ number: Int) {
        let change = NarrowingChange.expelled(silent.node, silent.incarnation)
        let draft = try? organisation.draft(.narrowing(change), node: number, at: reading.wall)
        var isExpelled = false
        if let draft, case .done = call(.expel(silent, draft), number) { isExpelled = true }
        deliver(.expelled(silent, isExpelled), to: number)
    }
}
