import InterlockCluster
import InterlockModel
import InterlockTesting
import Testing

/// Units that outlast a generation of the store or an incarnation of the node: what is put back, and from what.
struct EscrowRestoringTests {
    private let start = EscrowCase.start

    @Test func `a new generation gets back what it lost, and takes only then`() throws {
        var store = try EscrowCase.joinedStore()
        let kept = store
        var (one, two) = (DirectEscrow(1), DirectEscrow(2))
        for number in 1...2 {
            _ = one.hold(number, EscrowCase.demand(2, of: 7, .exact), at: start, &store)
        }
        _ = one.send(1, at: start, &store)
        _ = one.handle(.tick, at: start, &store)
        _ = one.handle(.tick, at: start, &store)
        #expect(store.taken(EscrowCase.key()) == 4)
        store = kept
        store.restart(generation: EscrowCase.second)
        let now = start + .seconds(1)
        try two.beat(at: now, &store)
        let closed = two.hold(3, EscrowCase.demand(7, of: 7, .exact), at: now, &store)
        #expect(closed == .refuses(3, .storeUnavailable) && !store.isOpen)
        try store.expel(EscrowCase.node(3), .first)
        try one.beat(at: now, &store)
        #expect(store.isOpen && store.taken(EscrowCase.key()) == 4, "ended and open leases")
        try two.beat(at: now, &store)
        let sent = one.send(2, at: now, &store)
        let held = two.hold(4, EscrowCase.demand(3, of: 7, .exact), at: now, &store)
        #expect(sent == [.send(EscrowCase.call(2))] && held == .admits(4))
    }

    @Test func `a lease that the store does not know is put back with its use`() throws {
        var store = try EscrowCase.joinedStore()
        let kept = store
        var node = DirectEscrow(1)
        _ = node.hold(1, EscrowCase.demand(of: 7, .exact), at: start, &store)
        _ = node.send(1, at: start, &store)
        store = kept
        _ = node.handle(.tick, at: start, &store)
        #expect(store.taken(EscrowCase.key()) == 1)
    }

    @Test func `what an earlier incarnation used is put back from the log`() throws {
        var store = try EscrowCase.joinedStore()
        let used = LoggedUnits(key: EscrowCase.key(), used: 6, since: start, until: start)
        try store.join(EscrowCase.node(1), Incarnation.first.next)
        var node = DirectEscrow(1, Incarnation.first.next, logged: [used])
        store.restart(generation: EscrowCase.second)
        try node.beat(at: start, &store)
        #expect(store.taken(EscrowCase.key()) == 6)
    }

    @Test func `the next incarnation learns what this one used`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let demand = EscrowCase.demand(of: 80, .rate)
        for number in 1...3 { _ = node.hold(number, demand, at: start, &store) }
        for number in 1...2 { _ = node.send(number, at: start, &store) }
        let logged = node.node.logged
        #expect(logged.map(\.used) == [2] && logged.map(\.key) == [EscrowCase.key()])
    }

    @Test func `many ended leases are kept as one, with all their units`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let demand = EscrowCase.demand(of: 100_000, seconds: 86_400, .exact)
        for number in 1...300 {
            _ = node.hold(number, demand, at: start, &store)
            _ = node.send(number, at: start, &store)
            if number % 50 == 0 { for _ in 0..<2 { _ = node.handle(.tick, at: start, &store) } }
        }
        let logged = node.node.logged
        #expect(logged.count < 256 && logged.reduce(0) { $0 + $1.used } == 300)
        let later = start + .seconds(86_400 + 60)
        _ = node.handle(.tick, at: later, &store)
        #expect(node.node.logged.isEmpty, "no window contains them any more")
    }
}
