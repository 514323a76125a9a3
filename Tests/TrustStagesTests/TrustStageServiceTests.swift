import InterlockAlerts
import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockMonitoring
import InterlockPolicy
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockTrust
@testable import InterlockTrustStages

/// Demotions by the gateway itself (docs/specs/trust-and-review.md, section 6).
@Suite(.requirement("R123", "R127")) struct TrustStageServiceTests {
    private let clerk = StageBench.clerk

    @Test func `a canary in arguments takes all autonomy at once, and record and entry follow`()
        async throws
    {
        let secret = "canary-value"
        let staged = try await StageBench(results: .finding(secret, .canary))
        try await staged.rise(to: .full)
        let client = try await Client.open(staged.bench)
        check(
            await client.call("look", ["text": .string("is \(secret)")]),
            .refused(4030, "canary"))
        #expect(staged.stage == 0)
        #expect(staged.demotions == ["canary"])
        let record = try #require(staged.bench.ledger.drafts(of: .trustDemoted).first)
        #expect(record.fields["from"] == "full" && record.fields["to"] == "gated")
        #expect(await staged.stored(1))
        let redecided = staged.redecided.value
        // A loop of such calls is one demotion.
        for _ in 0..<3 { _ = await client.call("look", ["text": .string(secret)]) }
        await staged.service.sweep()
        #expect(staged.demotions == ["canary"] && staged.alerts == ["trust.demoted"])
        #expect(staged.redecided.value == redecided + 1)
    }

    @Test func `a brokered value demotes too, and another secret does not`() async throws {
        for (secretClass, stage) in [(SecretClass.brokered, 0), (.token, 2)] {
            let staged = try await StageBench(results: .finding("value-of-a-secret", secretClass))
            try await staged.rise(to: .bounded)
            let client = try await Client.open(staged.bench)
            _ = await client.call("look", ["text": "value-of-a-secret"])
            #expect(staged.stage == stage, "\(secretClass)")
        }
    }

    @Test func `a halt of the agent demotes it once, and one of the org demotes no agent`()
        async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let org = try await staged.bench.halt(.org)
        await staged.service.sweep()
        #expect(staged.stage == 2)
        try await staged.bench.release(org.order.id)
        let report = try await staged.bench.halt(.agent(clerk))
        await staged.service.sweep()
        await staged.service.sweep()
        #expect(staged.stage == 0 && staged.demotions == ["kill"])
        try await staged.bench.release(report.order.id)
        #expect(await staged.stored(1))
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(next.stage == 0, "a release gives nothing back")
    }

    @Test func `a halt of an agent at stage 0 is a cool-down on record, and no alert`() async throws
    {
        let staged = try await StageBench()
        try await staged.bench.halt(.agent(clerk))
        for _ in 0..<3 { await staged.service.sweep() }
        #expect(staged.demotions == ["kill"] && staged.alerts.isEmpty)
        let status = staged.registry.status(of: clerk)
        #expect(status.stage == .gated && status.cooldownEnd != nil)
        let body = try staged.document(.gated, .assisted, by: ["li"])
        #expect(await staged.kind(body) == .otherState)
    }

    @Test func `failed evals of the current fingerprint take one stage for each result`()
        async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        staged.failing.value = [clerk: staged.registry.cause("result", "1")]
        for _ in 0..<3 { await staged.service.sweep() }
        #expect(staged.stage == 2 && staged.demotions == ["eval-regression"])
        staged.failing.value = [clerk: staged.registry.cause("result", "2")]
        await staged.service.sweep()
        #expect(staged.stage == 1)
        staged.unproved.value = [clerk]
        staged.failing.value = [:]
        await staged.service.sweep()
        #expect(staged.stage == 1, "a run that proves nothing")
    }

    @Test func `an alarm counts from the stage that the policy permits`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        try await staged.bench.swap([
            ("tier: medium\n    stage: trusted", "tier: medium\n    stage: supervised")
        ])
        await staged.service.sweep()
        #expect(staged.registry.status(of: clerk).stage == .assisted)
        staged.registry.demote(clerk, by: .denials)
        #expect(staged.registry.status(of: clerk).stage == .gated)
        try await staged.bench.swap([])
        await staged.service.sweep()
        #expect(staged.stage == 0, "a wider policy gives nothing back")
        #expect(await staged.stored(1))
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(next.stage == 0)
    }

    @Test func `a cumulative sum of denials above its threshold takes one stage`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        let ladder = StageLadder(NoLadder(), staged.registry)
        func take(_ series: MonitoredSeries, _ detectors: [Detector], _ isDiscovery: Bool = true) {
            ladder.take(
                RaisedSignal(
                    id: staged.bench.gateway.newID(), agent: clerk, run: nil,
                    basis: .learned(series, isDiscovery: isDiscovery), severity: .high,
                    at: staged.bench.clock.now, detectors: detectors))
        }
        take(.calls, [.cusum])
        take(.denials, [.ewma])
        take(.denials, [.cusum], false)
        #expect(staged.stage == 3)
        take(.denials, [.ewma, .cusum])
        #expect(staged.stage == 2 && staged.demotions == ["denials"])
    }

    @Test func `an agent without its owner has no autonomy`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let pseudonym = PlainPseudonyms().pseudonym(of: People.all["li"].person)
        staged.bench.gateway.policy.hold(agentsOf: [pseudonym])
        await staged.service.sweep()
        #expect(staged.stage == 0 && staged.demotions == ["owner-left"])
        // A new owner is confirmed by a promotion, not before.
        staged.bench.gateway.policy.hold(agentsOf: [])
        await staged.service.sweep()
        #expect(staged.stage == 0)

        let other = try await StageBench()
        try await other.rise(to: .bounded)
        try await other.bench.swap([("owner: li@acme.example", "owner: rui@acme.example")])
        await other.service.sweep()
        #expect(other.stage == 0 && other.demotions == ["owner-left"])
    }

    @Test func `a drill that is 14 days overdue takes one stage from each agent above 0`()
        async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let now = staged.bench.clock.now.wall
        staged.drill.value = DrillStatus(
            every: .seconds(30 * 86_400), declared: nil,
            reports: [
                DrillStatus.Last(
                    ended: now - .seconds(43 * 86_400), passed: true, isSignedOff: true)
            ], now: now)
        #expect(staged.drill.value.word == .overdue)
        await staged.service.sweep()
        #expect(staged.stage == 2, "13 days")
        staged.bench.clock.advance(StageBench.day)
        for _ in 0..<3 { await staged.service.sweep() }
        #expect(staged.stage == 1 && staged.demotions == ["drill-overdue"])
    }

    @Test func `a drill that was never done counts from when it was missed first`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        staged.drill.value = DrillStatus(
            every: .seconds(30 * 86_400), declared: nil, reports: nil,
            now: staged.bench.clock.now.wall)
        await staged.service.sweep()
        staged.bench.clock.advance(.seconds(14 * 86_400 - 1))
        await staged.service.sweep()
        #expect(staged.stage == 2)
        staged.bench.clock.advance(.seconds(1))
        await staged.service.sweep()
        #expect(staged.stage == 1)
    }

    @Test func `a promotion ends by itself, and a clock set back does not bring it back`()
        async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded, lasting: 30)
        staged.bench.clock.advance(.seconds(30 * 86_400))
        #expect(staged.stage == 1, "before any sweep")
        await staged.service.sweep()
        #expect(staged.stage == 1 && staged.demotions == ["expired"])
        staged.bench.clock.advance(.seconds(-20 * 86_400))
        await staged.service.sweep()
        #expect(staged.stage == 1)
        #expect(await staged.stored(1))
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(next.stage == 1)
    }

    @Test func `a demotion acts while the store does not take it, and is stored later`()
        async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        staged.log.fail()
        staged.registry.demote(clerk, by: .kill)
        for _ in 0..<2 { await staged.service.sweep() }
        #expect(staged.stage == 0 && staged.demotions == ["kill"])
        #expect(!staged.log.lines.contains("trust.demotion clerk"))
        // It would be lost with a restart, of which people are notified once.
        #expect(staged.alerts == ["trust.demoted", "trust.unstored"])
        // No promotion passes a demotion that is not stored.
        staged.bench.clock.advance(StageBench.day)
        let undo = try staged.document(.gated, .assisted, by: ["ines", "paul"], undoes: true)
        #expect(await staged.kind(undo) == .notRecorded)
        staged.log.mend()
        await staged.service.sweep()
        #expect(staged.log.lines.last == "trust.demotion clerk")
        #expect(staged.alerts.count == 2)
        #expect(await staged.kind(undo) == nil)
        #expect(staged.stage == 1)
    }

    /// The process dies after the record is durable, and before the entry is.
    @Test func `a demotion on record without its entry acts after a restart, and is stored`()
        async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        let entries = staged.log.all.count
        staged.registry.demote(clerk, by: .denials)
        #expect(await staged.stored(1))
        staged.log.cut(to: entries)
        let draft = try #require(staged.bench.ledger.drafts(of: .trustDemoted).first)
        var fields = draft.fields
        fields["v"] = 1
        fields["t"] = .string(RecordType.trustDemoted.rawValue)
        fields["ts"] = .integer(staged.bench.clock.now.wall.microseconds)
        fields["node"] = "gw1"
        let record = try StoredRecord(parsing: try JSONValue.object(fields).canonical())
        let logged = try #require(LoggedDemotion(record))
        let lost = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(lost.stage == 3, "the entry is not there")
        lost.registry.restore([logged])
        #expect(lost.stage == 2)
        await lost.service.sweep()
        #expect(lost.log.lines.last == "trust.demotion clerk")
        #expect(lost.alerts == ["trust.demoted"] && lost.demotions.isEmpty)
        // It is there now.
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        next.registry.restore([logged])
        await next.service.sweep()
        #expect(next.stage == 2 && next.alerts.isEmpty)
        #expect(next.log.lines.count { $0 == "trust.demotion clerk" } == 1)
    }

    @Test func `a store that closes at a stop raises no alert`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let service = staged.service
        staged.log.fail()
        staged.registry.demote(clerk, by: .kill)
        let stopping = Task {
            while !Task.isCancelled { await Task.yield() }
            await service.sweep()
        }
        stopping.cancel()
        await stopping.value
        #expect(staged.alerts == ["trust.demoted"])
        await service.sweep()
        #expect(staged.alerts == ["trust.demoted", "trust.unstored"])
    }

    @Test func `a start knows until when the control log has each demotion`() async throws {
        let staged = try await StageBench()
        let first = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(first.registry.storedUntil == nil)
        try await staged.rise(to: .full)
        let promoted = staged.bench.clock.now.wall
        let second = try await StageBench(log: staged.log, clock: staged.bench.clock)
        let until = try #require(second.registry.storedUntil)
        #expect(until <= promoted)
        staged.bench.clock.advance(StageBench.day)
        let demoted = staged.bench.clock.now.wall
        staged.registry.demote(clerk, by: .denials)
        #expect(await staged.stored(1))
        staged.bench.clock.advance(StageBench.day)
        // The store takes nothing from here on.
        staged.log.fail()
        staged.registry.demote(clerk, by: .kill)
        await staged.service.sweep()
        let third = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(third.registry.storedUntil == demoted)
    }

    @Test func `open requests are decided again at the stage that is left`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let client = try await Client.open(staged.bench)
        // `mail` needs one person at each stage; the vote names the stage.
        let call = client.begin("mail", ["text": "x"])
        let before = try await staged.bench.request()
        #expect(before.review.call.stage == .trusted)
        staged.registry.demote(clerk, by: .kill)
        await staged.service.sweep()
        let after = try #require(staged.bench.approvals[before.id])
        #expect(after.review.call.stage == .supervised && after.revision > before.revision)
        call.exchange.close()
        _ = await call.answer()
    }

    @Test func `each decision has the stage that it was made with, and is made again with it`()
        async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let client = try await Client.open(staged.bench)
        // `note` is reversible: allowed at stage 2, with approval below.
        check(await client.call("note", ["text": "x"]), .text("done"))
        let intent = try #require(staged.bench.ledger.drafts(of: .callIntent).last)
        staged.registry.demote(clerk, by: .denials)
        let call = client.begin("note", ["text": "x"])
        _ = try await staged.bench.request()
        let waiting = try #require(staged.bench.ledger.drafts(of: .callIntent).last)
        let arguments: JSONValue = ["text": "x"]
        let cases: [(RecordDraft, TrustStage, Verdict)] = [
            (intent, .trusted, .allow), (waiting, .supervised, .approve(1)),
        ]
        for (record, stage, verdict) in cases {
            let input = try #require(record.plaintext("in"))
            let decision = try RecordedDecision(parsing: input)
                .decide(arguments, under: staged.bench.policy)
            #expect(decision.stage == stage && decision.verdict == verdict)
        }
        let quotas = try [intent, waiting].map { record in
            try JSONValue(parsing: try #require(record.plaintext("in")), limits: .stored)["facts"]?[
                "quota"]
        }
        #expect(quotas == [75, 50])
        call.exchange.close()
        _ = await call.answer()
    }

    @Test func `an agent of tier high rises in its limits alone`() async throws {
        let staged = try await StageBench([
            ("tier: medium", "tier: high"),
            (
                "high: {calls: 1000000/m}",
                "high: {calls: 1000000/m, classes: [read, write, destructive], require: [approvers]}"
            ),
        ])
        for stage in AutonomyStage.allCases {
            if let before = stage.previous {
                staged.bench.clock.advance(StageBench.day)
                let next = try staged.document(before, stage, by: ["ines", "paul"])
                #expect(await staged.kind(next) == nil)
            }
            let terms = try #require(
                staged.bench.gateway.terms(of: clerk, in: staged.bench.policy))
            #expect(terms.stage == .supervised && terms.quotaPercent == stage.quotaPercent)
        }
    }
}
