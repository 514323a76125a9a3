package import InterlockAdministration
package import InterlockEvidence
import InterlockGovernor
package import InterlockModel
import InterlockPolicy
package import InterlockReview
import InterlockTrust

/// Answers what pages show of reviews.
package protocol ReviewQueries: Sendable {
    /// One page of the reviews of the organisation and of the agents that a person sees, those that are due first in front.
    ///
    /// - Parameter page: from 1; a number above the last page means the last page.
    func reviews(page: Int, for visibility: Visibility) -> ReviewListing

    /// The row of one review.
    ///
    /// - Parameter agent: nil asks for the organisation.
    /// - Returns: nil if there is no such review, or the person may not see it.
    func summary(of agent: AgentName?, for visibility: Visibility) -> ReviewSummary?

    /// The page of one review, with the same parameters and the same nil.
    func review(of agent: AgentName?, for visibility: Visibility) async -> ReviewDetail?

    /// The open findings that a person mends, as far as the person sees their scopes.
    func findings(of owner: Person, for visibility: Visibility) -> [OwnedFinding]
}

/// An open finding with the scope of its review.
package struct OwnedFinding: Sendable {
    package let scope: ReviewScope
    package let open: OpenFinding
    /// The date of the sign-off that has it.
    package let since: Timestamp

    package init(scope: ReviewScope, _ open: OpenFinding, since: Timestamp) {
        self.scope = scope
        self.open = open
        self.since = since
    }
}

extension ReviewQueries {
    /// The findings that this person mends.
    package func findingTasks(for viewer: InboxViewer) -> [InboxTask] {
        findings(of: viewer.person, for: viewer.visibility).map { one in
            InboxTask.finding(
                "\(one.open.review.text)#\(one.open.finding.number)", of: one.scope.agent,
                one.open.finding.text, since: one.since, due: one.open.finding.due)
        }
    }
}

/// One page of the list of reviews, with the counts of all of them.
package struct ReviewListing: Sendable {
    package static let pageSize = 50

    package let rows: [ReviewSummary]
    /// The number of the page, from 1.
    package let page: Int
    package let count: Int
    /// The reviews that are due.
    package let late: Int
    /// The reviews of which people are reminded.
    package let soon: Int

    package init(rows: [ReviewSummary], page: Int, count: Int, late: Int, soon: Int) {
        self.rows = rows
        self.page = page
        self.count = count
        self.late = late
        self.soon = soon
    }
}

/// The review of one agent, or of the organisation, as a row.
package struct ReviewSummary: Sendable {
    /// Nil for the organisation.
    package let agent: AgentName?
    package let owner: Person?
    package let tier: Tier?
    /// The time at which the review, a finding of the last one or, once it is due, that of the organisation is due.
    package let due: Timestamp
    package let step: OverdueStep
    /// True in the first 8 weeks and in the 4 weeks after a demotion.
    package let isWeekly: Bool
    /// The time of the last signature.
    package let signed: Timestamp?
    /// The review that was started and is not signed.
    package let open: ReviewID?
    /// The marks of the open review.
    package let marked: Int
    /// The open findings, which the next review calls mended or still open.
    package let findings: [OpenFinding]

    package init(
        agent: AgentName?, owner: Person?, tier: Tier?, due: Timestamp, step: OverdueStep,
        isWeekly: Bool, signed: Timestamp?, open: ReviewID?, marked: Int,
        findings: [OpenFinding]
    ) {
        self.agent = agent
        self.owner = owner
        self.tier = tier
        self.due = due
        self.step = step
        self.isWeekly = isWeekly
        self.signed = signed
        self.open = open
        self.marked = marked
        self.findings = findings
    }
}

/// The page of one review: what is open, and what was signed last.
package struct ReviewDetail: Sendable {
    package let summary: ReviewSummary
    /// The sample of the open review with its marks; nil without one, or if its file cannot be read.
    package let marked: MarkedSample?
    /// The last sign-off; nil before the first.
    package let signOff: ReviewSignOff?

    package init(summary: ReviewSummary, marked: MarkedSample?, signOff: ReviewSignOff?) {
        self.summary = summary
        self.marked = marked
        self.signOff = signOff
    }
}

extension ReviewService: ReviewQueries {
    package func reviews(page: Int, for visibility: Visibility) -> ReviewListing {
        let now = registry.now()
        let seen = dueTimes(for: visibility, at: now)
        let size = ReviewListing.pageSize
        let pages = max(1, (seen.count + size - 1) / size)
        let page = min(max(1, page), pages)
        let rows = seen.dropFirst((page - 1) * size).prefix(size).compactMap {
            summary(of: $0.scope, at: now)
        }
        return ReviewListing(
            rows: rows, page: page, count: seen.count, late: seen.count { $0.step >= .overdue },
            soon: seen.count { $0.step == .reminder })
    }

    /// All reviews of a person or program, those that are due first in front.
    func summaries(for visibility: Visibility, at now: Timestamp) -> [ReviewSummary] {
        dueTimes(for: visibility, at: now).compactMap { summary(of: $0.scope, at: now) }
    }

    private func dueTimes(for visibility: Visibility, at now: Timestamp) -> [ScopeDueTime] {
        registry.dueTimes(at: now).filter { visibility.sees($0.scope) }.sorted {
            ($0.due, $0.scope.agent?.text ?? "") < ($1.due, $1.scope.agent?.text ?? "")
        }
    }

    package func summary(of agent: AgentName?, for visibility: Visibility) -> ReviewSummary? {
        let scope = ReviewScope(of: agent)
        return visibility.sees(scope) ? summary(of: scope, at: registry.now()) : nil
    }

    package func review(of agent: AgentName?, for visibility: Visibility) async -> ReviewDetail? {
        let scope = ReviewScope(of: agent)
        guard let summary = summary(of: agent, for: visibility) else { return nil }
        var marked: MarkedSample?
        if let review = registry.open(of: scope), let sample = try? await sample(of: review) {
            marked = MarkedSample(sample, marks: review.marks)
        }
        return ReviewDetail(
            summary: summary, marked: marked,
            signOff: registry.reviews(of: scope)?.signed?.signOff)
    }

    package func findings(of owner: Person, for visibility: Visibility) -> [OwnedFinding] {
        registry.openFindings.filter {
            $0.open.finding.owner == owner && visibility.sees($0.scope)
        }
    }

    /// - Returns: nil if nothing is reviewed as this scope.
    private func summary(of scope: ReviewScope, at now: Timestamp) -> ReviewSummary? {
        guard let facts = registry.facts(of: scope) else { return nil }
        let entry = scope.agent.flatMap { gateway.policy.snapshot.agents[$0] }
        let open = registry.open(of: scope)
        // A finding, or the review of the organisation, may hold the agent earlier than its own review.
        let due = registry.reviewStatus(of: scope.agent)?.due ?? facts.due
        // A week before a weekly review is the day of the last one. The date of the policy file is announced as others are.
        let item = DueItem(scope: scope, subject: .review, due: due)
        let isShort = facts.isWeekly && due == facts.due && !registry.isStated(item)
        return ReviewSummary(
            agent: scope.agent, owner: entry?.owner, tier: entry?.tier, due: due,
            step: OverdueStep(due: due, at: now, isWeekly: isShort), isWeekly: facts.isWeekly,
            signed: facts.signed, open: open?.id, marked: open?.marks.count ?? 0,
            findings: registry.reviews(of: scope)?.findings ?? [])
    }
}

extension Visibility {
    /// True if the reviews of the scope are visible. The organisation is only visible to readers who see all agents.
    func sees(_ scope: ReviewScope) -> Bool { scope.agent.map { sees($0) } ?? seesAll }
}
