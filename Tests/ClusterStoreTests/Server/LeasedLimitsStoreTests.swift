import InterlockCluster
import InterlockLimits
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockClusterStore
@testable import InterlockLeasedLimits

/// Three nodes lease the units of their agents' limits from a real store.
@Suite(
    .serialized, .requirement("R110"),
    .enabled(if: TestServer.isInstalled || TestFiles.isCI, "PostgreSQL 15 is missing"))
struct LeasedLimitsStoreTests {
    private static let agent = AgentName("refunds").unwrapped

    /// The calls that were sent, and the end of the callers.
    private final class Sent: Sendable {
        private let number = Atomic<Int>(0)
        private let isOver = Atomic<Bool>(false)
        var count: Int { number.load(ordering: .sequentiallyConsistent) }
        var hasEnded: Bool { isOver.load(ordering: .sequentiallyConsistent) }
        func note() { number.wrappingAdd(1, ordering: .sequentiallyConsistent) }
        func end() { isOver.store(true, ordering: .sequentiallyConsistent) }
    }

    private static let last = Atomic<Int64>(0)

    private static func call(
        _ limit: String, of most: Int64, seconds: Int64 = 3_600, isExact: Bool = false,
        at now: BootTime
    ) -> LimitedCall {
        let number = last.wrappingAdd(1, ordering: .relaxed).newValue
        let demand = LimitDemand(limit: limit, seconds: seconds, amount: 1, most: most)
        return LimitedCall(
            call: CallID(milliseconds: number, random: [UInt8](repeating: 7, count: 10)),
            agent: agent, demands: [demand], toolClass: isExact ? .admin : .read,
            end: now + .seconds(30))
    }

    private func withCluster(_ body: (StoreCluster) async throws -> Void) async throws {
        let cluster = try #require(try await StoreCluster())
        defer { cluster.stop() }
        try await body(cluster)
    }

    private func limits(
        _ cluster: StoreCluster, _ place: Int, _ clock: SteppedClock
    ) -> LeasedLimits {
        let node = cluster.nodes[place]
        return LeasedLimits(
            node.store.node, node.incarnation, store: LeasedUnitStore(node.store), clock: clock)
    }

    /// Sends the heartbeat of a node, as its owner does.
    private func beat(
        _ cluster: StoreCluster, _ place: Int, _ limits: LeasedLimits
    ) async throws {
        limits.take(try await cluster.beat(place, starved: limits.starved).units)
        limits.tick()
    }

    /// Sends calls until three in a row are refused: a busy machine may answer after a call has waited.
    ///
    /// - Returns: the number of calls that were sent.
    private func sendAll(
        _ limits: LeasedLimits, _ limit: String, of most: Int64, _ clock: SteppedClock
    ) async throws -> Int {
        var (count, refusals) = (0, 0)
        while refusals < 3 {
            let call = Self.call(limit, of: most, seconds: 60, at: clock.boot)
            guard case .held(let held)? = try? await limits.hold(call) else {
                refusals += 1
                try await Task.sleep(for: .milliseconds(120))
                continue
            }
            try limits.send(held)
            limits.use(held, since: clock.boot)
            (count, refusals) = (count + 1, 0)
        }
        limits.tick()
        try #require(await eventually { limits.isSettled })
        return count
    }

    @Test func `three nodes use at most the number, and without faults nine tenths of it`()
        async throws
    {
        try await withCluster { cluster in
            let clock = SteppedClock(StoreCluster.now, runs: true)
            let nodes = (0..<3).map { limits(cluster, $0, clock) }
            for most in [1, 8, 25] as [Int64] {
                let (sent, limit) = (Sent(), "of \(most)")
                let callers = nodes.flatMap { limits in
                    (0..<4).map { _ in
                        Task {
                            while !sent.hasEnded {
                                let call = Self.call(limit, of: most, at: clock.boot)
                                guard case .held(let held)? = try? await limits.hold(call) else {
                                    try? await Task.sleep(for: .milliseconds(10))
                                    continue
                                }
                                guard (try? limits.send(held)) != nil else {
                                    limits.giveBack(held)
                                    continue
                                }
                                sent.note()
                                limits.use(held, since: clock.boot)
                            }
                        }
                    }
                }
                let needed = Int((most * 9 + 9) / 10)
                var rounds = 0
                // A few more rounds show that no call is sent above the number.
                while rounds < 2_000, sent.count < needed || rounds < 5 {
                    for place in nodes.indices { try await beat(cluster, place, nodes[place]) }
                    try await Task.sleep(for: .milliseconds(20))
                    rounds += 1
                }
                sent.end()
                for caller in callers { await caller.value }
                #expect((needed...Int(most)).contains(sent.count), "\(sent.count) of \(most)")
            }
            for limits in nodes { await limits.close(within: .seconds(60)) }
            let open = try cluster.edit(
                "UPDATE il.limit_lease SET until = until WHERE il_v1.open_units(limit_lease) > 0")
            #expect(open == 0, "nodes that stop return what they hold")
        }
    }

    @Test func `the units of a lost node count until its leases end, and then are free`()
        async throws
    {
        try await withCluster { cluster in
            // The clock of the store is ahead, so that of the nodes decides.
            let clock = SteppedClock(StoreCluster.now - .seconds(6 * 3600), runs: true)
            let (lost, node) = (limits(cluster, 0, clock), limits(cluster, 1, clock))
            try #require(await held(lost, of: 20, seconds: 60, clock) != nil)
            // It leased a quarter, and nothing is heard of it again.
            #expect(try await sendAll(node, "calls", of: 20, clock) == 15)
            clock.step(.seconds(30))
            #expect(try await sendAll(node, "calls", of: 20, clock) == 0)
            // The used units are free after a window, and those of the lost node a window after the end of its lease.
            clock.step(.seconds(36))
            #expect(try await sendAll(node, "calls", of: 20, clock) == 15)
            clock.step(.seconds(30))
            #expect(try await sendAll(node, "calls", of: 20, clock) == 5)
        }
    }

    @Test func `a node without its store uses what it holds, and the others go on`() async throws {
        try await withCluster { cluster in
            let clock = SteppedClock(StoreCluster.now, runs: true)
            var settings = PoolSettings()
            settings.connections = 1
            settings.deadline = .seconds(120)
            let pool = StorePool(settings, parameters: cluster.parameters(3))
            let store = LeasedUnitStore(ClusterStore(cluster.nodes[2].store.node, pool))
            let cut = LeasedLimits(
                cluster.nodes[2].store.node, cluster.nodes[2].incarnation, store: store,
                clock: clock)
            try #require(await held(cut, of: 40, clock) != nil)
            pool.close()
            let exact = Self.call("calls", of: 40, isExact: true, at: clock.boot)
            let failure: LimitUnitsFailure? = await thrown { _ = try await cut.hold(exact) }
            #expect(failure == .storeUnavailable)
            for _ in 0..<4 {
                let call = Self.call("calls", of: 40, at: clock.boot)
                guard case .held(let held)? = cut.holdAtHand(call) else {
                    Issue.record("a quarter of the units is at hand")
                    return
                }
                try cut.send(held)
            }
            let other = limits(cluster, 0, clock)
            try other.send(try #require(await held(other, of: 40, isExact: true, clock)))
        }
    }

    /// Reserves the units of a call. The connection of a new pool is not made at once, and a busy machine answers late.
    private func held(
        _ limits: LeasedLimits, of most: Int64, seconds: Int64 = 3_600, isExact: Bool = false,
        _ clock: SteppedClock
    ) async -> LimitReservation? {
        for _ in 0..<1_000 {
            let call = Self.call(
                "calls", of: most, seconds: seconds, isExact: isExact, at: clock.boot)
            if case .held(let held)? = try? await limits.hold(call) { return held }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }
}
