import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockReview

/// Everything that is due, as time passes (docs/specs/trust-and-review.md, section 9).
@Suite(.requirement("R133")) struct OverdueLadderTests {
    private typealias Fixture = ReviewFixture
    private let review = DueItem(
        scope: .agent(ReviewFixture.agent), subject: .review, due: ReviewFixture.now)
    private let finding = DueItem(
        scope: .org, subject: .finding(ReviewFixture.id, number: 2), due: ReviewFixture.time(1))

    @Test func `each step is reported once, and from the seventh day on daily`() {
        var ladder = OverdueLadder(latest: Fixture.time(-9))
        var days: [(Int64, OverdueStep, Bool)] = []
        for hour in Int64(-9 * 24)...16 * 24 {
            let events = ladder.walk([review], at: Fixture.now + .seconds(hour * 3_600))
            for event in events where event.item == review {
                days.append((hour / 24, event.step, event.isRepeated))
            }
        }
        #expect(days.map(\.0) == [-7, 0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
        #expect(days.prefix(4).map(\.1) == [.reminder, .overdue, .escalated, .escalated])
        #expect(days.map(\.1).suffix(4) == [.escalated, .demoted, .demoted, .demoted])
        #expect(days.filter { !$0.2 }.map(\.0) == [-7, 0, 7, 14])
    }

    @Test func `a clock that is set back makes nothing current`() {
        var ladder = OverdueLadder(latest: Fixture.time(14))
        let events = ladder.walk([review], at: Fixture.time(-100))
        #expect(events.map(\.step) == [.demoted])
        let later = ladder.advance(to: Fixture.time(-100))
        #expect(later == Fixture.time(14))
    }

    @Test func `a finding has the same steps, from its own date`() {
        var ladder = OverdueLadder(latest: Fixture.time(-1))
        let first = ladder.walk([finding, review], at: Fixture.now)
        #expect(first.map(\.item) == [review, finding])
        #expect(first.map(\.step) == [.overdue, .reminder])
        let second = ladder.walk([finding, review], at: Fixture.time(1))
        #expect(second.map(\.item) == [finding])
        #expect(finding.text == "org \(Fixture.id.text)#2")
    }

    @Test func `what is settled is forgotten, and a new date begins again`() {
        var ladder = OverdueLadder(latest: Fixture.now)
        let first = ladder.walk([review], at: Fixture.now)
        let none = ladder.walk([], at: Fixture.now)
        let again = ladder.walk([review], at: Fixture.now)
        #expect([first.count, none.count, again.count] == [1, 0, 1])
        let moved = DueItem(scope: review.scope, subject: .review, due: Fixture.time(30))
        let later = ladder.walk([moved], at: Fixture.time(1))
        #expect(later.isEmpty)
    }

    @Test func `every agent is walked, whichever others are overdue`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(20) {
            let count = Int.random(in: 1...200, using: &random)
            let items = try (0..<count).map { number in
                DueItem(
                    scope: .agent(try #require(AgentName("agent-\(number)"))), subject: .review,
                    due: Fixture.time(Int64.random(in: -20...20, using: &random)))
            }
            var ladder = OverdueLadder(latest: Fixture.now)
            let events = ladder.walk(items.shuffled(using: &random), at: Fixture.now)
            let expected = items.filter { OverdueStep(due: $0.due, at: Fixture.now) > .current }
            #expect(Set(events.map(\.item)) == Set(expected))
            #expect(events.count == expected.count)
            let dates = events.map(\.item.due)
            #expect(dates == dates.sorted())
        }
    }
}
