import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockReview

/// Everything on record about reviews, with the policy and the demotions from which due dates follow.
struct RegisteredReviews: Sendable {
    var scopes: [ReviewScope: ScopeReviews]
    var open: [ReviewID: OpenReview]
    /// The entries that act and are not in the control log yet, in their order.
    var unstored: [ControlDraft] = []
    /// The scopes that are reviewed from the last look on, and of which no record was written yet.
    var unnoted: [(scope: ReviewScope, due: Timestamp)] = []
    /// The agents that may only read since the last look.
    var readOnly: Set<AgentName> = []
    /// The demotions of the last look.
    private var demotions: [AgentName: [Timestamp]] = [:]
    private var policy: PolicySnapshot

    init(_ entries: ReviewEntries, under policy: PolicySnapshot) {
        scopes = entries.scopes
        open = entries.open
        self.policy = policy
    }

    /// Takes the policy in force, and the agents that are new in it.
    mutating func take(
        _ policy: PolicySnapshot, demotions: [AgentName: [Timestamp]], at now: Timestamp
    ) {
        self.policy = policy
        self.demotions = demotions
        // Due dates are in whole seconds, as people sign them.
        let now = now.wholeSecond
        for scope in allScopes where scopes[scope] == nil {
            scopes[scope] = ScopeReviews(began: now)
            unstored.append(
                ControlDraft(
                    .reviewSchedule, scope.text, ["began": .integer(now.microseconds)]))
            if let due = facts(of: scope)?.due { unnoted.append((scope, due)) }
        }
    }

    /// The organisation, and every agent of the policy.
    var allScopes: [ReviewScope] {
        [.org] + policy.agents.keys.sorted().map { ReviewScope.agent($0) }
    }

    /// The agents that a scope is about.
    func agents(of scope: ReviewScope) -> [AgentName] {
        scope.agent.map { [$0] } ?? policy.agents.keys.sorted()
    }

    /// - Returns: nil if the policy does not have the agent, or nothing is on record of it.
    func facts(of scope: ReviewScope) -> ScheduleFacts? {
        guard let reviews = scopes[scope] else { return nil }
        guard let agent = scope.agent else {
            return reviews.facts(tier: nil, demotions: [], reviewBy: nil)
        }
        guard let entry = policy.agents[agent] else { return nil }
        return reviews.facts(
            tier: entry.tier, demotions: demotions[agent]?.map(\.wholeSecond) ?? [],
            reviewBy: stated(entry, reviews))
    }

    /// The end of the date of the policy file, unless a review was signed for it.
    private func stated(_ entry: AgentEntry, _ reviews: ScopeReviews) -> Timestamp? {
        guard let date = entry.reviewBy,
            !AgentReview.isMet(date.end, by: reviews.signed?.signOff.date)
        else { return nil }
        return date.end
    }

    /// True if the time of the next review is the date of the policy file, about which the end of dates alerts.
    func isStated(_ scope: ReviewScope, due: Timestamp) -> Bool {
        guard let agent = scope.agent, let entry = policy.agents[agent],
            let reviews = scopes[scope]
        else { return false }
        return stated(entry, reviews) == due
    }

    /// The review and the findings of each scope, with their due dates.
    var items: [DueItem] {
        allScopes.flatMap { scope -> [DueItem] in
            guard let reviews = scopes[scope], let facts = facts(of: scope) else { return [] }
            var items = [DueItem(scope: scope, subject: .review, due: facts.due)]
            items += reviews.findings.map { one in
                DueItem(
                    scope: scope, subject: .finding(one.review, number: one.finding.number),
                    due: one.finding.due)
            }
            return items
        }
    }

    /// The time at which the next review of a scope, or a finding of the last one, is due; nil as in `facts`. The review of
    /// the organisation is one of every agent: once it is due, so is theirs.
    func due(_ scope: ReviewScope, at now: Timestamp) -> Timestamp? {
        guard let own = ownDue(scope) else { return nil }
        guard scope.agent != nil, let org = ownDue(.org), org <= now else { return own }
        return min(own, org)
    }

    /// The due time of each scope, as in `due`, with its step, in no particular order.
    func dueTimes(at now: Timestamp) -> [ScopeDueTime] {
        var found: [ScopeDueTime] = []
        let org = ownDue(.org)
        if let org { found.append(dueTime(of: .org, org, at: now)) }
        let reached = org.flatMap { $0 <= now ? $0 : nil }
        for agent in policy.agents.keys {
            guard let own = ownDue(.agent(agent)) else { continue }
            let due = reached.map { min(own, $0) } ?? own
            found.append(dueTime(of: .agent(agent), due, at: now))
        }
        return found
    }

    private func dueTime(
        of scope: ReviewScope, _ due: Timestamp, at now: Timestamp
    ) -> ScopeDueTime {
        // A week before a weekly review is the day of the last one. The date of the policy file is announced as others are.
        let isShort =
            facts(of: scope).map { $0.isWeekly && due == $0.due } ?? false
            && !isStated(scope, due: due)
        return ScopeDueTime(
            scope: scope, due: due, step: OverdueStep(due: due, at: now, isWeekly: isShort))
    }

    private func ownDue(_ scope: ReviewScope) -> Timestamp? {
        guard let facts = facts(of: scope) else { return nil }
        // A finding past its date counts like a review past its date.
        let dates = scopes[scope]?.findings.map(\.finding.due) ?? []
        return dates.reduce(facts.due, min)
    }

    func review(of agent: AgentName) -> AgentReview? {
        guard let facts = facts(of: .agent(agent)), let own = ownDue(.agent(agent)) else {
            return nil
        }
        // Read at later times too, so the date of the organisation counts before it is due.
        return AgentReview(
            due: min(own, ownDue(.org) ?? own), signed: facts.signed,
            postponed: facts.due > facts.regularDue ? facts.due : nil,
            isReadOnly: readOnly.contains(agent))
    }
}

/// The due time of a scope.
struct ScopeDueTime {
    let scope: ReviewScope
    let due: Timestamp
    let step: OverdueStep
}
