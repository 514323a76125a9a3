import InterlockConsoleWorld
import InterlockEvidence
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockReview
import InterlockReviews
import InterlockTesting
import InterlockTrust
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// Governance reviews on pages.
@Suite(.requirement("R129", "R133")) struct ReviewPagesTests {
    /// One review of the clerk, and one of the organisation.
    struct Stub: ReviewQueries {
        var step = OverdueStep.overdue
        var isOpen = true
        var text = "plain"
        /// The number of times that the list has both.
        var copies = 1

        static let due = Timestamp(microseconds: 1_795_000_000_000_000)
        static let id = ReviewID(
            milliseconds: 1_795_000_000_000, random: [UInt8](repeating: 3, count: 10))
        static let clerk = AgentName("clerk").unwrapped

        func reviews(page: Int, for visibility: Visibility) -> ReviewListing {
            let rows = (0..<copies).flatMap { _ in [summary(Self.clerk), summary(nil)] }
            let seen = rows.filter { one in
                one.agent.map { visibility.sees($0) } ?? visibility.seesAll
            }
            let part = PagedRows(seen, page: page)
            return ReviewListing(
                rows: Array(part.rows), page: part.page, count: seen.count,
                late: seen.count { $0.step >= .overdue }, soon: seen.count { $0.step == .reminder })
        }

        func summary(of agent: AgentName?, for visibility: Visibility) -> ReviewSummary? {
            let isSeen = agent.map { visibility.sees($0) } ?? visibility.seesAll
            return isSeen ? summary(agent) : nil
        }

        func review(of agent: AgentName?, for visibility: Visibility) async -> ReviewDetail? {
            guard let agent, agent == Self.clerk, visibility.sees(agent) else { return nil }
            return ReviewDetail(
                summary: summary(agent), marked: isOpen ? marked : nil, signOff: signOff)
        }

        func findings(of owner: Person, for visibility: Visibility) -> [OwnedFinding] {
            guard owner == Person("p1@acme.example"), visibility.sees(Self.clerk) else { return [] }
            // A text may be longer than a finding has.
            guard
                let finding = ReviewFinding(
                    number: 2, .serious, text, owner: owner, due: Self.due + .seconds(86_400))
            else { return [] }
            let open = OpenFinding(review: Self.id, finding)
            return [OwnedFinding(scope: .agent(Self.clerk), open, since: Self.due)]
        }

        private func summary(_ agent: AgentName?) -> ReviewSummary {
            ReviewSummary(
                agent: agent, owner: Person("p1@acme.example"), tier: .medium, due: Self.due,
                step: step, isWeekly: true, signed: nil, open: isOpen ? Self.id : nil, marked: 1,
                findings: [])
        }

        private var period: ReviewPeriod {
            ReviewPeriod(from: Self.due - .seconds(86_400), to: Self.due).unwrapped
        }

        private var marked: MarkedSample {
            let records = (0..<2).map {
                SampledRecord(
                    leaf: Digest(words: (UInt64($0), 1, 1, 1)), index: UInt64($0 + 40),
                    time: Self.due - .seconds(60))
            }
            let sample = ReviewSample(
                scope: .agent(Self.clerk), period: period,
                checkpoint: SampleCheckpoint(
                    origin: "acme.example", size: 90, root: Digest(words: (1, 2, 3, 4))),
                random: [UInt8](repeating: 1, count: 32), senders: [],
                agents: [SampledAgent(name: Self.clerk, tier: .medium, stage: .gated)],
                strata: [
                    StratumSample(
                        agent: Self.clerk, stratum: .unattended, population: 2, size: .all,
                        records: records, spares: [])
                ])
            let mark = MarkedRecord(
                leaf: records[0].leaf, .ok, by: Pseudonym(text: "AAAAAAAAAAAAAAAAAAAAAA=="),
                opened: Self.due, marked: Self.due + .seconds(3))
            return MarkedSample(sample, marks: [records[0].leaf: mark.unwrapped])
        }

        private var signOff: ReviewSignOff {
            let finding = ReviewFinding(
                number: 1, .serious, text, owner: Person("p1@acme.example").unwrapped,
                due: Self.due + .seconds(86_400))
            return ReviewSignOff(
                org: "acme", review: Self.id, scope: .agent(Self.clerk), period: period,
                reviewers: [Person("p2@acme.example").unwrapped], date: Self.due,
                next: Self.due + .seconds(7 * 86_400), policy: Digest(words: (1, 1, 1, 1)),
                sample: Digest(words: (2, 2, 2, 2)), marks: Digest(words: (3, 3, 3, 3)),
                retire: nil, decisions: [], drift: [],
                controls: [ControlAnswer(.drills, isInOrder: false)],
                findings: [finding.unwrapped],
                warnings: [])
        }
    }

    private func browser(_ stub: Stub?, person: Int? = 0) -> Browser {
        var sources = DirectoryWorld(text: "plain").sources
        sources.reviewQueries = stub
        return Browser(person: person, sources: sources)
    }

    @Test func `the list has each review with its due date and state, the late ones named`() async {
        let page = await browser(Stub()).get("/agents/reviews/due")
        #expect(page.status == 200)
        for words in [
            "2 overdue", "href=\"/agents/clerk/review\"", "The organisation", "1 marked", "never",
            "interlock review status",
        ] {
            #expect(page.text.contains(words), "\(words)")
        }
        let none = await browser(Stub(step: .current)).get("/agents/reviews/due").text
        #expect(none.contains("None is due"))
    }

    @Test func `a long list is cut into pages, and its state is that of all of them`() async {
        let browser = browser(Stub(copies: 60))
        let second = await browser.get("/agents/reviews/due?page=2").text
        for words in [
            "120 overdue", "51-100 of 120", "href=\"/agents/reviews/due\"",
            "href=\"/agents/reviews/due?page=3\"",
        ] {
            #expect(second.contains(words), "\(words)")
        }
        #expect(second.split(separator: "href=\"/agents/clerk/review\"").count == 26)
        let last = await browser.get("/agents/reviews/due?page=9").text
        #expect(last.split(separator: "href=\"/agents/clerk/review\"").count == 11)
    }

    @Test func `the page of an agent's review has its sample, marks, bound and findings`() async {
        let page = await browser(Stub()).get("/agents/clerk/review")
        #expect(page.status == 200)
        for words in [
            "1 of 2 records are unmarked", "ran without a person", "href=\"/audit/40\"", "unmarked",
            "interlock review sample", "plain", "Overdue",
        ] {
            #expect(page.text.contains(words), "\(words)")
        }
        let closed = await browser(Stub(isOpen: false)).get("/agents/clerk/review").text
        #expect(closed.contains("interlock review start clerk"))
    }

    @Test func `texts of reviewers do not become markup`() async {
        let page = await browser(Stub(text: "<script>alert(1)</script>")).get(
            "/agents/clerk/review")
        #expect(!page.text.contains("<script>alert"))
    }

    @Test func `what is not there, and a query, is refused`() async {
        let browser = browser(Stub())
        #expect(await browser.get("/agents/ghost/review").status == 404)
        #expect(await browser.get("/agents/clerk/reviews").status == 404)
        #expect(await browser.get("/agents/clerk/review?x=1").status == 400)
        #expect(await browser.get("/agents/reviews/due?page=x").status == 400)
        #expect(await self.browser(nil).get("/agents/clerk/review").status != 200)
    }

    @Test func `the local socket alone serves the operations, so that no token reaches them`() {
        #expect(Operation.reviews.count == 11)
        for operation in Operation.reviews {
            #expect(operation.callers == .local, "\(operation.name)")
            #expect(!Operation.published.contains { $0.name == operation.name })
        }
    }
}
