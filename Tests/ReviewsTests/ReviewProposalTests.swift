import InterlockEvidence
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockReview
@testable import InterlockReviews

/// The reviews that people may start, and their dates.
@Suite(.requirement("R129", "R133")) struct ReviewProposalTests {
    private static let scope = ReviewScope.agent(ReviewBench.clerk)

    private func person(_ name: String, roles: Set<Role> = [.security]) -> ReviewPerson {
        let known = People.all[name]
        return ReviewPerson(
            person: known.person, pseudonym: known.pseudonym,
            visibility: Visibility(person: known.person, roles: roles, own: []))
    }

    @Test func `the owner is told before the start, and the period follows the last one`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        let owner = try made.service.proposal(of: Self.scope, for: person("li"))
        #expect(owner.objection?.contains("owns the agent") == true)
        let began = try #require(made.registry.reviews(of: Self.scope)?.began)
        let first = try made.service.proposal(of: Self.scope, for: person("ines"))
        #expect(first.objection == nil && first.from == began.day)
        made.bench.clock.advance(.seconds(5 * 86_400))
        try await made.review()
        let end = try #require(made.registry.reviews(of: Self.scope)?.signed?.signOff.period.end)
        let next = try made.service.proposal(of: Self.scope, for: person("ines"))
        #expect(next.from == end.day)
        let row = try #require(
            made.service.summary(of: ReviewBench.clerk, for: made.everything))
        #expect(row.isWeekly && row.step == .current, "a weekly review is due soon 2 days before")
        var kind: ProblemKind?
        do throws(Problem) {
            _ = try made.service.proposal(of: Self.scope, for: person("paul", roles: []))
        } catch { kind = error.kind }
        #expect(kind == .noSuchAgent)
    }

    @Test func `the next review may be on the last day that the schedule permits`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        _ = try await made.start()
        let who = person("ines")
        let work = try #require(try await made.service.work(on: Self.scope, for: who))
        let cases: [(next: Timestamp, stated: Timestamp?)] = [
            (next: work.latest.day.end, stated: work.latest),
            (next: work.latest - .seconds(86_400), stated: nil),
            (next: work.latest + .seconds(2 * 86_400), stated: nil),
        ]
        for (next, stated) in cases {
            try await made.service.state(.plan(next: next, others: []), on: Self.scope, by: who)
            let after = try #require(try await made.service.work(on: Self.scope, for: who))
            #expect(after.statement.next == (stated ?? next))
        }
    }
}
