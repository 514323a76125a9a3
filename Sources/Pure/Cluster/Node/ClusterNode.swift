package import InterlockModel

/// One node of a cluster as a value: its chain, lease, membership, generation and clock together. Events in, actions
/// out; the program and the simulator run the same.
package struct ClusterNode: Sendable {
    /// The answer of the store to a heartbeat, with the readings of this node's boot clock around it.
    package struct Answer: Hashable, Sendable {
        /// The heartbeat as it was sent.
        package let heartbeat: Heartbeat
        package let generation: StoreGeneration
        /// True if all heads of the generation were compared.
        package let isOpen: Bool
        /// The store's newest entry; nil if it has none.
        package let head: ChainHead?
        package let storeTime: Timestamp
        package let sent: BootTime
        package let received: BootTime

        package init(
            heartbeat: Heartbeat, generation: StoreGeneration, isOpen: Bool, head: ChainHead?,
            storeTime: Timestamp, sent: BootTime, received: BootTime
        ) {
            self.heartbeat = heartbeat
            self.generation = generation
            self.isOpen = isOpen
            self.head = head
            self.storeTime = storeTime
            self.sent = sent
            self.received = received
        }
    }

    package enum Event: Sendable {
        case answered(Answer)
        /// The heartbeat failed, was late, or its result is unknown.
        case failed(beat: Int64)
        /// Rows of the store or of a peer, in the order of their numbers.
        case rows([StoredEntry])
        /// The head in a message of a peer.
        case peer(NodeName, ChainHead)
        /// The time in a peer's answer.
        case peerTime(NodeName, Timestamp, sent: BootTime, received: BootTime)
        /// The digest of the entry in the node's own copy; see `ChainFollower.Action.compare`.
        case compared(ChainHead, own: Digest?)
        /// The node has compiled a revision.
        case loaded(Digest)
        case lifecycle(NodeLifecycle.Event)
    }

    package enum Action: Hashable, Sendable {
        case chain(ChainFollower.Action)
        case generation(GenerationFollower.Action)
        case lifecycle(NodeLifecycle.Action)
    }

    /// A heartbeat to be sent.
    package struct Heartbeat: Hashable, Sendable {
        package let incarnation: Incarnation
        package let beat: Int64
        package let applied: ChainHead

        package init(incarnation: Incarnation, beat: Int64, applied: ChainHead) {
            self.incarnation = incarnation
            self.beat = beat
            self.applied = applied
        }
    }

    /// The reason why a node permits nothing of a kind now.
    package enum Refusal: Hashable, Sendable {
        /// The chain is not as nodes wrote it: the organisation is halted on this node.
        case broken(EntryFault)
        /// The node cannot judge an entry, has not loaded the revision in force, or lacks the proof of its state.
        case behind
        /// The node has no incarnation, was expelled or is no member.
        case notMember
        /// The heads of a new generation of the store are being compared.
        case generation
        /// The wall clock is off by more than a second.
        case clock
        /// No heartbeat permits it any more: `store-unavailable`.
        case lease
    }

    package let name: NodeName
    package private(set) var follower: ChainFollower
    package private(set) var lease: NodeLease
    package private(set) var lifecycle = NodeLifecycle()
    package private(set) var generation = GenerationFollower()
    package private(set) var clock = ClockAgreement()
    private let verifier: any EntryVerifier

    package init(
        name: NodeName, state: ChainState, settings: LeaseSettings, verifier: any EntryVerifier
    ) {
        self.name = name
        self.verifier = verifier
        follower = ChainFollower(state)
        lease = NodeLease(settings)
    }

    package var state: ChainState { follower.state }

    package var hashing: any Hashing { verifier.hashing }

    /// Verifies a halt that came by another way than the chain, by the people and nodes that the chain has.
    package func verify(
        _ halt: Envelope, at time: Timestamp
    ) throws(OrderRefusal) -> AcceptedHalt {
        try HaltVerifier(state.orders(verifier)).halt(halt, .again(time))
    }

    /// Returns the heartbeat that is to be sent now; nil if the node has no incarnation.
    package mutating func heartbeat(at now: BootTime) -> Heartbeat? {
        guard let incarnation = lifecycle.incarnation else { return nil }
        let beat = lease.send(at: now)
        return Heartbeat(incarnation: incarnation, beat: beat, applied: follower.head)
    }

    package mutating func handle(_ event: Event, at now: BootTime) -> [Action] {
        switch event {
        case .answered(let answer): return take(answer, now)
        case .failed(let beat):
            lease.fail(beat)
            return []
        case .rows(let rows): return chain(follower.receive(rows, verifier: verifier), now)
        case .peer(let node, let head):
            guard state.members[node]?.status == .admitted else { return [] }
            return chain(follower.compare(head), now)
        case .peerTime(let node, let time, let sent, let received):
            clock.hear(.peer(node), time, sent: sent, received: received)
            return []
        case .compared(let head, let own): return chain(follower.compared(head, own: own), now)
        case .loaded(let revision):
            follower.load(revision)
            renew()
            return []
        case .lifecycle(let event): return change(event, now)
        }
    }

    /// Returns the reason why the node does not permit such a call now; nil if it may begin. `now` must be read after all
    /// that the call rests on.
    package func refusal(of action: LeasedAction, at now: ClockReading) -> Refusal? {
        if case .broken(let fault) = follower.status { return .broken(fault) }
        guard follower.isSound else { return .behind }
        guard let incarnation = lifecycle.incarnation, state.mayServe(name, incarnation) else {
            return .notMember
        }
        guard clock.isReady(at: now) else { return .clock }
        return lease.permits(action, at: now.boot) ? nil : .lease
    }

    /// Returns the reason why nothing may be appended, taken or renewed now; nil if it may be asked for.
    package func storeRefusal(at now: ClockReading) -> Refusal? {
        if let refusal = refusal(of: .consequential, at: now) { return refusal }
        return generation.isOpen ? nil : .generation
    }

    private mutating func take(_ answer: Answer, _ now: BootTime) -> [Action] {
        clock.hear(.store, answer.storeTime, sent: answer.sent, received: answer.received)
        let asked = generation.answer(
            answer.generation, isOpen: answer.isOpen, head: answer.head,
            sent: answer.heartbeat.applied, follower)
        var actions: [Action] = []
        for action in asked {
            switch action {
            case .renew:
                lease.answer(
                    answer.heartbeat.beat, head: answer.head?.number ?? 0,
                    applied: follower.isSound ? follower.head.number : -1)
            case .forked(let number):
                actions += chain(follower.forked(at: number), now)
            case .begin, .repair, .fetch, .ignore: actions.append(.generation(action))
            }
        }
        lease.fail(answer.heartbeat.beat)
        return actions
    }

    private mutating func chain(_ done: [ChainFollower.Action], _ now: BootTime) -> [Action] {
        var actions = done.map(Action.chain)
        for action in done {
            switch action {
            case .applied(let entry, .changed): actions += note(entry, now)
            case .haltOrganisation, .stop, .drain: lease.end()
            case .applied, .passed, .fetch, .compare: break
            }
        }
        renew()
        return actions
    }

    /// An entry about this node itself changes its membership.
    private mutating func note(_ entry: ChainEntry, _ now: BootTime) -> [Action] {
        switch entry.statement.content {
        case .narrowing(.expelled(name, let incarnation)):
            return change(.expelled(incarnation), now)
        case .widening(.member, _):
            return state.members[name]?.status == .retired ? change(.retired, now) : []
        case .genesis, .widening, .narrowing: return []
        }
    }

    private mutating func change(_ event: NodeLifecycle.Event, _ now: BootTime) -> [Action] {
        let done = lifecycle.handle(event, at: now)
        if done.contains(.endLease) { lease.end() }
        return done.map(Action.lifecycle)
    }

    private mutating func renew() {
        if follower.isSound { lease.apply(follower.head.number) }
    }
}
