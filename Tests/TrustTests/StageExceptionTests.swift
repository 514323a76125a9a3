import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// Exceptions by which two people raise a stage for a time (docs/specs/trust-and-review.md, section 5).
@Suite(.requirement("R126")) struct StageExceptionTests {
    private static let reason = "The log of November was lost, and the evidence is gathered again"

    private func exception(
        _ from: AutonomyStage = .gated, _ to: AutonomyStage = .assisted, on day: Int64 = 1,
        lasting days: Int64 = 7,
        by deciders: [Person] = [StageFixture.owner, StageFixture.other],
        reason: String = reason
    ) -> StageException? {
        StageException(
            org: "acme", agent: TrustFixture.agent, from: from, to: to, owner: StageFixture.owner,
            deciders: deciders, date: StageFixture.time(day),
            expires: StageFixture.time(day + days), reason: reason, policy: TrustFixture.policy)
    }

    private func stage(
        _ history: StageHistory, on day: Int64, counts: Bool = true, hasCriteria: Bool = true,
        ceiling: AutonomyStage = .full
    ) -> AutonomyStage {
        history.status(
            StageConditions(
                ceiling: ceiling, hasCriteria: hasCriteria, promotionCounts: true,
                delegationCounts: true, exceptionCounts: counts),
            at: StageFixture.time(day)
        ).stage
    }

    @Test func `it goes one stage, for 30 days at most, by two people with a reason`() throws {
        #expect(exception() != nil && exception(.bounded, .full, lasting: 30) != nil)
        #expect(exception(.gated, .bounded) == nil && exception(.assisted, .assisted) == nil)
        #expect(exception(lasting: 31) == nil && exception(lasting: 0) == nil)
        #expect(exception(by: [StageFixture.owner]) == nil)
        #expect(exception(by: [StageFixture.owner, StageFixture.owner]) == nil)
        #expect(exception(reason: "too short") == nil)
        #expect(exception(reason: String(repeating: "x", count: 4_001)) == nil)
    }

    @Test func `its bytes are read back, and another spelling is refused`() throws {
        let one = try #require(exception())
        let payload = try one.canonical()
        let envelope = Envelope(payloadType: .stageException, payload: payload, signatures: [])
        #expect(try StageException(envelope) == one)
        let text = String(decoding: payload, as: UTF8.self)
        for edit in [
            (#""to":1"#, #""to":2"#), (#""type":"stage-exception""#, #""type":"promotion""#),
            (#""v":1"#, #""v":2"#), (#","v":1"#, #","v":1,"x":1"#),
        ] {
            let edited = text.replacing(edit.0, with: edit.1, maxReplacements: 1)
            #expect(edited != text, "\(edit)")
            #expect(throws: FormError.self, "\(edit)") {
                try StageException(
                    Envelope(
                        payloadType: .stageException, payload: Array(edited.utf8), signatures: []))
            }
        }
        #expect(throws: FormError.self) {
            try StageException(
                Envelope(payloadType: .promotion, payload: payload, signatures: []))
        }
    }

    @Test func `it raises the stage until its end, under each other limit`() throws {
        var history = StageHistory()
        try history.add(try #require(exception()))
        #expect(stage(history, on: 0) == .gated && stage(history, on: 1) == .assisted)
        #expect(stage(history, on: 7) == .assisted && stage(history, on: 8) == .gated)
        #expect(stage(history, on: 2, counts: false) == .gated)
        #expect(stage(history, on: 2, hasCriteria: false) == .gated)
        var raised = StageFixture.history(at: .assisted)
        try raised.add(try #require(exception(.assisted, .bounded)))
        #expect(stage(raised, on: 2) == .bounded && stage(raised, on: 9) == .assisted)
        #expect(stage(raised, on: 2, ceiling: .assisted) == .assisted)
        #expect(raised.earned(at: StageFixture.time(2)) == .assisted, "nothing is earned by it")
    }

    @Test func `a demotion ends it, is measured from it, and lets none follow`() throws {
        for trigger in DemotionTrigger.allCases where trigger != .expired {
            var history = StageFixture.history(at: .assisted)
            try history.add(try #require(exception(.assisted, .bounded)))
            let demotion = try #require(
                history.demotion(by: trigger, at: StageFixture.time(2), under: .standard))
            #expect(demotion.from == .bounded && demotion.to == trigger.target(from: .bounded))
            history.add(demotion)
            #expect(history.exception == nil)
            #expect(stage(history, on: 3) <= .assisted, "\(trigger)")
            let next = try #require(exception(demotion.to, demotion.to.next ?? .full, on: 60))
            #expect(history.refusal(of: next) == .heldDown)
        }
    }

    @Test func `one that is old, of another stage or during a cool-down is refused`() throws {
        var history = StageFixture.history(at: .assisted)
        #expect(
            history.refusal(of: try #require(exception(.gated, .assisted)))
                == .otherStage(.assisted))
        #expect(
            history.refusal(of: try #require(exception(.assisted, .bounded, on: 0))) == .tooOld)
        let one = try #require(exception(.assisted, .bounded))
        try history.add(one)
        #expect(history.refusal(of: one) == .tooOld, "none counts twice")
        try history.add(try #require(StageFixture.promotion(.assisted, .bounded, on: 3)))
        #expect(history.exception == nil, "a promotion takes its place")
        #expect(stage(history, on: 4) == .bounded)
    }

    @Test func `no sequence of exceptions lifts an agent two stages above what it earned`() throws {
        var history = StageHistory()
        try history.add(try #require(exception()))
        #expect(
            history.refusal(of: try #require(exception(.assisted, .bounded, on: 2)))
                == .otherStage(.gated))
        try history.add(try #require(exception(.gated, .assisted, on: 3)))
        for day in 0..<20 { #expect(stage(history, on: Int64(day)) <= .assisted) }
    }
}
