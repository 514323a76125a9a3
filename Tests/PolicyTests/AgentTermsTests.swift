import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

@Suite(.requirement("R154")) struct AgentTermsTests {
    private func terms(
        _ written: TrustStage, _ trust: AgentTerms.Trust, held: [String] = [], tier: Tier = .low
    ) -> AgentTerms { AgentTerms(written: written, held: held, tier: tier, trust) }

    @Test func `without a record the stage is supervised and a quarter of each limit acts`() {
        let terms = terms(.trusted, .none)
        #expect(terms.stage == .supervised && terms.quotaPercent == 25 && !terms.isAsWritten)
        #expect(terms.stageText == "supervised (the file says trusted)")
        #expect(terms.text(Rate(count: 60, windowSeconds: 60)) == "15/m of 60/m")
        #expect(terms.text(Rate(count: 1, windowSeconds: 86_400)) == "1/d")
        #expect(terms.most(0) == 0 && terms.most(3) == 1)
    }

    @Test func `the lower of the file and the record applies`() throws {
        for (number, stage) in [
            (0, TrustStage.supervised), (1, .supervised), (2, .trusted), (3, .trusted),
        ] {
            let record = AgentTerms.Trust.record(
                try #require(TrustStageAssignment(number)), isFounding: false)
            #expect(terms(.trusted, record).stage == stage)
            #expect(terms(.supervised, record).stage == .supervised)
            #expect(terms(.observe, record).stage == .observe)
        }
    }

    @Test func `an agent of tier high earns a share of its limits and no other column`() throws {
        for number in 0...3 {
            let record = AgentTerms.Trust.record(
                try #require(TrustStageAssignment(number)), isFounding: false)
            let high = terms(.trusted, record, tier: .high)
            #expect(high.stage == .supervised && high.quotaPercent == Int64(number + 1) * 25)
        }
        #expect(terms(.trusted, .asWritten, tier: .high).stage == .trusted)
    }

    @Test func `the ceiling of the file and of a founding node bounds the share of limits too`()
        throws
    {
        for (number, share) in [(0, Int64(25)), (1, 50), (2, 50), (3, 50)] {
            let record = try #require(TrustStageAssignment(number))
            #expect(
                terms(.supervised, .record(record, isFounding: false)).quotaPercent == share)
            #expect(terms(.trusted, .record(record, isFounding: true)).quotaPercent == share)
        }
    }

    @Test func `a founding node and a held agent go no higher`() throws {
        let record = try #require(TrustStageAssignment(3))
        #expect(terms(.trusted, .record(record, isFounding: true)).stage == .supervised)
        let held = terms(.trusted, .record(record, isFounding: false), held: ["L101"])
        #expect(held.stage == .observe && held.allowed == .trusted)
        #expect(held.stageText == "observe (held: L101)")
    }

    @Test func `the autonomy is that of the record, and none as written`() throws {
        let record = try #require(TrustStageAssignment(2))
        let earned = terms(.trusted, .record(record, isFounding: false))
        #expect(earned.autonomy == record && earned.autonomyText == ", autonomy 2 bounded")
        #expect(earned.autonomyJSON == 2)
        #expect(terms(.trusted, .none).autonomyText == ", autonomy 0 gated")
        let written = terms(.trusted, .asWritten)
        #expect(written.autonomyText.isEmpty && written.autonomyJSON == .null)
        let names = (0...3).compactMap { TrustStageAssignment($0)?.text }
        #expect(names == ["0 gated", "1 assisted", "2 bounded", "3 full"])
    }

    @Test func `as written an agent has everything that its file states`() {
        let terms = terms(.trusted, .asWritten)
        #expect(terms.stage == .trusted && terms.isAsWritten)
        #expect(terms.text(Rate(count: 60, windowSeconds: 60)) == "60/m")
    }
}

extension AgentTerms {
    /// True if the agent has everything that its file states.
    fileprivate var isAsWritten: Bool { stage == written && quotaPercent == 100 }
}
