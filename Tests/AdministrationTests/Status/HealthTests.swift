import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The conditions under which a node is not ready, or its process does not count as alive.
@Suite struct Health {
    @Test func `a store that does not keep stops every call, on record, until it does`()
        async throws
    {
        let bench = try Bench()
        let (client, store) = (try await Client.open(bench), ProbedStore())
        await bench.look(at: store)
        await bench.check(.text("done"), sent: 1) { await client.call("look") }

        store.fails = true
        bench.clock.advance(.seconds(10))
        await bench.look(at: store)
        #expect(bench.gateway.unsound == [UnreadyComponent(part: .store, reason: "no room")])
        await bench.check(.refused(4030, "unavailable"), records: [.callDenied]) {
            await client.call("look")
        }
        #expect(bench.ledger.drafts.last?.fields["code"] == "store.unavailable")
        // The alert is raised once, however often the failure is found.
        bench.clock.advance(.seconds(1))
        await bench.look(at: store)
        let alarms = bench.ledger.drafts(of: .alarmRaised)
        #expect(alarms.map { $0.fields["code"] } == ["store.down"])

        store.fails = false
        bench.clock.advance(.seconds(1))
        await bench.look(at: store)
        #expect(bench.gateway.unsound.isEmpty)
        await bench.check(.text("done"), sent: 1) { await client.call("look") }
    }

    @Test func `a store that does not answer is down, and asked no second time meanwhile`()
        async throws
    {
        let (bench, store) = (try Bench(), ProbedStore())
        store.hangs = true
        bench.gateway.watchStore(store)
        await settled { store.probes == 1 }
        bench.clock.advance(.seconds(11))
        bench.gateway.watchStore(store)
        #expect(bench.gateway.monitors.store.isDown)
        #expect(bench.gateway.monitors.store.reason == "it does not answer")
        #expect(store.probes == 1)
        store.hangs = false
        await settled { !bench.gateway.monitors.store.isDown }
    }

    @Test func `a loop that stays away too long is named, until it comes round`() throws {
        let bench = try Bench()
        let beats = bench.gateway.monitors.heartbeats
        let beat = beats.begin("orders", patience: .seconds(5), at: bench.clock.now.boot)
        bench.clock.advance(.seconds(5))
        #expect(beats.stuck(at: bench.clock.now.boot).isEmpty)
        bench.clock.advance(.seconds(1))
        #expect(
            beats.stuck(at: bench.clock.now.boot)
                == ["the loop `orders` has not come round for 6 s"])
        beat.beat(at: bench.clock.now.boot)
        #expect(beats.stuck(at: bench.clock.now.boot).isEmpty)
    }

    @Test func `each part that decides is named by itself`() async throws {
        let bench = try Bench()
        #expect(bench.gateway.unsound.isEmpty)
        bench.ledger.refuse(.callIntent, by: LedgerRefusal(code: "audit.full", detail: ""))
        _ = try await bench.halt(.org)
        #expect(bench.gateway.unsound.map(\.part) == [.ledger, .halts])
    }

    @Test func `a node is not ready while its servers are starting, for as long as lists wait`()
        throws
    {
        let bench = try Bench { $0.startPatience = .seconds(5) }
        let pages = HealthPages(bench.gateway, bench.approvals)
        func readiness(isDetailed: Bool = true) -> String {
            let response = pages.response(to: .readiness, isDetailed: isDetailed)
            return "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
        }
        bench.upstreams.set(.connecting, of: "desk")
        #expect(readiness() == "503 servers: desk is starting\n")
        #expect(readiness(isDetailed: false) == "503 unready\n")
        bench.upstreams.set(.unavailable("it ended"), of: "desk")
        #expect(readiness() == "200 ready\n")
        bench.upstreams.set(.connecting, of: "desk")
        bench.clock.advance(.seconds(5))
        #expect(readiness() == "200 ready\n")
    }
}

private func settled(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
}

extension Bench {
    /// Runs one check of the store and waits for its end.
    fileprivate func look(at store: ProbedStore) async {
        let before = store.answers
        gateway.watchStore(store)
        await settled { store.answers > before }
        await settled { gateway.monitors.store.isDown == store.fails }
    }
}

private final class ProbedStore: StoreProbe {
    private struct State {
        var fails = false
        var hangs = false
        var probes = 0
        var answers = 0
    }
    private let state = Mutex(State())

    var fails: Bool {
        get { state.withLock(\.fails) }
        set { state.withLock { $0.fails = newValue } }
    }
    var hangs: Bool {
        get { state.withLock(\.hangs) }
        set { state.withLock { $0.hangs = newValue } }
    }
    var probes: Int { state.withLock(\.probes) }
    var answers: Int { state.withLock(\.answers) }

    func probe() async throws(StoreFailure) {
        state.withLock { $0.probes += 1 }
        while hangs { await Task.yield() }
        state.withLock { $0.answers += 1 }
        if fails { throw StoreFailure(reason: "no room") }
    }
}
