import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockTrust
@testable import InterlockTrustStages

/// Promotions in the gateway: who may decide them, when they act, and what a restart finds
/// (docs/specs/trust-and-review.md, sections 2 and 5).
@Suite(.requirement("R123", "R126")) struct TrustStageRegistryTests {
    private let clerk = StageBench.clerk

    @Test func `an agent is at stage 0 until people sign, and rises one stage at a time`()
        async throws
    {
        let staged = try await StageBench()
        #expect(staged.stage == 0)
        #expect(staged.registry.status(of: clerk).reasons == [.noPromotion])
        let body = try staged.document(.gated, .assisted, by: ["li"])
        let answer = try await staged.service.promote(body, by: staged.by)
        #expect(answer["agent"] == "clerk" && answer["stage"] == 1)
        #expect(staged.stage == 1 && staged.log.lines == ["trust.promotion clerk"])
        let record = try #require(staged.bench.ledger.drafts(of: .trustPromoted).first)
        #expect(record.fields["from"] == "gated" && record.fields["to"] == "assisted")
        let date = staged.bench.clock.now.wall.wholeSecond
        #expect(record.fields["date"] == .integer(date.microseconds))
        #expect(record.fields["signers"] == [.string(People.all["li"].pseudonym.text)])
        #expect(record.fields["code"] == nil && record.plaintext("proof") != nil)
        #expect(staged.registry.stage(of: StageBench.reader).number == 0)
        try await staged.rise(to: .gated)
        // The same document once more.
        #expect(await staged.kind(body) == .otherState)
        staged.bench.clock.advance(StageBench.day)
        let next = try staged.document(.assisted, .bounded, by: ["ines"])
        #expect(await staged.kind(next) == nil)
        #expect(staged.stage == 2)
    }

    @Test func `a promotion that people may not decide changes nothing`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .assisted)
        let now = staged.bench.clock.now.wall
        let foreign = OpenSSLHashing().sha256([9])
        func document(
            _ names: [String], signedBy: [String]? = nil, owner: String = "li",
            _ from: AutonomyStage = .assisted, _ to: AutonomyStage = .bounded,
            agent: AgentName = StageBench.clerk, date: Timestamp? = nil, lasting: Int64 = 60,
            org: String = "acme", criteria: Digest? = nil, policy: Digest? = nil
        ) throws -> JSONValue {
            try staged.document(
                from, to, by: names, signedBy: signedBy, owner: owner, agent: agent, date: date,
                lasting: lasting, org: org, criteria: criteria, policy: policy)
        }
        let both = ["ines", "paul"]
        let nobody = try #require(AgentName("nobody"))
        let bad: [(JSONValue, ProblemKind)] = [
            (try document(["li"]), .badSignature),
            (try document(both, signedBy: ["ines"]), .badSignature),
            (try document(["ines"], signedBy: ["paul"]), .badSignature),
            (try document(["ines"], signedBy: both), .badSignature),
            (try document(["mallory"]), .badSignature),
            (try document(both, org: "other"), .badSignature),
            (try document(both, owner: "dana"), .otherState),
            (try document(both, .gated, .assisted), .otherState),
            (try document(both, .bounded, .full), .otherState),
            (try document(both, agent: nobody), .noSuchAgent),
            (try document(both, date: now + .seconds(301)), .otherState),
            (try document(both, date: now - .seconds(8 * 86_400), lasting: 90), .otherState),
            (try document(both, lasting: 91), .otherState),
            (try document(both, criteria: foreign), .otherState),
            (try document(both, policy: foreign), .otherState),
            ([:], .malformed),
        ]
        for (number, (body, kind)) in bad.enumerated() {
            #expect(await staged.kind(body) == kind, "case \(number)")
        }
        #expect(staged.stage == 1)
        #expect(staged.bench.ledger.drafts(of: .trustPromoted).count == 1)
        staged.failing.value = [clerk: foreign]
        #expect(await staged.kind(try document(both)) == .otherState)
        staged.failing.value = [:]
        staged.unproved.value = [clerk]
        #expect(await staged.kind(try document(both)) == .otherState)
        staged.unproved.value = []
        #expect(await staged.kind(try document(both)) == nil)
    }

    @Test func `no promotion is above the file's stage, nor above what the owner delegates`()
        async throws
    {
        let changes = [("tier: medium\n    stage: trusted", "tier: medium\n    stage: supervised")]
        let low = try await StageBench(changes)
        try await low.rise(to: .assisted)
        low.bench.clock.advance(StageBench.day)
        #expect(
            await low.kind(try low.document(.assisted, .bounded, by: ["ines"])) == .otherState)

        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let delegation = StageDelegation(
            org: "acme", agent: clerk, most: .assisted, owner: People.all["li"].person,
            date: staged.bench.clock.now.wall)
        let payload = try delegation.canonical()
        let others = try People.all["ines"].key.envelope(.stageDelegation, payload)
        await #expect(throws: Problem.self) {
            try await staged.service.delegate(others.json, by: staged.by)
        }
        #expect(staged.stage == 2)
        let own = try People.all["li"].key.envelope(.stageDelegation, payload)
        try await staged.service.delegate(own.json, by: staged.by)
        #expect(staged.stage == 1)
        // The same document once more leaves no record.
        await #expect(throws: Problem.self) {
            try await staged.service.delegate(own.json, by: staged.by)
        }
        #expect(staged.bench.ledger.drafts(of: .trustDelegated).count == 1)
        staged.bench.clock.advance(StageBench.day)
        let more = try staged.document(.bounded, .full, by: ["ines", "paul"])
        #expect(await staged.kind(more) == .otherState)
        #expect(try await StageBench(log: staged.log, clock: staged.bench.clock).stage == 1)
    }

    @Test func `what the log does not take, or the store, does not act`() async throws {
        let staged = try await StageBench()
        let body = try staged.document(.gated, .assisted, by: ["li"])
        staged.bench.ledger.refuse(.trustPromoted)
        #expect(await staged.kind(body) == .notRecorded)
        #expect(staged.stage == 0 && staged.log.lines.isEmpty)
        staged.bench.ledger.accept()
        staged.log.fail()
        #expect(await staged.kind(body) == .notRecorded)
        let unkept = try #require(staged.bench.ledger.drafts(of: .trustPromoted).last)
        #expect(unkept.fields["code"] == "promotion.unkept" && staged.stage == 0)
        staged.log.mend()
        #expect(await staged.kind(body) == nil)
        #expect(staged.stage == 1)
    }

    /// The process dies after the entry, before the stage changes: the entry is durable, so it acts from the next start.
    @Test func `a promotion whose entry is durable acts after a restart`() async throws {
        let staged = try await StageBench()
        staged.log.fail(kept: true)
        let body = try staged.document(.gated, .assisted, by: ["li"])
        #expect(await staged.kind(body) == .notRecorded)
        #expect(staged.stage == 0)
        staged.log.mend()
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(next.stage == 1)
    }

    @Test func `a restart finds the stage, with its demotions`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        #expect(staged.stage == 3)
        staged.registry.demote(clerk, by: .denials)
        #expect(staged.stage == 2)
        #expect(await staged.stored(1))
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(next.stage == 2)
        #expect(next.registry.history(of: clerk) == staged.registry.history(of: clerk))
        #expect(next.registry.status(of: clerk).cooldownEnd != nil)
    }

    @Test func `a row that people did not sign is ignored, and people are alerted`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .assisted)
        staged.bench.clock.advance(StageBench.day)
        let genuine = try staged.document(.assisted, .bounded, by: ["ines", "paul"])
        let forged = try staged.document(
            .assisted, .bounded, by: ["ines", "paul"], signedBy: ["mallory"])
        let reader = try staged.document(
            .gated, .assisted, by: ["ines"], owner: "dana", agent: StageBench.reader)
        _ = try await staged.log.append([
            ControlDraft(.trustPromotion, "clerk", ["signed": forged]),
            ControlDraft(.trustPromotion, "clerk", ["signed": reader]),
            ControlDraft(.trustPromotion, "clerk", ["stage": 3]),
            ControlDraft(.trustPromotion, "no agent", ["signed": genuine]),
            ControlDraft(.trustDelegation, "clerk", ["signed": genuine]),
        ])
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(next.stage == 1 && next.registry.stage(of: StageBench.reader).number == 0)
        await next.service.sweep()
        await next.service.sweep()
        #expect(next.alerts == [String](repeating: "trust.foreign", count: 5))
    }

    /// An old document that people did sign, put back by someone who can write the store.
    @Test func `a document of before a demotion does not come back`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let old = try #require(staged.log.all.last { $0.kind == .trustPromotion })
        staged.registry.demote(clerk, by: .canary)
        #expect(await staged.stored(1))
        _ = try await staged.log.append([ControlDraft(.trustPromotion, "clerk", old.body)])
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        #expect(next.stage == 0 && next.registry.ignored.count == 1)
    }

    @Test func `a gateway whose demotions are not as it wrote them does not start`() async throws {
        for body: JSONObject in [[:], ["code": "mood"]] {
            let log = MemoryControlLog()
            _ = try await log.append([ControlDraft(.trustDemotion, "clerk", body)])
            await #expect(throws: ControlLogFailure.self) { try await StageBench(log: log) }
        }
    }

    @Test func `without readable keys or criteria every agent is at stage 0`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let keys = staged.keys.value
        staged.keys.value = nil
        await staged.service.sweep()
        #expect(staged.stage == 0 && staged.alerts == ["trust.unsigned"])
        staged.keys.value = keys
        await staged.service.sweep()
        #expect(staged.stage == 2)
        staged.criteria.value = nil
        await staged.service.sweep()
        #expect(staged.stage == 0)
        #expect(staged.registry.status(of: clerk).reasons == [.noCriteria])
        let next = try await StageBench(
            log: staged.log, clock: staged.bench.clock, criteria: nil)
        #expect(next.stage == 0)
    }

    @Test func `a promotion ends with the keys of its deciders`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        await staged.service.sweep()
        let redecided = staged.redecided.value
        let trust = try #require(staged.keys.value)
        staged.keys.value = try AuthorizedKeys(
            org: trust.org,
            people: trust.people.map { person in
                guard person.person == People.all["paul"].person else { return person }
                return TrustedPerson(
                    person: person.person, pseudonym: person.pseudonym, roles: person.roles,
                    keys: person.keys.map {
                        EnrolledKey(
                            key: $0.key, added: $0.added, founding: $0.founding,
                            revoked: staged.bench.clock.now.wall)
                    })
            }, nodes: trust.nodes)
        await staged.service.sweep()
        #expect(staged.stage == 0 && staged.alerts == ["trust.unsigned"])
        #expect(staged.redecided.value == redecided + 1)
    }

    @Test func `a stage that requires a sandbox holds only for attested runs`() async throws {
        var criteria = StageBench.criteria
        criteria.stages.bounded.requiresSandbox = true
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        staged.criteria.value = criteria
        await staged.service.sweep()
        #expect(staged.stage == 1)
        let attested = staged.registry.stage(of: clerk) { true }
        #expect(attested.number == 2)
        let terms = try #require(
            staged.bench.gateway.terms(of: clerk, in: staged.bench.policy))
        #expect(terms.stage == .supervised && terms.quotaPercent == 50)
        #expect(
            staged.bench.gateway.shownStage(of: clerk, in: staged.bench.policy) == .trusted)
    }

    @Test func `a sandbox that a stage requires is required above it, too, and stage 1 can`()
        async throws
    {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        func stages(_ change: (inout TrustCriteria) -> Void) async -> [Int] {
            var criteria = StageBench.criteria
            change(&criteria)
            staged.criteria.value = criteria
            await staged.service.sweep()
            return [staged.stage, staged.registry.stage(of: clerk) { true }.number]
        }
        let bounded = await stages { $0.stages.bounded.requiresSandbox = true }
        let full = await stages { $0.stages.full.requiresSandbox = true }
        let assisted = await stages { $0.stages.assisted.requiresSandbox = true }
        let none = await stages { _ in }
        #expect(bounded == [1, 3] && full == [1, 3] && assisted == [0, 3] && none == [3, 3])
    }
}
