import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockReview

/// Cadence and overdue steps (docs/specs/trust-and-review.md, sections 7 and 9).
@Suite(.requirement("R103", "R133")) struct ReviewScheduleTests {
    private typealias Fixture = ReviewFixture

    /// Days, counted from the first start of the agent.
    private func due(
        _ tier: Tier?, signed: Int64? = nil, demotions: [Int64] = [], next: Int64? = nil,
        reviewBy: Int64? = nil, postponed: [(Int64, Int64)] = []
    ) -> Int64 {
        let facts = ScheduleFacts(
            tier: tier, began: Fixture.now, demotions: demotions.map(Fixture.time),
            signed: signed.map(Fixture.time), next: next.map(Fixture.time),
            reviewBy: reviewBy.map(Fixture.time),
            postponements: postponed.map {
                ReviewPostponement(due: Fixture.time($0.0), until: Fixture.time($0.1))
            })
        return (facts.due - Fixture.now).microseconds / 86_400_000_000
    }

    @Test func `the cadence is that of the tier`() {
        #expect(due(.high, signed: 100) == 130)
        #expect(due(.medium, signed: 100) == 190)
        #expect(due(.low, signed: 100) == 280)
        #expect(due(nil) == 90)
        #expect(due(nil, signed: 10) == 100)
    }

    @Test func `the first eight weeks and four weeks after a demotion are weekly`() {
        #expect(due(.low) == 7)
        #expect(due(.low, signed: 55) == 62)
        #expect(due(.low, signed: 56) == 236)
        #expect(due(.low, signed: 100, demotions: [110]) == 117)
        #expect(due(.low, signed: 120, demotions: [110]) == 127)
        #expect(due(.low, signed: 137, demotions: [110]) == 144)
        #expect(due(.low, signed: 138, demotions: [110]) == 318)
        #expect(due(nil, signed: 1, demotions: [2]) == 91)
    }

    @Test func `a further demotion postpones nothing`() {
        #expect(due(.low, signed: 100, demotions: [110, 131]) == 117)
        #expect(due(.low, signed: 100, demotions: [131, 110]) == 117)
        #expect(due(.low, signed: 100, demotions: [110, 130, 150, 170]) == 117)
        #expect(due(.low, signed: 120, demotions: [80, 110, 131]) == 127)
        #expect(due(.low, signed: 140, demotions: [110, 145]) == 152)
    }

    @Test func `a weekly review is one of a new agent or of one that was demoted`() {
        func isWeekly(_ tier: Tier?, signed: Int64, demotions: [Int64] = []) -> Bool {
            ScheduleFacts(
                tier: tier, began: Fixture.now, demotions: demotions.map(Fixture.time),
                signed: Fixture.time(signed)
            ).isWeekly
        }
        #expect(isWeekly(.low, signed: 55) && !isWeekly(.low, signed: 56))
        #expect(isWeekly(.low, signed: 100, demotions: [110, 200]))
        #expect(isWeekly(.low, signed: 100, demotions: [60, 110]))
        #expect(!isWeekly(.low, signed: 138, demotions: [60, 110]))
        #expect(!isWeekly(nil, signed: 1, demotions: [2]))
    }

    @Test func `sign-off and policy file only make it earlier`() {
        #expect(due(.high, signed: 100, next: 120) == 120)
        #expect(due(.high, signed: 100, next: 200) == 130)
        #expect(due(.high, signed: 100, reviewBy: 110) == 110)
        #expect(due(.high, signed: 100, reviewBy: 300) == 130)
        #expect(due(.low, reviewBy: 3) == 3)
    }

    @Test func `a review is postponed once, by 14 days at most`() {
        #expect(due(.high, signed: 100, postponed: [(130, 144)]) == 144)
        #expect(due(.high, signed: 100, postponed: [(130, 145)]) == 130)
        #expect(due(.high, signed: 100, postponed: [(130, 130)]) == 130)
        #expect(due(.high, signed: 100, postponed: [(130, 140), (140, 150)]) == 140)
        #expect(due(.high, signed: 100, postponed: [(130, 140), (130, 144)]) == 140)
        #expect(due(.high, signed: 131, postponed: [(130, 144)]) == 161)
    }

    @Test func `a sign-off of before the agent began counts from there`() {
        #expect(due(.high, signed: -5) == 7)
    }

    @Test(
        arguments: [
            (-8, OverdueStep.current), (-7, .reminder), (-1, .reminder), (0, .overdue),
            (6, .overdue), (7, .escalated), (13, .escalated), (14, .demoted), (400, .demoted),
        ] as [(Int64, OverdueStep)])
    func `each day has its step`(_ day: Int64, _ step: OverdueStep) {
        #expect(OverdueStep(due: Fixture.now, at: Fixture.time(day)) == step)
        let second = Fixture.time(day) + .seconds(1)
        #expect(OverdueStep(due: Fixture.now, at: second) >= step)
    }
}
