import InterlockJSON
import InterlockLimits
import InterlockModel
import InterlockTesting

@testable import InterlockCluster
@testable import InterlockClusterStore

/// The functions of the store and `EscrowStore`, which are given the same operations at the same times and must answer
/// alike. The clocks of the nodes are hours behind the store's, so they alone decide in which slot all of it happens.
struct UnitTwin {
    private struct Lease {
        let take: UnitTake
        let granted: Int64
        var used: Int64 = 0
        var returned: Int64 = 0
    }

    private let cluster: StoreCluster
    private var random: SeededGenerator
    private var escrow: EscrowStore
    private var generation = 1
    private var now: Timestamp
    private let last: Timestamp
    /// Later than each clock of a node, as the clock of the real store is.
    private let storeClock: Timestamp
    private var leases: [Lease] = []
    /// The requests that were sent, to be repeated.
    private var takes: [UnitTake] = []
    private var numbers: Int64 = 0
    /// The incarnations that ended, by node.
    private var ended: [(node: NodeName, incarnation: Incarnation)] = []
    private(set) var grants = 0
    private(set) var refusals = 0
    private(set) var faults: [String] = []

    private static let most: Int64 = 12
    private static let keys = UnitKey.lengths.map {
        UnitKey(CallCase.agent, LimitWindow(limit: "calls", seconds: $0))
    }

    init(_ cluster: StoreCluster, _ random: SeededGenerator) throws(EscrowRefusal) {
        self.cluster = cluster
        self.random = random
        escrow = EscrowStore(StoreGeneration("1"))
        last = StoreCluster.now - .seconds(60)
        now = last - .seconds(6 * 3600)
        storeClock = last + .seconds(3600)
        for node in cluster.nodes { try escrow.join(node.store.node, node.incarnation) }
    }

    /// One random operation at both.
    mutating func step() async throws {
        pass()
        switch Int.random(in: 0..<100, using: &random) {
        case ..<45: try await take()
        case ..<70: try await report()
        case ..<80: try await putBack()
        case ..<86: try await starve()
        case ..<93: try await expel()
        case ..<97: try await settle()
        default: try await beginGeneration()
        }
    }

    private mutating func pass() {
        let seconds: Int =
            Int.random(in: 0..<12, using: &random) == 0
            ? Int.random(in: 60...900, using: &random) : Int.random(in: 0...5, using: &random)
        now = min(now + .milliseconds(seconds * 1000 + 7), last)
    }

    /// A node, and its clock, which is at most a second off.
    private mutating func node() -> (StoreCluster.Node, Timestamp) {
        let place = Int.random(in: 0..<3, using: &random)
        return (
            cluster.nodes[place],
            now + .milliseconds(Int.random(in: -1000...1000, using: &random))
        )
    }

    /// Compares the results of one operation. A refusal has to be one that the error of the store can mean.
    private mutating func compare<Value: Equatable>(
        _ operation: String, _ ours: Result<Value, ClusterCallFailure>,
        _ model: Result<Value, EscrowRefusal>
    ) {
        switch (ours, model) {
        case (.success(let one), .success(let two)) where one == two: return
        case (.failure(.refused(let refusal, _)), .failure(let expected)):
            refusals += 1
            let isSame =
                switch expected {
                case .expelled: refusal == .expelled
                case .closed: refusal == .notCompared
                case .unfit, .late, .alive: refusal == .closed
                case .unknownLease: false
                }
            if isSame { return }
        case (.success, _), (.failure, _): break
        }
        faults.append("\(operation): the store \(ours), the model \(model)")
    }

    private func result<Value>(
        _ call: () async throws(ClusterCallFailure) -> Value
    ) async -> Result<Value, ClusterCallFailure> {
        do throws(ClusterCallFailure) { return .success(try await call()) } catch {
            return .failure(error)
        }
    }

    private mutating func take() async throws {
        let (node, clock) = node()
        guard let key = Self.keys.randomElement(using: &random) else { return }
        if let again = takes.randomElement(using: &random),
            again.id.node == node.store.node, Bool.random(using: &random)
        {
            return await take(again, node.store)
        }
        numbers += 1
        // Some requests are those that no node sends.
        let isOdd = Int.random(in: 0..<20, using: &random) == 0
        let life: Duration = isOdd ? .seconds(-1) : .seconds(Bool.random(using: &random) ? 30 : 600)
        await take(
            UnitTake(
                id: UnitLeaseID(node.store.node, node.incarnation, numbers), key: key,
                most: Self.most, want: Int64.random(in: (isOdd ? 0 : 1)...6, using: &random),
                until: clock + life, now: clock), node.store)
    }

    private mutating func take(_ take: UnitTake, _ store: ClusterStore) async {
        let isNew = !takes.contains { $0.id == take.id }
        let found = await result { () async throws(ClusterCallFailure) in
            try await store.take([take])[take.id]
        }
        var next = escrow
        let expected = Result { () throws(EscrowRefusal) -> UnitGrant? in
            try next.take(take, at: storeClock)
        }
        escrow = next
        compare("take \(take)", found, expected)
        takes.append(take)
        guard isNew, case .success(let grant?) = found, grant.units > 0 else { return }
        grants += 1
        leases.append(Lease(take: take, granted: grant.units))
    }

    /// A report of a lease, which may be late, doubled or of an incarnation that ended.
    private mutating func report() async throws {
        guard let place = leases.indices.randomElement(using: &random) else { return }
        var lease = leases[place]
        lease.used += Int64.random(in: 0...2, using: &random)
        if Int.random(in: 0..<4, using: &random) == 0 { lease.returned += 1 }
        if Bool.random(using: &random) { leases[place] = lease }
        var report = self.report(of: lease)
        if Int.random(in: 0..<15, using: &random) == 0 {
            report = UnitReport(
                id: report.id, used: -1, returned: 0, isEnded: false, at: report.at,
                now: report.now)
        }
        guard let store = store(of: report.id.node) else { return }
        let isKnown = escrow.keys[report.id] != nil
        let found = await result { () async throws(ClusterCallFailure) in
            try await store.report(report)
        }
        var next = escrow
        let expected = Result { () throws(EscrowRefusal) -> Bool in
            do throws(EscrowRefusal) { try next.report(report, at: storeClock) } catch {
                guard error == .unknownLease else { throw error }
                return false
            }
            // The store also says so of a lease that the report itself is too late for.
            return isKnown && next.keys[report.id] != nil
        }
        escrow = next
        compare("report \(report)", found, expected)
    }

    private mutating func report(of lease: Lease) -> UnitReport {
        UnitReport(
            id: lease.take.id, used: lease.used, returned: lease.returned,
            isEnded: Int.random(in: 0..<5, using: &random) == 0, at: now,
            now: now + .milliseconds(Int.random(in: 0...500, using: &random)))
    }

    private func store(of name: NodeName) -> ClusterStore? {
        cluster.nodes.first { $0.store.node == name }?.store
    }

    private mutating func putBack() async throws {
        guard let lease = leases.randomElement(using: &random) else { return }
        await putBack(lease)
    }

    private mutating func putBack(_ lease: Lease) async {
        let put = UnitPutBack(
            key: lease.take.key, granted: lease.granted, since: lease.take.now,
            until: lease.take.until, report: report(of: lease))
        guard let store = store(of: lease.take.id.node) else { return }
        let found = await result { () async throws(ClusterCallFailure) -> Bool in
            try await store.putBack(put, most: Self.most)
            return true
        }
        var next = escrow
        let expected = Result { () throws(EscrowRefusal) -> Bool in
            try next.putBack(put, at: storeClock)
            return true
        }
        escrow = next
        compare("put back \(put)", found, expected)
    }

    private mutating func starve() async throws {
        let place = Int.random(in: 0..<3, using: &random)
        let keys = Set(Self.keys.filter { _ in Bool.random(using: &random) })
        try await beat(place, starved: keys)
    }

    private mutating func beat(_ place: Int, starved keys: Set<UnitKey>) async throws {
        let answer = try await cluster.beat(place, starved: keys)
        let node = cluster.nodes[place]
        let expected = try escrow.heartbeat(
            of: node.store.node, node.incarnation, starved: keys)
        // The store names the limits of which the node has units.
        let held = expected.starved.filter { key in
            escrow.rows[key]?.leases.values.contains {
                $0.open > 0 && $0.id.node == node.store.node
                    && $0.id.incarnation == node.incarnation
            } ?? false
        }
        if answer.starved != Set(held) || answer.isRestored != expected.isRestored {
            faults.append("heartbeat: the store \(answer), the model \(expected)")
        }
    }

    /// A node is expelled and starts again; before, and later, messages of its old incarnation come.
    private mutating func expel() async throws {
        let place = Int.random(in: 1..<3, using: &random)
        let (name, incarnation) = (
            cluster.nodes[place].store.node, cluster.nodes[place].incarnation
        )
        try await cluster.expel(place)
        try escrow.expel(name, incarnation)
        ended.append((name, incarnation))
        if let lease = leases.last(where: { $0.take.id.node == name }) { await putBack(lease) }
        try await cluster.startAgain(place)
        try escrow.join(name, cluster.nodes[place].incarnation)
    }

    private mutating func settle() async throws {
        let one = cluster.nodes[0]
        // The rows are advanced before by both, since only the store does so when it settles.
        for key in Self.keys {
            numbers += 1
            await take(
                UnitTake(
                    id: UnitLeaseID(one.store.node, one.incarnation, numbers), key: key,
                    most: Self.most, want: 1, until: now + .seconds(30), now: now), one.store)
        }
        let live = (cluster.nodes[1].store.node, cluster.nodes[1].incarnation)
        let dead = Bool.random(using: &random) ? ended.randomElement(using: &random) : nil
        let (node, incarnation) = dead.map { ($0.node, $0.incarnation) } ?? live
        var used: [UnitKey: Int64] = [:]
        for key in Self.keys { used[key] = Int64.random(in: 0...4, using: &random) }
        let settlement = UnitSettlement(
            node: node, incarnation: incarnation, used: used, now: now)
        let found = await result { () async throws(ClusterCallFailure) -> Bool in
            try await one.store.settle(settlement, in: one.incarnation)
            return true
        }
        var next = escrow
        let expected = Result { () throws(EscrowRefusal) -> Bool in
            try next.settle(settlement)
            return true
        }
        escrow = next
        compare("settle \(settlement)", found, expected)
    }

    /// A new generation: nothing is taken until all nodes have put back their leases.
    private mutating func beginGeneration() async throws {
        // The store forgets what starves at a node with its next heartbeat, the model at once.
        for place in 0..<3 { try await beat(place, starved: []) }
        generation += 1
        let next = StoreGeneration(ExactText("\(generation)"))
        try await cluster.nodes[0].store.closeGeneration(in: cluster.nodes[0].incarnation)
        escrow.restart(generation: next)
        for place in 0..<3 {
            try await beat(place, starved: [])
            try await take()
            let node = cluster.nodes[place]
            for lease in leases
            where lease.take.id.node == node.store.node
                && lease.take.id.incarnation == node.incarnation
            { await putBack(lease) }
            try await node.store.finishRestoring(in: node.incarnation)
            try escrow.finishRestoring(node.store.node, node.incarnation, generation: next)
            let isOpen = try await node.store.openGeneration(in: node.incarnation)
            if isOpen != escrow.isOpen { faults.append("generation \(generation): \(isOpen)") }
        }
    }
}
