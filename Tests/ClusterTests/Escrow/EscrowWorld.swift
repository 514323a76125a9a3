import InterlockCluster
import InterlockJSON
import InterlockLimits
import InterlockModel
import InterlockTesting

/// Three nodes and a store in virtual time: messages are delivered in any order, twice or not at all, nodes die and
/// come back, clocks are off and step, and failovers lose commits.
///
/// Faults that the protocol does not claim to survive are left out: no commit is lost together with the node that made
/// it, and the clocks of nodes are at most a second off.
struct EscrowWorld {
    private struct Member {
        let name: NodeName
        var incarnation = Incarnation.first
        /// The distance of the wall clock from the true time.
        var offset: Duration
        var escrow: EscrowNode
        var isDead = false
        /// The units that calls used, by the wall clock of the node.
        var log: [(at: Timestamp, units: Int64)] = []
    }

    private enum Message {
        case toStore(Int, Incarnation, EscrowAction)
        case beat(Int, Incarnation, Set<UnitKey>)
        case toNode(Int, Incarnation, EscrowEvent)
    }

    private var random: SeededGenerator
    private let margins: EscrowMargins
    /// The length of the window, and the most units in it.
    let seconds: Int64
    let most: Int64
    private let key: UnitKey
    private var now = EscrowCase.start
    private var storeOffset = Duration.zero
    private var store: EscrowStore
    /// The store as it was some time ago: what a failover goes back to.
    private var standby: EscrowStore?
    private var generation = 1
    private var members: [Member] = []
    private var messages: [Message] = []
    private var calls = 0
    /// The calls that have their units, with the incarnation that admitted them.
    private var admitted: [(node: Int, incarnation: Incarnation, call: CallID)] = []
    private var units: [CallID: Int64] = [:]
    private var uses: [(at: Timestamp, units: Int64)] = []
    /// The units used in all.
    private(set) var used: Int64 = 0
    /// The most units that any window had.
    private(set) var worst: Int64 = 0
    private(set) var failovers = 0

    init(seed: UInt64, margins: EscrowMargins = EscrowMargins()) throws(EscrowRefusal) {
        var random = SeededGenerator(seed: seed)
        let (lengths, numbers): ([Int64], [Int64]) = ([1, 60, 3_600], [1, 3, 8, 20, 100])
        seconds = lengths.randomElement(using: &random) ?? 60
        most = numbers.randomElement(using: &random) ?? 8
        key = EscrowCase.key(seconds: seconds)
        store = EscrowStore(StoreGeneration("1"), margins: margins)
        self.margins = margins
        for number in 1...3 {
            let name = EscrowCase.node(number)
            let offset = Duration.microseconds(
                Int64.random(in: -1_000_000...1_000_000, using: &random))
            members.append(
                Member(
                    name: name, offset: offset,
                    escrow: EscrowNode(
                        name, .first, at: DirectEscrow.reading(EscrowCase.start, offset),
                        margins: margins)))
            try store.join(name, .first)
        }
        self.random = random
    }

    /// Does one thing at random.
    mutating func step() {
        let node = Int.random(in: 0..<3, using: &random)
        switch Int.random(in: 0..<1_000, using: &random) {
        case ..<120: pass()
        case ..<350: hold(node)
        case ..<500: sendOrGiveBack()
        case ..<780: deliver()
        case ..<860: tick(node)
        case ..<866:
            let hours = Int64.random(in: -1...1, using: &random)
            let step = Int64.random(in: -5_000_000...5_000_000, using: &random)
            storeOffset = Duration.microseconds(3_600_000_000 * hours + step)
        case ..<880:
            members[node].offset = .microseconds(
                Int64.random(in: -1_000_000...1_000_000, using: &random))
        case ..<882:
            if !members[node].isDead {
                members[node].isDead = true
                standby = nil
            }
        case ..<930: revive(node)
        case ..<940: replicate()
        case ..<942: failOver()
        default: break
        }
    }

    private mutating func pass() {
        let longest = [50_000, 100_000, 2_000_000, max(1, seconds * 1_000_000 / 3)]
            .randomElement(using: &random)
        now = now + .microseconds(Int64.random(in: 0...(longest ?? 1), using: &random))
    }

    private func reading(_ node: Int) -> ClockReading {
        DirectEscrow.reading(now, members[node].offset)
    }

    /// Gives a node an event, and does what follows.
    private mutating func handle(_ event: EscrowEvent, _ node: Int) {
        let reading = reading(node)
        for action in members[node].escrow.handle(event, at: reading) {
            switch action {
            case .take, .report, .putBack, .finishRestoring:
                messages.append(.toStore(node, members[node].incarnation, action))
            case .admit(let call):
                admitted.append((node, members[node].incarnation, call))
            case .send(let call): use(units[call] ?? 0, by: node)
            case .refuse: break
            }
        }
    }

    private mutating func use(_ count: Int64, by node: Int) {
        members[node].log.append((reading(node).wall, count))
        used += count
        let (first, length) = (now, Duration.seconds(seconds))
        uses.append((now, count))
        uses.removeAll { first - $0.at > length }
        worst = max(worst, uses.reduce(0) { $0 + $1.units })
    }

    private mutating func hold(_ node: Int) {
        guard !members[node].isDead else { return }
        calls += 1
        let call = EscrowCase.call(calls)
        let amount = Int64.random(in: 1...min(3, most), using: &random)
        let isExact = most < EscrowTimes.leastShared || Bool.random(using: &random)
        units[call] = amount
        let life = [2, 10, 100].randomElement(using: &random) ?? 10
        let demand = EscrowCase.demand(
            amount, of: most, seconds: seconds, isExact ? .exact : .rate)
        handle(
            .hold(
                EscrowHold(
                    call: call, agent: EscrowCase.agent, demands: [demand],
                    end: reading(node).boot + .seconds(life))), node)
    }

    private mutating func sendOrGiveBack() {
        guard !admitted.isEmpty else { return }
        let chosen = admitted.remove(at: Int.random(in: admitted.indices, using: &random))
        let member = members[chosen.node]
        guard !member.isDead, member.incarnation == chosen.incarnation else { return }
        let isSent = Int.random(in: 0..<100, using: &random) < 85
        handle(isSent ? .send(chosen.call) : .giveBack(chosen.call), chosen.node)
    }

    private mutating func tick(_ node: Int) {
        guard !members[node].isDead else { return }
        handle(.tick, node)
        let starved = members[node].escrow.starved(at: reading(node))
        messages.append(.beat(node, members[node].incarnation, starved))
    }

    /// Delivers any message. One to the store may be delivered once more later; an answer may be lost.
    private mutating func deliver() {
        guard !messages.isEmpty else { return }
        let place = Int.random(in: messages.indices, using: &random)
        let message = messages[place]
        let isRepeated = Int.random(in: 0..<100, using: &random) < 8
        let isLost = Int.random(in: 0..<100, using: &random) < 12
        switch message {
        case .toNode(let node, let incarnation, let event):
            messages.remove(at: place)
            let member = members[node]
            guard !member.isDead, member.incarnation == incarnation else { return }
            handle(event, node)
        case .beat(let node, let incarnation, let starved):
            messages.remove(at: place)
            guard
                let heartbeat = try? store.heartbeat(
                    of: members[node].name, incarnation, starved: starved), !isLost
            else { return }
            messages.append(.toNode(node, incarnation, .heartbeat(heartbeat)))
        case .toStore(let node, let incarnation, let action):
            if !isRepeated { messages.remove(at: place) }
            var answer = perform(action, members[node].name, incarnation)
            if isLost { answer = action.failure }
            if let answer { messages.append(.toNode(node, incarnation, answer)) }
        }
    }

    private mutating func perform(
        _ action: EscrowAction, _ name: NodeName, _ incarnation: Incarnation
    ) -> EscrowEvent? {
        guard case .finishRestoring(let generation) = action else {
            return action.perform(on: &store, members[0].escrow, at: now + storeOffset)
        }
        try? store.finishRestoring(name, incarnation, generation: generation)
        return nil
    }

    /// Expels a dead node, reads its log, or starts it again.
    private mutating func revive(_ node: Int) {
        let member = members[node]
        guard member.isDead else { return }
        let choice = Int.random(in: 0..<10, using: &random)
        if choice < 4 {
            guard (try? store.expel(member.name, member.incarnation)) != nil else { return }
            standby = nil
        } else if choice < 6 {
            settle(member)
        } else if choice < 8 {
            start(node)
        }
    }

    private mutating func settle(_ member: Member) {
        let leases = store.leasesToSettle(of: member.name, member.incarnation)
        guard let since = leases.map({ $0.lease.since }).min() else { return }
        // The clock of the node may have stepped back by two seconds since.
        let used = member.log.filter { $0.at >= since - .seconds(2) }.reduce(0) { $0 + $1.units }
        try? store.settle(
            UnitSettlement(
                node: member.name, incarnation: member.incarnation, used: [key: used],
                now: now + member.offset))
    }

    private mutating func start(_ node: Int) {
        let member = members[node]
        var next = member.incarnation.next
        if (try? store.join(member.name, next)) == nil {
            next = next.next
            guard (try? store.join(member.name, next)) != nil else { return }
        }
        standby = nil
        let wall = reading(node).wall
        let logged = member.log.reduce(0) { $0 + $1.units }
        members[node].incarnation = next
        members[node].isDead = false
        members[node].escrow = EscrowNode(
            member.name, next, at: reading(node),
            logged: [
                LoggedUnits(
                    key: key, used: logged, since: wall - .seconds(seconds), until: wall)
            ], margins: margins)
    }

    private mutating func replicate() {
        guard store.isOpen, !members.contains(where: \.isDead) else { return }
        let isNew = standby == nil || Int.random(in: 0..<100, using: &random) < 3
        if isNew { standby = store }
    }

    /// Begins a new generation, with the commits lost that the standby does not have.
    private mutating func failOver() {
        failovers += 1
        generation += 1
        if let standby { store = standby }
        standby = nil
        store.restart(generation: StoreGeneration(ExactText("\(generation)")))
    }
}

extension EscrowAction {
    /// The event of the node if the answer is lost.
    fileprivate var failure: EscrowEvent? {
        switch self {
        case .take(let take): .takeFailed(take.id)
        case .report(let report): .reportFailed(report, nil)
        case .putBack(let lease): .restoreFailed(lease)
        case .finishRestoring, .admit, .send, .refuse: nil
        }
    }
}
