import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockLimits

/// Units that answer as a test wants it, and count what became of each reservation.
private final class FakeUnits: LimitUnits {
    enum Answer: Sendable {
        case held, exceeded
        case failed(LimitUnitsFailure)
        /// Units that may not be used any more when the call is about to be sent.
        case ended(LimitUnitsFailure)
    }
    private struct State {
        var held = 0
        var sent = 0
        var returned = 0
        var used = 0
        var parked = 0
    }
    private let answer: Answer
    private let gate: Gate?
    private let state = Mutex(State())

    /// - Parameter gate: holds each answer until it opens.
    init(_ answer: Answer, at gate: Gate? = nil) {
        self.answer = answer
        self.gate = gate
    }

    var held: Int { state.withLock { $0.held } }
    var sent: Int { state.withLock { $0.sent } }
    var returned: Int { state.withLock { $0.returned } }
    var used: Int { state.withLock { $0.used } }
    var parked: Int { state.withLock { $0.parked } }

    func hold(_ call: LimitedCall) async throws(LimitUnitsFailure) -> LimitHold {
        await gate?.pass()
        switch answer {
        case .held, .ended:
            state.withLock { $0.held += 1 }
            return .held(LimitReservation(call.agent, call.demands))
        case .exceeded:
            let demand = LimitDemand(limit: "calls", seconds: 60, amount: 1, most: 3)
            return .exceeded(LimitExceeded(demand: demand, taken: 3, free: nil))
        case .failed(let failure): throw failure
        }
    }
    func holdAtHand(_ call: LimitedCall) -> LimitHold? { nil }
    func send(_ held: LimitReservation) throws(LimitUnitsFailure) {
        if case .ended(let failure) = answer { throw failure }
        state.withLock { $0.sent += 1 }
    }
    func giveBack(_ held: LimitReservation) {
        if held.end() { state.withLock { $0.returned += 1 } }
    }
    func use(_ held: LimitReservation, since: BootTime) {
        if held.end() { state.withLock { $0.used += 1 } }
    }
    func park(_ held: LimitReservation, for request: ApprovalID, _ question: LimitQuestion) {
        state.withLock { $0.parked += 1 }
    }
}

@Suite struct `Units of limits through their port` {
    private func bench(_ units: FakeUnits, stage: Int = 3) throws -> Bench {
        try Bench(stage: stage, units: units) { $0.unitsDeadline = .milliseconds(50) }
    }

    /// Expects that nothing was sent and no intent written, and that the refusal is on record under `code`.
    private func checkNothingSent(on bench: Bench, code: String) throws {
        #expect(bench.upstreams.sent.isEmpty)
        #expect(bench.ledger.drafts(of: .callIntent).isEmpty)
        let denied = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denied.fields["code"]?.string == code)
    }

    @Test func `a call that is executed takes its units once`() async throws {
        let units = FakeUnits(.held)
        let client = try await Client.open(try bench(units))
        check(await client.call("look"), .text("done"))
        #expect((units.held, units.sent, units.used, units.returned) == (1, 1, 1, 0))
    }

    @Test func `a call whose units ended before it is sent is refused, and they are returned`()
        async throws
    {
        let units = FakeUnits(.ended(.leaseWait(limit: "calls")))
        let bench = try bench(units)
        check(await (try await Client.open(bench)).call("look"), .refused(4290, "lease-wait"))
        #expect(bench.upstreams.sent.isEmpty)
        #expect((units.held, units.returned, units.used) == (1, 1, 0))
        let denied = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denied.fields["code"]?.string == "limits.lease_wait")
        #expect(denied.fields["intent"] != nil)
    }

    @Test func `units that other nodes have, or a store that is silent, are refused by name`()
        async throws
    {
        let leased = try bench(FakeUnits(.failed(.leaseWait(limit: "calls"))))
        check(await (try await Client.open(leased)).call("look"), .refused(4290, "lease-wait"))
        try checkNothingSent(on: leased, code: "limits.lease_wait")
        let silent = try bench(FakeUnits(.failed(.storeUnavailable)))
        check(await (try await Client.open(silent)).call("look"), .refused(4030, "unavailable"))
        try checkNothingSent(on: silent, code: "store.unavailable")
    }

    @Test func `a port that says no refuses the call`() async throws {
        let bench = try bench(FakeUnits(.exceeded))
        check(await (try await Client.open(bench)).call("look"), .refused(4290, "limit"))
        try checkNothingSent(on: bench, code: "policy.limit")
    }

    @Test func `a port that cannot find out refuses the call under a code of its own`()
        async throws
    {
        let bench = try bench(FakeUnits(.failed(.failed(reason: "down"))))
        check(await (try await Client.open(bench)).call("look"), .refused(4030, "unavailable"))
        try checkNothingSent(on: bench, code: "limits.unavailable")
    }

    @Test func `a port that is late refuses the call, and what it reserves later is returned`()
        async throws
    {
        let gate = Gate()
        let units = FakeUnits(.held, at: gate)
        let bench = try bench(units)
        check(await (try await Client.open(bench)).call("look"), .refused(4030, "unavailable"))
        try checkNothingSent(on: bench, code: "limits.unavailable")
        #expect((units.held, units.returned) == (0, 0))
        gate.open()
        #expect(await until { units.returned == 1 })
        #expect((units.held, units.used) == (1, 0))
    }

    @Test func `units come back if the intent cannot be recorded or nothing was sent`()
        async throws
    {
        let units = FakeUnits(.held)
        let bench = try bench(units)
        let client = try await Client.open(bench)
        bench.ledger.refuse(.callIntent, kept: false)
        _ = await client.call("look")
        #expect(bench.upstreams.sent.isEmpty)
        #expect((units.held, units.returned) == (1, 1))
        bench.ledger.accept()
        bench.upstreams.answer { _ in .failed(.notExecuted, reason: "down") }
        check(await client.call("look"), .refused(5020, "failed"))
        #expect((units.held, units.returned, units.used) == (2, 2, 0))
    }
}
