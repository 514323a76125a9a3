import InterlockCluster
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockLeasedLimits

/// Leases of units as one of several nodes has them, with the store as values.
@Suite(.requirement("R110"), .timeLimit(.minutes(5))) struct LeasedLimitsTests {
    private let clock = SteppedClock(LimitedCase.start, runs: false)

    private func failure(
        _ limits: LeasedLimits, _ call: LimitedCall
    ) async -> LimitUnitsFailure? {
        await thrown { _ = try await limits.hold(call) }
    }

    private func failure(_ limits: LeasedLimits, sending held: LimitReservation) async
        -> LimitUnitsFailure?
    {
        await thrown { try limits.send(held) }
    }

    @Test func `a node with unused units returns half of them to one that starves`() async throws {
        let store = MemoryUnitStore(clock)
        let (one, two) = (try store.join(1), try store.join(2))
        // It leases all units, and uses none of them.
        var held: [LimitReservation] = []
        for _ in 0..<8 {
            held.append(
                try #require(await one.held(LimitedCase.call(of: 8, at: clock.boot))))
        }
        for reservation in held { one.giveBack(reservation) }
        #expect(await one.settle())
        #expect(store.taken == 8)

        let call = LimitedCase.call(of: 8, at: clock.boot)
        async let refused = failure(two, call)
        #expect(await eventually { two.starved == [LimitedCase.key] })
        clock.step(.milliseconds(150))
        #expect(await refused == .leaseWait(limit: "calls"))
        try store.beat(2, two)
        try store.beat(1, one)
        #expect(await eventually { store.taken == 4 })
        for _ in 0..<4 {
            _ = try #require(await two.held(LimitedCase.call(of: 8, at: clock.boot)))
        }
        #expect(store.taken == 8)
    }

    @Test func `a call that is not sent before its lease ends is refused`() async throws {
        let store = MemoryUnitStore(clock)
        let limits = try store.join(1)
        let held = try #require(await limits.held(LimitedCase.call(of: 25, at: clock.boot)))
        clock.step(.milliseconds(28_990))
        let late = try #require(await limits.held(LimitedCase.call(of: 25, at: clock.boot)))
        clock.step(.milliseconds(20))
        #expect(
            await failure(limits, sending: held) == .leaseWait(limit: "calls"),
            "a second before its end")
        limits.giveBack(held)
        limits.giveBack(late)
        #expect(await limits.settle())
    }

    @Test func `after a new generation each lease is put back before units are taken`()
        async throws
    {
        let store = MemoryUnitStore(clock)
        let limits = try store.join(1)
        let earlier = store.copy
        let held = try #require(await limits.held(LimitedCase.call(of: 25, at: clock.boot)))
        try limits.send(held)
        #expect(await limits.settle())
        let taken = store.taken
        #expect(taken > 0)
        store.failOver(to: earlier)
        #expect(store.taken == 0)
        let exact = LimitedCase.call(of: 25, isExact: true, at: clock.boot)
        #expect(await failure(limits, exact) == .storeUnavailable)
        try store.beat(1, limits)
        #expect(await eventually { store.copy.isOpen })
        #expect(store.taken == taken)
        try store.beat(1, limits)
        let next = LimitedCase.call(of: 25, isExact: true, at: clock.boot)
        #expect(await limits.held(next) != nil)
    }

    @Test func `an expelled node sends nothing, and its next incarnation knows what it used`()
        async throws
    {
        let store = MemoryUnitStore(clock)
        let limits = try store.join(1)
        let sent = try #require(await limits.held(LimitedCase.call(of: 8, at: clock.boot)))
        try limits.send(sent)
        let held = try #require(await limits.held(LimitedCase.call(of: 8, at: clock.boot)))
        limits.noteExpelled()
        #expect(await failure(limits, sending: held) == .storeUnavailable)
        let call = LimitedCase.call(of: 8, at: clock.boot)
        #expect(await failure(limits, call) == .storeUnavailable)

        let name = LimitedCase.node(1)
        let next = Incarnation.first.next.next
        try store.change { escrow throws(EscrowRefusal) in
            try escrow.expel(name, .first)
            try escrow.join(name, next)
        }
        limits.begin(next)
        #expect(await failure(limits, sending: held) != nil, "it is of the first incarnation")
        limits.giveBack(held)
        let large = LimitedCase.call(of: 8, 8, isExact: true, at: clock.boot)
        guard case .exceeded(let exceeded) = try await limits.hold(large) else {
            Issue.record("the use of the first incarnation is forgotten")
            return
        }
        #expect(exceeded.taken == 1)
        #expect(await limits.held(LimitedCase.call(of: 8, at: clock.boot)) != nil)
    }

    @Test func `a node that stops returns what it did not use`() async throws {
        let store = MemoryUnitStore(clock)
        let limits = try store.join(1)
        let sent = try #require(await limits.held(LimitedCase.call(of: 25, at: clock.boot)))
        try limits.send(sent)
        let held = try #require(await limits.held(LimitedCase.call(of: 25, at: clock.boot)))
        #expect(store.taken > 2)
        await limits.close(within: .seconds(120))
        #expect(store.taken == 1)
        #expect(await failure(limits, sending: held) == .storeUnavailable)
        let call = LimitedCase.call(of: 25, at: clock.boot)
        #expect(await failure(limits, call) == .storeUnavailable)
    }

    @Test func `while the store is silent only units at hand are used`() async throws {
        let store = MemoryUnitStore(clock)
        let limits = try store.join(1)
        let first = try #require(await limits.held(LimitedCase.call(of: 25, at: clock.boot)))
        #expect(await limits.settle())
        store.fallSilent()
        let exact = LimitedCase.call(of: 25, isExact: true, at: clock.boot)
        #expect(await failure(limits, exact) == .storeUnavailable, "the store did not answer")
        limits.note(storeIsReachable: false)
        let takes = store.takes
        let again = LimitedCase.call(of: 25, isExact: true, at: clock.boot)
        #expect(await failure(limits, again) == .storeUnavailable)
        // A quarter of 25 was leased.
        for _ in 0..<5 {
            let held = try #require(await limits.held(LimitedCase.call(of: 25, at: clock.boot)))
            try limits.send(held)
        }
        let last = LimitedCase.call(of: 25, at: clock.boot)
        #expect(await failure(limits, last) == .storeUnavailable)
        #expect(store.takes == takes)
        try limits.send(first)
    }

    @Test func `an agent's units are asked for before its call needs them`() async throws {
        let store = MemoryUnitStore(clock)
        let limits = try store.join(1)
        limits.identify(LimitedCase.agent, [LimitedCase.demand(of: 25)])
        #expect(await eventually { limits.isSettled && store.taken == 6 })
        #expect(limits.holdAtHand(LimitedCase.call(of: 25, at: clock.boot)) != nil)
    }

    @Test func `requests that come together are one transaction of 256 at most`() {
        var queue = UnitQueue()
        for number in 1...300 {
            queue.add(
                UnitTake(
                    id: UnitLeaseID(LimitedCase.node(1), .first, Int64(number)),
                    key: LimitedCase.key, most: 1_000, want: 1,
                    until: LimitedCase.start + .seconds(30), now: LimitedCase.start))
        }
        let (first, second) = (queue.staff(), queue.nextTakes())
        #expect(first == (1, 0) && second?.count == 256)
        let (other, rest) = (queue.staff(), queue.nextTakes())
        #expect(other == (1, 0), "one more while the first is on its way")
        #expect(rest?.map(\.id.number) == Array(257...300))
        let ends = [queue.nextTakes(), queue.nextTakes()]
        let last = queue.staff()
        #expect(ends == [nil, nil] && last == (0, 0))
    }
}
