import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockReview
@testable import InterlockReviews
@testable import InterlockTrust
@testable import InterlockTrustStages

/// The steps after a due date (docs/specs/trust-and-review.md, section 9). A new agent is reviewed each week, so that the
/// clerk and the reader are due on day 7, late on day 14, and may only read from day 21 on.
@Suite(.requirement("R103", "R133")) struct ReviewLadderTests {
    @Test func `a gateway that knows reviews for the first time counts from now and says so`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        let scheduled = made.bench.ledger.drafts(of: .reviewScheduled)
        #expect(scheduled.count == 1)
        #expect(scheduled.first?.fields["cnt"] == 3, "the organisation and two agents")
        #expect(made.log.lines.count { $0.hasPrefix("review.schedule ") } == 3)
        let due = (made.now + .seconds(7 * 86_400)).wholeSecond
        #expect(made.registry.reviewStatus(of: ReviewBench.clerk)?.due == due)
        #expect(
            made.registry.reviewStatus(of: nil)?.due
                == (made.now + .seconds(90 * 86_400)).wholeSecond)
        #expect(made.alerts.isEmpty && made.overdue.isEmpty)
        #expect(made.clerkReview?.isReadOnly == false)
        made.bench.clock.advance(.seconds(3 * 86_400))
        let next = try await ReviewBench(
            log: made.log, files: made.files, clock: made.bench.clock)
        await next.service.sweep()
        #expect(next.registry.reviewStatus(of: ReviewBench.clerk)?.due == due)
        #expect(next.bench.ledger.drafts(of: .reviewScheduled).isEmpty)
    }

    @Test func `a stop during the first look raises no alert, and a store that fails raises one`()
        async throws
    {
        let made = try await ReviewBench()
        let service = made.service
        made.log.fail()
        let stopping = Task {
            while !Task.isCancelled { await Task.yield() }
            await service.sweep()
        }
        stopping.cancel()
        await stopping.value
        #expect(made.alerts.isEmpty)
        made.bench.clock.advance(.seconds(61))
        await service.sweep()
        #expect(made.alerts == ["review.unstored "])
    }

    @Test func `people are reminded once, alerted when it is due, and daily a week later`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        await made.pass(days: 4)
        #expect(made.alerts.isEmpty)
        await made.pass(days: 1)
        #expect(
            made.alerts == ["review.weekly_due clerk", "review.weekly_due reader"])
        await made.pass(days: 1)
        #expect(made.alerts.count == 2, "once")
        await made.pass(days: 1)
        #expect(made.overdue == ["clerk", "reader"])
        #expect(
            made.alerts.suffix(2) == ["review.overdue clerk", "review.overdue reader"])
        await made.pass(days: 6)
        #expect(made.alerts.count == 4)
        await made.pass(days: 1)
        #expect(made.alerts.count { $0.hasPrefix("review.late ") } == 2)
        await made.pass(days: 1)
        #expect(made.alerts.count { $0.hasPrefix("review.late ") } == 4)
        #expect(made.overdue.count == 2, "recorded once")
    }

    @Test func `on day 13 nothing is taken, and on day 14 the stage and everything but reads`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        await made.pass(days: 7 + 13)
        #expect(made.clerkReview?.isReadOnly == false)
        made.bench.clock.advance(ReviewBench.day - .seconds(2))
        await made.service.sweep()
        #expect(made.clerkReview?.isReadOnly == false)
        await made.pass(days: 1)
        #expect(made.clerkReview?.isReadOnly == true)
        let client = try await Client.open(made.bench)
        check(await client.call("note"), .refused(4030, "review-overdue"))
        let read = await client.call("look")
        #expect(made.bench.ledger.drafts(of: .callOutcome).count == 1, "\(read)")
        #expect(
            made.bench.ledger.drafts(of: .callDenied).contains {
                $0.fields["code"] == "policy.review_overdue"
            })
        // The kill switch and the review itself work on.
        let report = try await made.bench.halt(.agent(ReviewBench.clerk))
        #expect(made.bench.gateway.halt(of: ReviewBench.clerk) == report.order.id)
        _ = try await made.start()
    }

    @Test func `a promoted agent is demoted on day 14, once, and its code names the review`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        try await made.promote()
        #expect(made.stages.status(of: ReviewBench.clerk).stage == .assisted)
        await made.pass(days: 7 + 13)
        #expect(made.bench.ledger.drafts(of: .trustDemoted).isEmpty)
        for _ in 0..<3 { await made.pass(days: 1) }
        let demotions = made.bench.ledger.drafts(of: .trustDemoted)
        #expect(demotions.map { $0.fields["code"] } == ["review-overdue"])
        #expect(made.stages.status(of: ReviewBench.clerk).stage == .gated)
        try await made.review()
        #expect(made.stages.status(of: ReviewBench.clerk).stage == .gated, "people promote again")
    }

    @Test func `a review lifts the ladder for its time, and the next one is due again`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        await made.pass(days: 7 + 14)
        #expect(made.clerkReview?.isReadOnly == true)
        try await made.review()
        #expect(made.clerkReview?.isReadOnly == false, "at once, before the next look")
        await made.service.sweep()
        #expect(made.registry.reviewStatus(of: ReviewBench.clerk)?.isCurrent(at: made.now) == true)
        #expect(made.registry.review(of: ReviewBench.reader)?.isReadOnly == true)
        await made.pass(days: 7 + 14)
        #expect(made.clerkReview?.isReadOnly == true)
    }

    @Test func `a further demotion lifts nothing, and neither does a start`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        await made.pass(days: 57)
        try await made.review(nextIn: 60)
        await made.pass(days: 1)
        try await made.promote()
        #expect(made.stages.demote(ReviewBench.clerk, by: .kill) != nil)
        await made.pass(days: 1)
        #expect(made.registry.facts(of: .agent(ReviewBench.clerk))?.isWeekly == true)
        await made.pass(days: 19)
        #expect(made.stages.demote(ReviewBench.clerk, by: .kill) != nil)
        await made.pass(days: 1)
        #expect(made.clerkReview?.isReadOnly == true)
        #expect(await made.stages.store())
        await made.pass(days: 1)
        #expect(made.clerkReview?.isReadOnly == true)
        let next = try await ReviewBench(
            log: made.log, files: made.files, clock: made.bench.clock)
        #expect(next.clerkReview?.isReadOnly == true, "before its first look")
    }

    @Test func `a clock that is set back makes no review current`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        await made.pass(days: 7 + 14)
        made.bench.clock.advance(.seconds(-20 * 86_400))
        await made.service.sweep()
        #expect(made.clerkReview?.isReadOnly == true)
        #expect(made.registry.now() > made.now)
        let status = try #require(made.registry.reviewStatus(of: ReviewBench.clerk))
        #expect(made.now < status.due && !status.isCurrent(at: made.now), "not ready")
        let entry = try #require(made.bench.policy.agents[ReviewBench.clerk])
        #expect(made.bench.gateway.isReviewDue(entry, at: made.now))
        #expect(made.bench.gateway.isReviewPast(entry, at: made.now), "no new elevation")
    }

    @Test func `a clock that is set back lifts no date of the policy file`() async throws {
        let made = try await ReviewBench([
            (
                "review_by: \"2027-02-01\"\n    approvers",
                "review_by: \"2026-11-22\"\n    approvers"
            )
        ])
        await made.service.sweep()
        await made.pass(days: 3)
        try await made.review(nextIn: 4)
        let entry = try #require(made.bench.policy.agents[ReviewBench.clerk])
        #expect(made.bench.gateway.reviewState(of: entry, at: made.now) == .lifted)
        let other = try await ReviewBench(
            [
                (
                    "review_by: \"2027-02-01\"\n    approvers",
                    "review_by: \"2026-11-22\"\n    approvers"
                )
            ], seen: made.now + .seconds(20 * 86_400))
        let same = try #require(other.bench.policy.agents[ReviewBench.clerk])
        #expect(!same.isOverdue(at: other.now))
        #expect(other.bench.gateway.isOverdue(same, at: other.now))
        #expect(other.bench.gateway.reviewState(of: same, at: other.now) == .overdue)
    }

    @Test func `a start with a clock that was set back begins at the latest time on record`()
        async throws
    {
        let made = try await ReviewBench()
        await made.service.sweep()
        await made.pass(days: 1)
        #expect(await made.registry.store())
        let seen = made.now + .seconds(21 * 86_400)
        let next = try await ReviewBench(
            log: made.log, files: made.files, clock: made.bench.clock, seen: seen)
        #expect(next.clerkReview?.isReadOnly == true)
        #expect(next.registry.latest(next.now) == seen)
        #expect(next.registry.latest(seen + .seconds(1)) == seen + .seconds(1))
    }

    @Test func `a finding past its date walks the ladder of its agent`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start()
        try await made.mark(id, 3)
        let due = (made.now + .seconds(2 * 86_400)).wholeSecond
        let finding: JSONValue = [
            "severity": 2, "text": "the queue list is stale",
            "owner": .string(People.all["li"].person.address),
            "due": .string(due.rfc3339(fractionDigits: 0)),
        ]
        let answers = made.answers(["ines"], findings: [finding])
        let body = try await made.document(id, answers, signedBy: ["ines"])
        #expect(await made.problem(id, body) == nil)
        #expect(made.registry.reviewStatus(of: ReviewBench.clerk)?.due == due)
        await made.pass(days: 3)
        let record = try #require(made.bench.ledger.drafts(of: .reviewOverdue).first)
        #expect(record.fields["rvw"] == .string(id.text) && record.fields["n"] == 1)
        for _ in 0..<2 { await made.pass(days: 7) }
        #expect(made.clerkReview?.isReadOnly == true)
        let shown = try #require(
            made.service.reviews(page: 1, for: made.everything).rows.first {
                $0.agent == ReviewBench.clerk
            })
        #expect(shown.due == due && shown.step == .demoted)
    }

    @Test
    func `the date of the policy file counts if it is earlier, until a review is signed for it`()
        async throws
    {
        let made = try await ReviewBench([
            (
                "review_by: \"2027-02-01\"\n    approvers",
                "review_by: \"2026-11-22\"\n    approvers"
            )
        ])
        await made.service.sweep()
        let date = try #require(CivilDate("2026-11-22")).end
        #expect(made.registry.reviewStatus(of: ReviewBench.clerk)?.due == date)
        let entry = try #require(made.bench.policy.agents[ReviewBench.clerk])
        #expect(made.bench.gateway.reviewDue(of: entry) == date)
        await made.pass(days: 2)
        try await made.review()
        #expect(made.bench.gateway.reviewState(of: entry, at: made.now) == .lifted)
        await made.pass(days: 6)
        #expect(made.bench.gateway.reviewDue(of: entry).map { made.now < $0 } == true)
        made.bench.clock.advance(.seconds(60 * 86_400))
        #expect(!made.bench.gateway.isOverdue(entry, at: made.now), "the old date stays lifted")
    }

    @Test func `a review of the organisation that is late is one of every agent`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let id = try await made.start(.org)
        try await made.mark(id, 3)
        let body = try await made.document(
            id, made.answers(["ines"], nextIn: 2), signedBy: ["ines"])
        #expect(await made.problem(id, body) == nil)
        let due = try #require(made.registry.reviewStatus(of: nil)?.due)
        await made.pass(days: 1)
        #expect(made.registry.reviewStatus(of: ReviewBench.clerk)?.isCurrent(at: made.now) == true)
        await made.pass(days: 2)
        #expect(made.overdue == ["org"])
        #expect(made.registry.reviewStatus(of: ReviewBench.clerk)?.due == due)
        let entry = try #require(made.bench.policy.agents[ReviewBench.clerk])
        #expect(made.bench.gateway.isReviewDue(entry, at: made.now), "no new elevation")
        await made.pass(days: 12)
        #expect(made.clerkReview?.isReadOnly == false)
        await made.pass(days: 2)
        #expect(made.clerkReview?.isReadOnly == true)
        #expect(made.registry.review(of: ReviewBench.reader)?.isReadOnly == true)
        let shown = made.service.reviews(page: 1, for: made.everything)
        #expect(shown.count == 3 && shown.rows.count == 3 && shown.late == 3 && shown.soon == 0)
        #expect(shown.rows.allSatisfy { $0.due <= due && $0.step == .demoted })
        #expect(shown.rows.map(\.due) == shown.rows.map(\.due).sorted())
        let next = try await made.start(.org)
        try await made.mark(next, 3)
        let again = try await made.document(next, made.answers(["ines"]), signedBy: ["ines"])
        #expect(await made.problem(next, again) == nil)
        #expect(made.clerkReview?.isReadOnly == false, "its own review is 10 days late")
    }

    @Test func `every agent of the policy is walked`() async throws {
        let made = try await ReviewBench()
        await made.service.sweep()
        let scopes = Set(made.registry.items.map(\.scope))
        #expect(scopes == [.org, .agent(ReviewBench.clerk), .agent(ReviewBench.reader)])
    }
}
