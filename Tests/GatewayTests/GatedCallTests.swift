import InterlockApprovals
import InterlockEvals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Calls at the change gate (docs/specs/evals.md, section 6): each reason, and each part of a fingerprint.
@Suite(.requirement("R116")) struct GatedCallTests {
    private let reader = GateBench.reader
    private let clerk = GateBench.clerk

    /// The argument is the reason; the result has the fault that leads to it.
    @Test(arguments: ["eval-failed", "eval-stale", "eval-thin", "eval-missing"])
    func `an agent of tier low is refused with the reason, and nothing is sent`(_ reason: String)
        async throws
    {
        let gated = try await GateBench()
        let parts = try gated.parts(of: reader)
        let now = gated.bench.clock.now.wall
        let result =
            switch reason {
            case "eval-failed": gated.result(of: parts, .fail)
            case "eval-stale": gated.result(of: parts, ended: now - .seconds(20), maxAge: 10)
            case "eval-thin": gated.result(of: parts, flags: ["T01"])
            default: gated.result(of: try gated.parts(of: reader, other: .tools))
            }
        try await gated.submit(result)
        check(try await gated.look(), .refused(4030, reason))
        check(try await gated.look(), .refused(4030, reason))
        #expect(gated.bench.upstreams.sent.isEmpty)
        #expect(gated.bench.ledger.drafts(of: .callIntent).isEmpty)
        // Each call has its record, the refusal of the gate one in an hour.
        #expect(gated.bench.ledger.drafts(of: .callDenied).count == 2)
        #expect(gated.refusals == [reason] && gated.alerts == ["eval.refused"])
        let denied = try #require(gated.bench.ledger.drafts(of: .callDenied).first)
        let recorded = try RecordedDecision(parsing: try #require(denied.plaintext("in")))
        #expect(recorded.decide([:], under: gated.bench.policy).reason.rawValue == reason)
        gated.bench.clock.advance(.seconds(3601))
        _ = try await gated.look()
        #expect(gated.refusals.count == 2)
    }

    @Test func `an invalid run passes no gate`() async throws {
        let gated = try await GateBench()
        try await gated.submit(gated.result(of: try gated.parts(of: reader), .invalid))
        check(try await gated.look(), .refused(4030, "eval-failed"))
    }

    @Test func `tier medium needs a measured run, a key of no owner and a fuller suite`()
        async throws
    {
        let li = People.all["li"].key
        let gated = try await GateBench(
            GateBench.policy(signers: [(GateBench.pipeline, []), (li, [])]))
        let parts = try gated.parts(of: clerk)
        let run = NameAuthenticator.run(of: "clerk")
        // The owner's key is enrolled for the owner, whatever the policy says of it.
        try await gated.submit(gated.result(of: parts), by: li)
        check(try await gated.look("clerk"), .refused(4030, "eval-unsigned"))
        #expect(gated.alerts == ["eval.unsigned"])
        gated.bench.clock.advance(.seconds(1))
        try await gated.submit(gated.result(of: parts, flags: ["T03"]))
        check(try await gated.look("clerk"), .refused(4030, "eval-thin"))
        gated.bench.clock.advance(.seconds(1))
        try await gated.submit(gated.result(of: parts))
        check(try await gated.look("clerk"), .refused(4030, "eval-unproven"))
        gated.registry.take(GateBench.files, of: run, clerk)
        check(try await gated.look("clerk"), .text("done"))
        // The owner's key takes no result away that counts.
        gated.bench.clock.advance(.seconds(1))
        await #expect(throws: Problem.self) {
            try await gated.submit(gated.result(of: parts, .fail), by: li)
        }
        check(try await gated.look("clerk"), .text("done"))
        // The run's own files decide, not those of the result.
        let other = MeasuredParts(prompt: [["path": "AGENTS.md"]], skills: [])
        gated.registry.take(other, of: run, clerk)
        check(try await gated.look("clerk"), .refused(4030, "eval-missing"))
        let record = try #require(gated.bench.ledger.drafts(of: .evalRefused).last)
        #expect(record.fields["codes"] == ["prompt"])
        #expect(record.fields["fp"] != record.fields["h"])
        gated.registry.take(GateBench.files, of: run, clerk)
        check(try await gated.look("clerk"), .text("done"))
        #expect(gated.bench.upstreams.sent.count == 3)
    }

    @Test func `a key that the policy no longer lists does not count any more`() async throws {
        let gated = try await GateBench()
        try await gated.pass()
        check(try await gated.look(), .text("done"))
        try await gated.bench.swap(GateBench.policy(signers: [(People.all["ines"].key, [])]))
        check(try await gated.look(), .refused(4030, "eval-unsigned"))
        try await gated.bench.swap(GateBench.policy())
        check(try await gated.look(), .text("done"))
    }

    @Test(arguments: [FingerprintPart.prompt, .skills, .tools, .policy])
    func `each part that the gateway knows is compared`(_ part: FingerprintPart) async throws {
        let gated = try await GateBench()
        gated.registry.take(GateBench.files, of: NameAuthenticator.run(of: "reader"), reader)
        try await gated.submit(gated.result(of: try gated.parts(of: reader, other: part)))
        check(try await gated.look(), .refused(4030, "eval-missing"), "\(part)")
        #expect(gated.bench.upstreams.sent.isEmpty)
        let record = try #require(gated.bench.ledger.drafts(of: .evalRefused).first)
        #expect(record.fields["codes"] == [.string(part.rawValue)])
        gated.bench.clock.advance(.seconds(1))
        try await gated.pass()
        check(try await gated.look(), .text("done"))
    }

    /// The session opens, so that a result that comes during it lets its calls pass.
    @Test
    func `a session of a refused agent says so when it opens, and is on record before a call`()
        async throws
    {
        let gated = try await GateBench()
        let opened = await Client.sessionless(gated.bench, as: "reader").send(
            "initialize", id: 1,
            [
                "protocolVersion": "2025-11-25", "capabilities": [:],
                "clientInfo": ["name": "test", "version": "1"],
            ])
        let result = try #require(opened.message?["result"])
        let said = try #require(result["instructions"]?.string)
        #expect(said.contains("eval-missing") && said.contains("interlock eval run"))
        #expect(gated.refusals == ["eval-missing"] && gated.alerts == ["eval.refused"])
        #expect(gated.bench.ledger.drafts(of: .callDenied).isEmpty)
        let client = try await Client.open(gated.bench, as: "reader")
        check(await client.call("look"), .refused(4030, "eval-missing"))
        try await gated.pass()
        check(await client.call("look"), .text("done"))
        #expect(gated.refusals == ["eval-missing"])
    }

    @Test func `a newer result that fails ends what waits for people`() async throws {
        let gated = try await GateBench()
        let parts = try gated.parts(of: clerk)
        gated.registry.take(GateBench.files, of: NameAuthenticator.run(of: "clerk"), clerk)
        try await gated.submit(gated.result(of: parts))
        let client = try await Client.open(gated.bench)
        let call = client.begin("note")
        let id = try await gated.bench.request().id
        gated.bench.clock.advance(.seconds(1))
        try await gated.submit(gated.result(of: parts, .fail))
        try await gated.bench.vote(on: id, by: "ines")
        check(await call.answer(), .refused(4030, "eval-failed"))
        #expect(gated.bench.upstreams.sent.isEmpty)
    }

    @Test func `an agent at stage observe is denied for its stage`() async throws {
        let gated = try await GateBench(
            GateBench.policy([
                ("tier: low\n    stage: trusted", "tier: low\n    stage: observe")
            ]))
        check(try await gated.look(), .refused(4030, "observe"))
        #expect(gated.refusals.isEmpty && gated.alerts.isEmpty)
    }

    @Test func `without a result an agent is named for 14 days and then refused`() async throws {
        let gated = try await GateBench(isGraced: true)
        check(try await gated.look(), .text("done"))
        // A result that says something else than nothing counts at once.
        try await gated.submit(gated.result(of: try gated.parts(of: clerk), .fail))
        check(try await gated.look("clerk"), .refused(4030, "eval-failed"))
        gated.bench.clock.advance(.seconds(14 * 86_400 - 60))
        check(try await gated.look(), .text("done"))
        #expect(gated.refusals == ["eval-failed"])
        gated.bench.clock.advance(.seconds(120))
        check(try await gated.look(), .refused(4030, "eval-missing"))
        // A restart begins no other period.
        let next = try await GateBench(log: gated.log, clock: gated.bench.clock, isGraced: true)
        check(try await next.look(), .refused(4030, "eval-missing"))
    }

    @Test func `an agent that has a result and changes is refused within these days too`()
        async throws
    {
        let gated = try await GateBench(isGraced: true)
        try await gated.submit(gated.result(of: try gated.parts(of: reader, other: .tools)))
        check(try await gated.look(), .refused(4030, "eval-missing"))
        let line = try #require(gated.service.startLine())
        #expect(line.contains("evals: reader; their calls are refused; agents"))
        gated.bench.clock.advance(.seconds(1))
        try await gated.pass()
        check(try await gated.look(), .text("done"))
    }

    @Test func `within these days a first result shuts out no run without a proof`() async throws {
        let gated = try await GateBench(isGraced: true)
        let answer = try await gated.submit(gated.result(of: try gated.parts(of: clerk)))
        #expect(answer["gate"] == "passed" && answer["proof"] == "attested")
        check(try await gated.look("clerk"), .text("done"))
        gated.bench.clock.advance(.seconds(14 * 86_400 + 1))
        check(try await gated.look("clerk"), .refused(4030, "eval-unproven"))
    }

    @Test func `the owner is told of an agent without a result, an hour after the start`()
        async throws
    {
        let gated = try await GateBench(isGraced: true)
        await gated.service.sweep()
        #expect(gated.alerts.isEmpty)
        gated.bench.clock.advance(.seconds(3700))
        await gated.service.sweep()
        #expect(gated.alerts == ["eval.missing", "eval.missing"])
        gated.bench.clock.advance(.seconds(3600))
        await gated.service.sweep()
        #expect(gated.alerts.count == 2)
        gated.bench.clock.advance(.seconds(86_400))
        await gated.service.sweep()
        #expect(gated.alerts.count == 4)
        try await gated.submit(
            gated.result(of: try gated.parts(of: reader), maxAge: 8 * 86_400))
        for (days, count) in [(0, 0), (2, 1), (1, 1), (4, 2)] {
            gated.bench.clock.advance(.seconds(Int64(days) * 86_400 + 61))
            await gated.service.sweep()
            #expect(gated.alerts.count { $0 == "eval.expiring" } == count, "\(days)")
        }
    }

    @Test func `a run that began before goes on for an hour after its result became too old`()
        async throws
    {
        let gated = try await GateBench()
        let now = gated.bench.clock.now.wall
        try await gated.submit(
            gated.result(of: try gated.parts(of: reader), ended: now, maxAge: 100))
        let expiry = now.wholeSecond + .seconds(100)
        func verdict(began: Timestamp?, at time: Timestamp) -> EvalFact {
            gated.registry.verdict(
                on: GatedRun(
                    agent: reader, run: NameAuthenticator.run(of: "reader"), tier: .low,
                    policy: gated.bench.policy.digest, began: began), at: time)
        }
        #expect(verdict(began: now, at: expiry - .seconds(1)) == .passed)
        #expect(verdict(began: now, at: expiry + .seconds(3599)) == .passed)
        #expect(verdict(began: now, at: expiry + .seconds(3600)) == .stale)
        #expect(verdict(began: expiry, at: expiry + .seconds(1)) == .stale)
        #expect(verdict(began: nil, at: expiry) == .stale)
    }
}
