import InterlockCluster
import InterlockLimits
import InterlockModel
import InterlockTesting
import Testing

/// The node's side of leased units, with a store that answers at once unless it is cut off.
struct EscrowNodeTests {
    private let start = EscrowCase.start

    @Test func `an exact call leases its own units, and returns them if it is not sent`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let demand = EscrowCase.demand(5, of: 7, .exact)
        let held = node.hold(1, demand, at: start, &store)
        #expect(held == .admits(1) && store.taken(EscrowCase.key()) == 5)
        let second = node.hold(2, demand, at: start, &store)
        #expect(second != .admits(2))
        _ = node.handle(.giveBack(EscrowCase.call(1)), at: start, &store)
        _ = node.handle(.tick, at: start, &store)
        #expect(store.taken(EscrowCase.key()) == 0)
        let third = node.hold(3, demand, at: start, &store)
        let sent = node.send(3, at: start, &store)
        _ = node.handle(.tick, at: start, &store)
        #expect(third == .admits(3) && sent == [.send(EscrowCase.call(3))])
        #expect(store.taken(EscrowCase.key()) == 5)
    }

    @Test func `an exact call that the others leave no units is refused, and its limit starves`()
        throws
    {
        var store = try EscrowCase.joinedStore()
        var (one, two) = (DirectEscrow(1), DirectEscrow(2))
        let demand = EscrowCase.demand(5, of: 7, .exact)
        let held = one.hold(1, demand, at: start, &store)
        let refused = two.hold(2, demand, at: start, &store)
        #expect(held == .admits(1) && refused == .refuses(2, .leaseWait(demand.demand)))
        #expect(two.node.starved(at: DirectEscrow.reading(start, .zero)) == [EscrowCase.key()])
        _ = two.handle(.tick, at: start, &store)
        #expect(store.taken(EscrowCase.key()) == 5, "a part of its units does not stay leased")
    }

    @Test func `a used limit is exceeded, wherever it was used`() throws {
        var store = try EscrowCase.joinedStore()
        var (one, two) = (DirectEscrow(1), DirectEscrow(2))
        let demand = EscrowCase.demand(of: 1, .exact)
        _ = one.hold(1, demand, at: start, &store)
        _ = one.send(1, at: start, &store)
        _ = one.handle(.tick, at: start, &store)
        let other = two.hold(2, demand, at: start + .seconds(1), &store)
        #expect(
            other
                == .refuses(
                    2, .exceeded(LimitExceeded(demand: demand.demand, taken: 1, free: nil))))
        let own = one.hold(3, demand, at: start + .seconds(1), &store)
        guard case .refuse(_, .exceeded(let exceeded)) = own.first else {
            Issue.record("\(own)")
            return
        }
        #expect(exceeded.free != nil, "the node's own window says when it fits")
    }

    @Test func `a batch is a quarter of what is free, shared by the nodes that ask`() throws {
        var store = try EscrowCase.joinedStore()
        var (one, two) = (DirectEscrow(1), DirectEscrow(2))
        let demand = EscrowCase.demand(of: 80, .rate)
        let held = one.hold(1, demand, at: start, &store)
        #expect(held == .admits(1) && store.taken(EscrowCase.key()) == 20)
        let other = two.hold(2, demand, at: start, &store)
        #expect(other == .admits(2) && store.taken(EscrowCase.key()) == 40)
        // It knows now that 40 are free and two nodes ask: 40 / (4 x 2).
        for number in 10..<19 { _ = two.hold(number, demand, at: start, &store) }
        #expect(store.taken(EscrowCase.key()) == 45, "topped up at half")
    }

    @Test func `calls from a batch ask the store nothing`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let demand = EscrowCase.demand(of: 400, .rate)
        _ = node.hold(1, demand, at: start, &store)
        node.isCutOff = true
        for number in 2..<40 {
            let held = node.hold(number, demand, at: start, &store)
            let sent = node.send(number, at: start, &store)
            #expect(held == .admits(number) && sent == [.send(EscrowCase.call(number))])
        }
        #expect(node.lost.isEmpty)
    }

    @Test func `an agent's first use is asked for before its call`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let limit = EscrowCase.demand(of: 80, .rate).demand
        let small = EscrowCase.demand(of: 7, seconds: 3_600, .exact).demand
        let events = node.handle(
            .identify(EscrowCase.agent, [limit, small]), at: start, &store)
        #expect(events.isEmpty && store.taken(EscrowCase.key()) == 20)
        #expect(store.taken(EscrowCase.key(seconds: 3_600)) == 0, "an exact limit is not")
        _ = node.handle(.identify(EscrowCase.agent, [limit]), at: start, &store)
        #expect(store.taken(EscrowCase.key()) == 20, "it has units")
    }

    @Test func `a call waits 100 ms for units that others hold`() throws {
        var store = try EscrowCase.joinedStore()
        var (one, two) = (DirectEscrow(1), DirectEscrow(2))
        let demand = EscrowCase.demand(of: 8, .rate)
        // One call of eight units leases them all.
        _ = one.hold(1, EscrowCase.demand(8, of: 8, .rate), at: start, &store)
        let waits = two.hold(2, demand, at: start, &store)
        let soon = two.handle(.tick, at: start + .milliseconds(99), &store)
        #expect(waits.isEmpty && soon.isEmpty)
        let late = two.handle(.tick, at: start + .milliseconds(100), &store)
        #expect(late == .refuses(2, .leaseWait(demand.demand)))
    }

    @Test func `holders return half of what they do not use, and the one that starves gets it`()
        throws
    {
        var store = try EscrowCase.joinedStore()
        var (one, two) = (DirectEscrow(1), DirectEscrow(2))
        _ = one.hold(1, EscrowCase.demand(8, of: 8, .rate), at: start, &store)
        _ = one.handle(.giveBack(EscrowCase.call(1)), at: start, &store)
        let demand = EscrowCase.demand(of: 8, .rate)
        _ = two.hold(2, demand, at: start, &store)
        try two.beat(at: start + .milliseconds(10), &store)
        try one.beat(at: start + .milliseconds(20), &store)
        #expect(store.taken(EscrowCase.key()) == 4)
        _ = two.handle(.tick, at: start + .milliseconds(150), &store)
        let again = two.hold(3, demand, at: start + .milliseconds(200), &store)
        #expect(again == .admits(3))
    }

    @Test func `nothing of a lease is used from a second before its end, by either clock`() throws {
        for step in [Duration.zero, .seconds(-10)] {
            var store = try EscrowCase.joinedStore()
            var node = DirectEscrow(1)
            let demand = EscrowCase.demand(of: 80, .rate)
            _ = node.hold(1, demand, at: start, &store)
            _ = node.hold(2, demand, at: start, &store)
            // The wall clock is set back meanwhile: the boot clock ends the lease.
            node.offset = step
            let last = start + .seconds(29) - .microseconds(1)
            let sent = node.send(1, at: last, &store)
            let late = node.send(2, at: start + .seconds(29), &store)
            #expect(sent == [.send(EscrowCase.call(1))] && late == .refuses(2, .leaseEnded))
        }
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        _ = node.hold(1, EscrowCase.demand(of: 80, .rate), at: start, &store)
        node.offset = .seconds(40)
        let ahead = node.send(1, at: start + .seconds(1), &store)
        #expect(ahead == .refuses(1, .leaseEnded), "the wall clock ends it too")
    }

    @Test func `a lease that ends returns what was not used`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let demand = EscrowCase.demand(of: 80, .rate)
        _ = node.hold(1, demand, at: start, &store)
        _ = node.send(1, at: start, &store)
        #expect(store.taken(EscrowCase.key()) == 20)
        _ = node.handle(.tick, at: start + .seconds(29), &store)
        #expect(store.taken(EscrowCase.key()) == 1)
    }

    @Test func `a report that was lost is repeated`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        _ = node.hold(1, EscrowCase.demand(of: 1, .exact), at: start, &store)
        _ = node.send(1, at: start, &store)
        node.isCutOff = true
        _ = node.handle(.tick, at: start, &store)
        _ = node.handle(.tick, at: start + .seconds(1), &store)
        #expect(node.lost.count == 1, "its answer may still come")
        node.isCutOff = false
        _ = node.handle(.tick, at: start + .seconds(2), &store)
        let settled = store.leasesToSettle(of: EscrowCase.node(1), .first)
        #expect(settled.isEmpty && store.taken(EscrowCase.key()) == 1)
    }

    @Test func `without the store exact limits and units not held are refused at once`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let demand = EscrowCase.demand(of: 80, .rate)
        _ = node.hold(1, demand, at: start, &store)
        _ = node.handle(.store(isReachable: false), at: start, &store)
        let held = node.hold(2, demand, at: start, &store)
        let exact = node.hold(3, EscrowCase.demand(of: 80, .exact), at: start, &store)
        let other = node.hold(
            4, EscrowCase.demand(of: 80, seconds: 3_600, .rate), at: start, &store)
        #expect(held == .admits(2))
        #expect(exact == .refuses(3, .storeUnavailable))
        #expect(other == .refuses(4, .storeUnavailable))
    }

    @Test func `a request of unknown outcome is refused, and what it leased is returned`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        node.isCutOff = true
        _ = node.hold(1, EscrowCase.demand(5, of: 7, .exact), at: start, &store)
        guard case .take(let take) = node.lost.first else {
            Issue.record("\(node.lost)")
            return
        }
        // The store did it, and the answer was lost.
        let grant = try store.take(take, at: start)
        node.isCutOff = false
        let failed = node.handle(.takeFailed(take.id), at: start, &store)
        #expect(failed == .refuses(1, .storeUnavailable) && store.taken(take.key) == 5)
        _ = node.handle(.tick, at: start, &store)
        #expect(store.taken(take.key) == 0)
        let late = node.handle(.taken(take.id, grant), at: start, &store)
        #expect(late.isEmpty && store.taken(take.key) == 0)
    }

    @Test func `a second answer ends no lease that is used`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        node.isCutOff = true
        _ = node.hold(1, EscrowCase.demand(of: 1, .exact), at: start, &store)
        guard case .take(let take) = node.lost.first else {
            Issue.record("\(node.lost)")
            return
        }
        let grant = try store.take(take, at: start)
        node.isCutOff = false
        let first = node.handle(.taken(take.id, grant), at: start, &store)
        let second = node.handle(.taken(take.id, grant), at: start, &store)
        #expect(first == .admits(1) && second.isEmpty && store.taken(take.key) == 1)
    }

    @Test func `a node uses no more than the number by itself, whatever the store says`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let most: Int64 = 8
        var sent = 0
        node.isCutOff = true
        for number in 1...40 {
            _ = node.hold(number, EscrowCase.demand(of: most, .exact), at: start, &store)
            guard case .take(let take) = node.lost.popLast() else { continue }
            // A store that counts nothing.
            let lie = UnitGrant(units: 1_000, free: 1_000, asking: 1)
            _ = node.handle(.taken(take.id, lie), at: start, &store)
            if node.send(number, at: start, &store) == [.send(EscrowCase.call(number))] {
                sent += 1
            }
        }
        #expect(sent == 8)
    }

    @Test func `a node whose clock is off or whose incarnation ended uses nothing`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let demand = EscrowCase.demand(of: 80, .rate)
        _ = node.hold(1, demand, at: start, &store)
        _ = node.hold(2, demand, at: start, &store)
        _ = node.handle(.clock(isWithinBound: false), at: start, &store)
        let held = node.hold(3, demand, at: start, &store)
        let sent = node.send(1, at: start, &store)
        #expect(held == .refuses(3, .notReady) && sent == .refuses(1, .notReady))
        _ = node.handle(.clock(isWithinBound: true), at: start, &store)
        _ = node.handle(.expelled, at: start, &store)
        let last = node.send(2, at: start, &store)
        #expect(last == .refuses(2, .notReady) && !node.node.isReady)
    }

    @Test func `demands that no policy makes are refused`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        for demand in [
            EscrowCase.demand(-1, of: 80, .rate), EscrowCase.demand(of: -1, .rate),
            EscrowCase.demand(of: .max, .rate),
            EscrowCase.demand(of: 80, seconds: 0, .rate),
            EscrowCase.demand(of: 80, seconds: 61, .exact),
        ] {
            let held = node.hold(1, demand, at: start, &store)
            #expect(held == .refuses(1, .unfit))
        }
        let late = node.hold(
            1, EscrowCase.demand(of: 80, .exact), for: .seconds(1), at: start, &store)
        #expect(late == .refuses(1, .leaseEnded), "it would end before it could be used")
        let far = node.hold(
            1, EscrowCase.demand(of: 80, .exact), for: .seconds(32 * 86_400), at: start, &store)
        #expect(far == .refuses(1, .unfit))
        let unknown = node.send(9, at: start, &store)
        #expect(unknown == .refuses(9, .unfit))
        let none = node.hold(1, EscrowCase.demand(0, of: 80, .exact), at: start, &store)
        #expect(none == .admits(1), "no units need no lease")
    }

    @Test func `a second request of one call changes nothing`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let demand = EscrowCase.demand(of: 7, .exact)
        _ = node.hold(1, demand, at: start, &store)
        let second = node.hold(1, demand, at: start, &store)
        #expect(second.isEmpty && store.taken(EscrowCase.key()) == 1)
    }

    @Test func `all units of a call, or none`() throws {
        var store = try EscrowCase.joinedStore()
        var node = DirectEscrow(1)
        let hour = EscrowCase.demand(of: 1, seconds: 3_600, .exact)
        _ = node.hold(1, hour, at: start, &store)
        _ = node.send(1, at: start, &store)
        _ = node.handle(.tick, at: start, &store)
        var other = DirectEscrow(2)
        let both = EscrowHold(
            call: EscrowCase.call(2), agent: EscrowCase.agent,
            demands: [EscrowCase.demand(of: 80, .rate), hour],
            end: BootTime(microseconds: start.microseconds) + .seconds(30))
        let refused = other.handle(.hold(both), at: start, &store)
        guard case .refuse(_, .exceeded(let exceeded)) = refused.first else {
            Issue.record("\(refused)")
            return
        }
        #expect(exceeded.demand == hour.demand && refused.count == 1)
        // The units of the batch serve the next call.
        other.isCutOff = true
        let next = other.hold(3, EscrowCase.demand(20, of: 80, .rate), at: start, &store)
        #expect(next == .admits(3))
    }
}
