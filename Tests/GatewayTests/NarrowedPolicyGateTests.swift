import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A change of the policy under a result: a narrowing one keeps it for a day, every other needs a new one.
@Suite(.requirement("R116")) struct NarrowedPolicyGateTests {
    private static let scope = "mcp_scopes: {desk: [look]}"
    private let wider = GateBench.policy([(scope, "mcp_scopes: {desk: [look, report]}")])
    private let narrow = GateBench.policy()
    private let day = Duration.seconds(86_400)

    @Test func `a widening change is refused until a result covers it`() async throws {
        let gated = try await GateBench(narrow)
        try await gated.pass()
        check(try await gated.look(), .text("done"))
        try await gated.bench.swap(wider)
        check(try await gated.look(), .refused(4030, "eval-missing"))
        try await gated.pass()
        check(try await gated.look(), .text("done"))
        // The result of before counts for the policy of before.
        try await gated.bench.swap(narrow)
        check(try await gated.look(), .text("done"))
    }

    @Test func `a narrowing change keeps the result for a day, also over a restart`() async throws {
        let gated = try await GateBench(wider)
        try await gated.pass()
        try await gated.bench.swap(narrow)
        check(try await gated.look(), .text("done"))
        let next = try await GateBench(narrow, log: gated.log, clock: gated.bench.clock)
        check(try await next.look(), .text("done"))
        for bench in [gated, next] {
            #expect(bench.bench.upstreams.sent.count == 1)
        }
        gated.bench.clock.advance(day - .seconds(60))
        check(try await gated.look(), .text("done"))
        gated.bench.clock.advance(.seconds(120))
        check(try await gated.look(), .refused(4030, "eval-missing"))
        try await gated.pass()
        check(try await gated.look(), .text("done"))
    }

    /// The result ended two days before the change, so that it is fresh whenever the gate is asked here.
    @Test func `a clock that is set back gives no more than the day`() async throws {
        let gated = try await GateBench(wider)
        let now = gated.bench.clock.now.wall
        let parts = try gated.parts(of: GateBench.reader)
        try await gated.submit(gated.result(of: parts, ended: now - .seconds(2 * 86_400)))
        try await gated.bench.swap(narrow)
        func fact(at time: Timestamp) -> EvalFact {
            gated.registry.verdict(
                on: GatedRun(
                    agent: GateBench.reader, run: NameAuthenticator.run(of: "reader"), tier: .low,
                    policy: gated.bench.policy.digest, began: nil), at: time)
        }
        #expect(fact(at: now) == .passed && fact(at: now - .seconds(300)) == .passed)
        #expect(fact(at: now - .seconds(301)) == .missing && fact(at: now - day) == .missing)
        #expect(fact(at: now + day) == .missing)
    }

    @Test func `a second narrowing change begins no other day`() async throws {
        let widest = GateBench.policy([
            (Self.scope, "mcp_scopes: {desk: [look, report, audit]}")
        ])
        let gated = try await GateBench(widest)
        try await gated.pass()
        try await gated.bench.swap(wider)
        gated.bench.clock.advance(day - .seconds(60))
        try await gated.bench.swap(narrow)
        check(try await gated.look(), .text("done"))
        gated.bench.clock.advance(.seconds(120))
        check(try await gated.look(), .refused(4030, "eval-missing"))
    }

    @Test func `a result between two narrowing changes counts, and not the one before`()
        async throws
    {
        let widest = GateBench.policy([
            (Self.scope, "mcp_scopes: {desk: [look, report, audit]}")
        ])
        for verdict in [EvalVerdict.pass, .fail] {
            let gated = try await GateBench(widest)
            try await gated.pass()
            try await gated.bench.swap(wider)
            check(try await gated.look(), .text("done"))
            gated.bench.clock.advance(day - .seconds(60))
            try await gated.submit(gated.result(of: try gated.parts(of: GateBench.reader), verdict))
            try await gated.bench.swap(narrow)
            gated.bench.clock.advance(.seconds(120))
            let answer = try await gated.look()
            check(answer, verdict == .pass ? .text("done") : .refused(4030, "eval-failed"))
        }
    }

    @Test func `a failure between two narrowing changes refuses at once`() async throws {
        let widest = GateBench.policy([
            (Self.scope, "mcp_scopes: {desk: [look, report, audit]}")
        ])
        let gated = try await GateBench(widest)
        try await gated.pass()
        try await gated.bench.swap(wider)
        gated.bench.clock.advance(.seconds(1))
        try await gated.submit(gated.result(of: try gated.parts(of: GateBench.reader), .fail))
        check(try await gated.look(), .refused(4030, "eval-failed"))
        try await gated.bench.swap(narrow)
        check(try await gated.look(), .refused(4030, "eval-failed"))
    }

    @Test func `a policy that is about to be in force takes nothing from the one that is`()
        async throws
    {
        let widest = GateBench.policy([
            (Self.scope, "mcp_scopes: {desk: [look, report, audit]}")
        ])
        let gated = try await GateBench(widest)
        try await gated.pass()
        try await gated.bench.swap(wider)
        let next = try BenchPolicy.snapshot(narrow)
        await gated.registry.expect(next, after: gated.bench.policy)
        check(try await gated.look(), .text("done"))
        try await gated.bench.swap(narrow)
        check(try await gated.look(), .text("done"))
    }

    @Test func `a widening change after a narrowing one ends the day`() async throws {
        let gated = try await GateBench(wider)
        try await gated.pass()
        try await gated.bench.swap(narrow)
        let other = GateBench.policy([(Self.scope, "mcp_scopes: {desk: [look, audit]}")])
        try await gated.bench.swap(other)
        check(try await gated.look(), .refused(4030, "eval-missing"))
    }

    @Test func `a narrowing change made while the gateway was down keeps the result for a day`()
        async throws
    {
        let gated = try await GateBench(wider)
        try await gated.pass()
        gated.bench.clock.advance(.seconds(7200))
        let old = gated.bench.policy
        let next = try await GateBench(
            narrow, log: gated.log, clock: gated.bench.clock, earlier: [old])
        check(try await next.look(), .text("done"))
        // Further starts begin no other day.
        gated.bench.clock.advance(day - .seconds(60))
        let last = try await GateBench(
            narrow, log: gated.log, clock: gated.bench.clock, earlier: [old])
        check(try await last.look(), .text("done"))
        gated.bench.clock.advance(.seconds(120))
        check(try await last.look(), .refused(4030, "eval-missing"))
    }

    @Test func `a second change while the gateway was down begins no other day`() async throws {
        let widest = GateBench.policy([
            (Self.scope, "mcp_scopes: {desk: [look, report, audit]}")
        ])
        let gated = try await GateBench(widest)
        try await gated.pass()
        try await gated.bench.swap(wider)
        gated.bench.clock.advance(day - .seconds(60))
        let next = try await GateBench(
            narrow, log: gated.log, clock: gated.bench.clock, earlier: [gated.bench.policy])
        check(try await next.look(), .text("done"))
        gated.bench.clock.advance(.seconds(120))
        check(try await next.look(), .refused(4030, "eval-missing"))
    }

    /// A policy whose files are gone, and one that widens, are compared with nothing.
    @Test(arguments: [false, true])
    func `another change made while the gateway was down is refused at once`(_ isWidened: Bool)
        async throws
    {
        let gated = try await GateBench(isWidened ? narrow : wider)
        try await gated.pass()
        let next = try await GateBench(
            isWidened ? wider : narrow, log: gated.log, clock: gated.bench.clock,
            earlier: isWidened ? [gated.bench.policy] : [])
        check(try await next.look(), .refused(4030, "eval-missing"))
        // The next start compares with the policy of this one, under which nothing passed.
        let last = try await GateBench(
            narrow, log: gated.log, clock: gated.bench.clock,
            earlier: [gated.bench.policy, next.bench.policy])
        check(
            try await last.look(), isWidened ? .text("done") : .refused(4030, "eval-missing"))
    }

    @Test func `a policy that the control log did not take is appended again`() async throws {
        let gated = try await GateBench(wider)
        try await gated.pass()
        gated.log.fail()
        try await gated.bench.swap(narrow)
        gated.log.mend()
        let before = gated.log.lines.count { $0 == "eval.gate policy" }
        await gated.registry.renew()
        await gated.registry.renew()
        #expect(gated.log.lines.count { $0 == "eval.gate policy" } == before + 1)
        // The day was lost with the entry, and is not begun again by a start under the same policy.
        let next = try await GateBench(
            narrow, log: gated.log, clock: gated.bench.clock, earlier: [gated.bench.policy])
        check(try await next.look(), .refused(4030, "eval-missing"))
    }

    /// Otherwise each start on a store that takes nothing would begin the day anew.
    @Test func `a day that the control log did not take is none`() async throws {
        let gated = try await GateBench(wider)
        try await gated.pass()
        let old = gated.bench.policy
        gated.log.fail()
        try await gated.bench.swap(narrow)
        check(try await gated.look(), .refused(4030, "eval-missing"))
        #expect(gated.bench.upstreams.sent.isEmpty)
        for _ in 0..<2 {
            let next = try await GateBench(
                narrow, log: gated.log, clock: gated.bench.clock, earlier: [old])
            check(try await next.look(), .refused(4030, "eval-missing"))
        }
        // The first start whose entry is durable begins it.
        gated.log.mend()
        let last = try await GateBench(
            narrow, log: gated.log, clock: gated.bench.clock, earlier: [old])
        check(try await last.look(), .text("done"))
    }

    /// The latest result of the agent may be of other files.
    @Test func `a measured run is compared with the names of the result that is carried`()
        async throws
    {
        let gated = try await GateBench(wider)
        let reader = GateBench.reader
        let run = NameAuthenticator.run(of: "reader")
        gated.registry.take(GateBench.files, of: run, reader)
        try await gated.submit(
            gated.result(
                of: try gated.parts(of: reader), names: FingerprintNames(models: ["model-5"])))
        gated.bench.clock.advance(.seconds(1))
        try await gated.submit(
            gated.result(
                of: try gated.parts(of: reader, other: .prompt),
                names: FingerprintNames(models: ["model-6"])))
        try await gated.bench.swap(narrow)
        check(try await gated.look(), .text("done"))
        gated.registry.show(.model("model-6"), of: run, reader)
        check(try await gated.look(), .refused(4030, "eval-missing"))
        gated.registry.show(.model("model-5"), of: run, reader)
        check(try await gated.look(), .text("done"))
    }

    /// The control log has the end of the day too, so that a restart does not bring the day back.
    @Test(arguments: [false, true])
    func `a day that a widening change ended does not come back with a restart`(_ isLate: Bool)
        async throws
    {
        let gated = try await GateBench(wider)
        try await gated.pass()
        try await gated.bench.swap(narrow)
        check(try await gated.look(), .text("done"))
        if isLate { gated.log.fail() }
        try await gated.bench.swap(
            GateBench.policy([(Self.scope, "mcp_scopes: {desk: [look, audit]}")]))
        check(try await gated.look(), .refused(4030, "eval-missing"))
        if isLate {
            gated.log.mend()
            await gated.registry.renew()
        }
        let next = try await GateBench(narrow, log: gated.log, clock: gated.bench.clock)
        check(try await next.look(), .refused(4030, "eval-missing"))
        #expect(next.bench.upstreams.sent.isEmpty)
    }

    @Test func `a change about another agent changes nothing`() async throws {
        let gated = try await GateBench(narrow)
        try await gated.pass()
        try await gated.bench.swap(
            GateBench.policy([("purpose: Clerks", "purpose: Clerks more")]))
        check(try await gated.look(), .text("done"))
    }
}
