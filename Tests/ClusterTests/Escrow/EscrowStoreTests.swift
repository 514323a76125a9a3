import InterlockCluster
import InterlockModel
import InterlockTesting
import Testing

/// The store's side of leased units: each function, each refusal, and what becomes of dead nodes and lost commits.
struct EscrowStoreTests {
    private let start = EscrowCase.start
    private let one = EscrowCase.node(1)
    private let two = EscrowCase.node(2)

    private func joinedStore() throws -> EscrowStore {
        var store = EscrowStore(EscrowCase.first)
        try store.join(one, .first)
        try store.join(two, .first)
        return store
    }

    private func take(
        _ node: NodeName, _ number: Int64 = 1, want: Int64, of most: Int64 = 10,
        incarnation: Incarnation = .first, life: Duration = .seconds(30), seconds: Int64 = 60,
        at now: Timestamp? = nil
    ) -> UnitTake {
        let now = now ?? start
        return UnitTake(
            id: UnitLeaseID(node, incarnation, number), key: EscrowCase.key(seconds: seconds),
            most: most, want: want, until: now + life, now: now)
    }

    private func report(
        _ take: UnitTake, used: Int64, returned: Int64 = 0, isEnded: Bool = false,
        at now: Timestamp? = nil
    ) -> UnitReport {
        let now = now ?? take.now
        return UnitReport(
            id: take.id, used: used, returned: returned, isEnded: isEnded, at: now, now: now)
    }

    @Test func `nodes together get no more than the number`() throws {
        var store = try joinedStore()
        let first = try store.take(take(one, want: 7), at: start)
        #expect(first == UnitGrant(units: 7, free: 3, asking: 1))
        let second = try store.take(take(two, want: 7), at: start)
        #expect(second == UnitGrant(units: 3, free: 0, asking: 2))
        let third = try store.take(take(two, 2, want: 1), at: start)
        #expect(third == UnitGrant(units: 0, free: 0, asking: 2))
    }

    @Test func `a repeated request gets what it got, and nothing once it has ended`() throws {
        var store = try joinedStore()
        let request = take(one, want: 4)
        let first = try store.take(request, at: start)
        let again = try store.take(request, at: start + .seconds(1))
        #expect(first.units == 4 && again.units == 4 && again.free == 6)
        try store.report(report(request, used: 0, isEnded: true), at: start)
        let late = try store.take(request, at: start + .seconds(2))
        #expect(late.units == 0 && late.free == 10)
    }

    @Test func `reports are sums: repeated, late and overtaken ones count once`() throws {
        var store = try joinedStore()
        let request = take(one, want: 8)
        _ = try store.take(request, at: start)
        try store.report(report(request, used: 5, returned: 1), at: start)
        #expect(store.taken(request.key) == 7, "five used, two still leased")
        try store.report(report(request, used: 5, returned: 1), at: start)
        try store.report(report(request, used: 2), at: start)
        #expect(store.taken(request.key) == 7)
        try store.report(report(request, used: 6, returned: 1, isEnded: true), at: start)
        #expect(store.taken(request.key) == 6)
    }

    @Test func `a use beyond the lease counts too`() throws {
        var store = try joinedStore()
        let request = take(one, want: 2)
        _ = try store.take(request, at: start)
        try store.report(report(request, used: 9), at: start)
        #expect(store.taken(request.key) == 9)
        let other = try store.take(take(two, want: 5), at: start)
        #expect(other.units == 1)
    }

    @Test func `used units are free once their window has passed`() throws {
        var store = try joinedStore()
        let request = take(one, want: 10)
        _ = try store.take(request, at: start)
        try store.report(report(request, used: 10, isEnded: true), at: start)
        let soon = start + .seconds(62)
        let early = try store.take(take(two, want: 10, at: soon), at: soon)
        #expect(early.units == 0)
        let later = start + .seconds(64)
        let free = try store.take(take(two, 2, want: 10, at: later), at: later)
        #expect(free.units == 10)
    }

    @Test func `a step of one clock frees nothing`() throws {
        var store = try joinedStore()
        let request = take(one, want: 10)
        _ = try store.take(request, at: start)
        try store.report(report(request, used: 10, isEnded: true), at: start)
        let hour = start + .seconds(3_600)
        let ofStore = try store.take(take(two, want: 1), at: hour)
        #expect(ofStore.units == 0)
        let ofNode = try store.take(take(two, 2, want: 1, at: hour), at: start)
        #expect(ofNode.units == 0)
        let back = try store.take(take(two, 3, want: 1), at: start - .seconds(3_600))
        #expect(back.units == 0)
    }

    @Test func `an expelled or earlier incarnation takes, reports and puts back nothing`() throws {
        var store = try joinedStore()
        let request = take(one, want: 4)
        _ = try store.take(request, at: start)
        try store.expel(one, .first)
        let lease = UnitPutBack(
            key: request.key, granted: 4, since: start, until: request.until,
            report: report(request, used: 4))
        #expect(throws: EscrowRefusal.expelled) {
            try store.take(take(one, 2, want: 1), at: start)
        }
        #expect(throws: EscrowRefusal.expelled) {
            try store.report(report(request, used: 1), at: start)
        }
        #expect(throws: EscrowRefusal.expelled) { try store.putBack(lease, at: start) }
        #expect(throws: EscrowRefusal.expelled) { try store.expel(one, .first) }
        #expect(throws: EscrowRefusal.expelled) {
            try store.heartbeat(of: one, .first, starved: [])
        }
        #expect(throws: EscrowRefusal.expelled) {
            try store.take(take(EscrowCase.node(9), want: 1), at: start)
        }
        #expect(store.taken(request.key) == 4, "they count until they are settled")
    }

    @Test func `an incarnation begins once, and never again`() throws {
        var store = try joinedStore()
        #expect(throws: EscrowRefusal.unfit) { try store.join(one, .first) }
        try store.join(one, Incarnation.first.next)
        #expect(throws: EscrowRefusal.unfit) { try store.join(one, .first) }
    }

    @Test func `numbers and times that no node sends are refused`() throws {
        var store = try joinedStore()
        let request = take(one, want: 4)
        _ = try store.take(request, at: start)
        let unfit = [
            take(one, 2, want: 0), take(one, 2, want: -1), take(one, 2, want: .min),
            take(one, 2, want: 1, of: -1), take(one, 0, want: 1),
            take(one, 2, want: 1, life: .zero), take(one, 2, want: 1, life: .seconds(-5)),
            take(one, 2, want: 1, seconds: 61), take(one, 2, want: 1, seconds: 0),
            take(one, 2, want: 1, life: .seconds(32 * 86_400)),
            take(one, 2, want: 1, at: Timestamp(microseconds: -1)),
            take(one, 2, want: 1, at: Timestamp(microseconds: 1 << 61)),
            // The id of another lease.
            take(one, 1, want: 1, seconds: 3_600),
        ]
        for request in unfit {
            #expect(throws: EscrowRefusal.unfit) { try store.take(request, at: start) }
        }
        #expect(throws: EscrowRefusal.unfit) {
            try store.report(report(request, used: -1), at: start)
        }
        #expect(throws: EscrowRefusal.unfit) {
            try store.report(report(request, used: 0, returned: -1), at: start)
        }
        for time in [-1, 1 << 61, .max] as [Int64] {
            let at = Timestamp(microseconds: time)
            #expect(throws: EscrowRefusal.unfit) {
                try store.report(report(request, used: 1, at: at), at: start)
            }
        }
        #expect(throws: EscrowRefusal.unknownLease) {
            try store.report(report(take(one, 7, want: 1), used: 1), at: start)
        }
        #expect(store.taken(request.key) == 4)
    }

    @Test func `numbers at their ends do not wrap`() throws {
        var store = try joinedStore()
        let all = try store.take(take(one, want: .max, of: .max), at: start)
        #expect(all.units == .max)
        try store.report(report(take(one, want: .max, of: .max), used: .max), at: start)
        let more = try store.take(take(two, want: .max, of: .max), at: start)
        #expect(more.units == 0 && store.taken(EscrowCase.key()) == .max)
    }

    @Test func `a lease that would have ended is not granted`() throws {
        var store = try joinedStore()
        let late = start + .seconds(100)
        _ = try store.take(take(two, want: 1, at: late), at: late)
        #expect(throws: EscrowRefusal.late) { try store.take(take(one, want: 1), at: start) }
    }

    @Test func `units of a dead node return when its log is read`() throws {
        var store = try joinedStore()
        let first = take(one, want: 6)
        let second = take(one, 2, want: 4, life: .seconds(40))
        _ = try store.take(first, at: start)
        _ = try store.take(second, at: start)
        let settlement = UnitSettlement(
            node: one, incarnation: .first, used: [first.key: 3], now: start)
        #expect(throws: EscrowRefusal.alive) { try store.settle(settlement) }
        try store.expel(one, .first)
        #expect(store.leasesToSettle(of: one, .first).map { $0.lease.granted } == [6, 4])
        let before = try store.take(take(two, want: 10), at: start)
        #expect(before.units == 0)
        try store.settle(settlement)
        #expect(store.leasesToSettle(of: one, .first).isEmpty)
        let after = try store.take(take(two, 2, want: 10), at: start)
        #expect(after.units == 7)
        // The three count as if they were used at the end of the second lease: the log does not say of which they were.
        let later = start + .seconds(100)
        let still = try store.take(take(two, 3, want: 10, at: later), at: later)
        #expect(still.units == 7)
    }

    @Test func `a settlement of a negative number is refused`() throws {
        var store = try joinedStore()
        let request = take(one, want: 6)
        _ = try store.take(request, at: start)
        try store.expel(one, .first)
        #expect(throws: EscrowRefusal.unfit) {
            try store.settle(
                UnitSettlement(
                    node: one, incarnation: .first, used: [request.key: -1], now: start))
        }
        #expect(store.taken(request.key) == 6)
    }

    @Test func `units of a dead node return a window after the lease if no log is read`() throws {
        var store = try joinedStore()
        _ = try store.take(take(one, want: 10), at: start)
        try store.expel(one, .first)
        let window = start + .seconds(30 + 60)
        let before = try store.take(take(two, want: 1, at: window), at: window)
        #expect(before.units == 0)
        let after = window + .seconds(3)
        let free = try store.take(take(two, 2, want: 10, at: after), at: after)
        #expect(free.units == 10)
    }

    @Test func `a starved limit is named to the others, until its node names it no more`() throws {
        var store = try joinedStore()
        let key = EscrowCase.key()
        let own = try store.heartbeat(of: one, .first, starved: [key])
        let other = try store.heartbeat(of: two, .first, starved: [])
        #expect(own.starved.isEmpty && other.starved == [key])
        let grant = try store.take(take(two, want: 2), at: start)
        #expect(grant.asking == 2, "the one that starves counts")
        _ = try store.heartbeat(of: one, .first, starved: [])
        let after = try store.heartbeat(of: two, .first, starved: [])
        #expect(after.starved.isEmpty)
    }

    @Test func `nothing is taken in a new generation until each node has put back its leases`()
        throws
    {
        var store = try joinedStore()
        let kept = store
        let request = take(one, want: 8)
        _ = try store.take(request, at: start)
        try store.report(report(request, used: 5), at: start)
        // A failover that lost both commits.
        store = kept
        store.restart(generation: EscrowCase.second)
        #expect(!store.isOpen)
        #expect(throws: EscrowRefusal.closed) { try store.take(take(two, want: 1), at: start) }
        try store.finishRestoring(two, .first, generation: EscrowCase.second)
        #expect(throws: EscrowRefusal.closed) {
            try store.finishRestoring(one, .first, generation: EscrowCase.first)
        }
        #expect(throws: EscrowRefusal.closed) { try store.take(take(two, want: 1), at: start) }
        let lease = UnitPutBack(
            key: request.key, granted: 8, since: start, until: request.until,
            report: report(request, used: 5))
        try store.putBack(lease, at: start)
        try store.putBack(lease, at: start)
        try store.finishRestoring(one, .first, generation: EscrowCase.second)
        #expect(store.isOpen)
        let grant = try store.take(take(two, want: 5), at: start)
        #expect(grant.units == 2, "five used and three leased, once")
    }

    @Test func `a silent node does not keep a generation closed once it is expelled`() throws {
        var store = try joinedStore()
        store.restart(generation: EscrowCase.second)
        try store.finishRestoring(two, .first, generation: EscrowCase.second)
        #expect(!store.isOpen)
        try store.expel(one, .first)
        #expect(store.isOpen)
        // It comes back with what its log shows.
        try store.join(one, Incarnation.first.next)
        #expect(!store.isOpen)
    }

    @Test func `an unfit lease is not put back`() throws {
        var store = try joinedStore()
        let request = take(one, want: 8)
        _ = try store.take(request, at: start)
        let leases = [
            UnitPutBack(
                key: EscrowCase.key(seconds: 61), granted: 8, since: start, until: request.until,
                report: report(take(one, 2, want: 1), used: 5)),
            UnitPutBack(
                key: request.key, granted: 0, since: start, until: request.until,
                report: report(take(one, 2, want: 1), used: 5)),
            UnitPutBack(
                key: EscrowCase.key(seconds: 3_600), granted: 8, since: start,
                until: request.until, report: report(request, used: 5)),
        ]
        for lease in leases {
            #expect(throws: EscrowRefusal.unfit) { try store.putBack(lease, at: start) }
        }
        #expect(store.taken(request.key) == 8)
    }
}
