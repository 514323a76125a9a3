import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockReview
import InterlockTrust
import InterlockTrustStages
import Synchronization

/// The state of the walk over everything that has a due date.
struct LadderWalk: Sendable {
    var ladder: OverdueLadder
    /// The items of which people were reminded.
    var reminded: Set<DueItem> = []
    /// The items that were recorded as overdue.
    var overdue: Set<DueItem> = []
    /// The policy of the last look, and the time of the next.
    var policy: Digest?
    var next: BootTime?
    var hasRaisedIgnored = false
    var isUnstored = false

    init(latest: Timestamp) { ladder = OverdueLadder(latest: latest) }
}

// The ladder of section 9: reminder, alert, daily alert, demotion and read only. It walks over every agent of the policy.
extension ReviewService {
    private static let pause = Duration.seconds(60)

    /// Looks at everything that is due once a minute, and at once under another policy. Called every second.
    package func sweep() async {
        let policy = gateway.policy.snapshot
        let now = registry.now()
        let boot = gateway.clock.boot
        let isTime = walk.withLock { walk -> Bool in
            if let next = walk.next, boot < next, walk.policy == policy.digest { return false }
            walk.policy = policy.digest
            walk.next = boot + Self.pause
            return true
        }
        guard isTime else { return }
        registry.refresh(under: policy, demotions: stages.demotions(under: policy))
        noteScheduled()
        await storeWaiting()
        follow(at: now)
        await readWaiting()
        if takesIgnored() {
            for number in registry.ignored {
                gateway.raise(alarm: "review.foreign", subject: "entry \(number)")
            }
        }
    }

    /// Records from when on agents are reviewed. The first look of a version that knows reviews does so for all.
    private func noteScheduled() {
        let new = registry.takeUnnoted()
        guard let first = new.map(\.due).min() else { return }
        gateway.ports.log(
            LogLine(
                "\(new.count) reviews are due from now on, the first on \(first.day.text): interlock review status",
                .warning, part: "reviews"))
        // One record of all: a policy may have thousands of agents.
        var fields: JSONObject = [
            "cnt": .integer(Int64(new.count)), "due": .integer(first.microseconds),
        ]
        if new.count == 1 { fields["agent"] = new[0].scope.agent.map { .string($0.text) } }
        gateway.ledger.note(RecordDraft(.reviewScheduled, run: nil, fields: fields))
    }

    private func storeWaiting() async {
        let isStored = await registry.store()
        // A gateway that stops closes the store during its last sweep.
        guard isStored || !Task.isCancelled else { return }
        let isNew = walk.withLock { walk -> Bool in
            defer { walk.isUnstored = !isStored }
            return !isStored && !walk.isUnstored
        }
        if isNew { gateway.raise(alarm: "review.unstored", subject: "") }
    }

    private func takesIgnored() -> Bool {
        walk.withLock { walk -> Bool in
            defer { walk.hasRaisedIgnored = true }
            return !walk.hasRaisedIgnored
        }
    }

    private func follow(at now: Timestamp) {
        let items = registry.items
        let (events, reminders) = walk.withLock { walk -> ([OverdueEvent], [DueItem]) in
            walk.reminded.formIntersection(items)
            walk.overdue.formIntersection(items)
            let reminders = items.filter { item in
                now < item.due && now >= item.due - lead(item) && !walk.reminded.contains(item)
            }
            walk.reminded.formUnion(reminders)
            return (walk.ladder.walk(items, at: now), reminders)
        }
        for item in reminders where !registry.isStated(item) {
            raise(isWeekly(item) ? "review.weekly_due" : "review.due", item)
        }
        for event in events { act(on: event) }
    }

    private func act(on event: OverdueEvent) {
        let item = event.item
        switch event.step {
        case .current, .reminder: break
        case .overdue: becomeOverdue(item)
        case .escalated:
            // It was not seen at its due date if the gateway was down.
            if !event.isRepeated { becomeOverdue(item) }
            raise("review.late", item)
        case .demoted:
            if !event.isRepeated {
                becomeOverdue(item)
                demote(item)
            }
            raise("review.late", item)
        }
    }

    private func becomeOverdue(_ item: DueItem) {
        guard walk.withLock({ $0.isFirst(item) }) else { return }
        var fields: JSONObject = ["due": .integer(item.due.microseconds)]
        fields["agent"] = item.scope.agent.map { .string($0.text) }
        if case .finding(let review, let number) = item.subject {
            fields["rvw"] = .string(review.text)
            fields["n"] = .integer(Int64(number))
        }
        gateway.ledger.note(RecordDraft(.reviewOverdue, run: nil, fields: fields))
        // The end of dates alerts about those of the policy file.
        if !registry.isStated(item) { raise("review.overdue", item) }
    }

    /// Reads alone are left, which the registry says of it by itself; the stage is a record of its own.
    private func demote(_ item: DueItem) {
        for agent in registry.agents(of: item.scope) {
            stages.demote(
                agent, by: .reviewOverdue,
                cause: stages.cause("review", "\(item.text) \(item.due.rfc3339())"))
        }
    }

    /// Notifies the owner of the agent and the operators' channels.
    private func raise(_ code: String, _ item: DueItem) {
        if let agent = item.scope.agent {
            gateway.raise(alarm: code, subject: item.subjectText, about: agent)
        } else {
            gateway.raise(alarm: code, subject: item.subjectText)
        }
    }

    private func lead(_ item: DueItem) -> Duration {
        OverdueStep.lead(isWeekly: isWeekly(item))
    }

    private func isWeekly(_ item: DueItem) -> Bool {
        guard case .review = item.subject else { return false }
        return registry.facts(of: item.scope)?.isWeekly ?? false
    }
}

extension DueItem {
    /// The agent, `org`, or the finding as `REVIEW#NUMBER`.
    var subjectText: String {
        switch subject {
        case .review: scope.agent?.text ?? scope.text
        case .finding(let review, let number): "\(review.text)#\(number)"
        }
    }
}

extension LadderWalk {
    /// Returns true once for each item with its due date.
    mutating func isFirst(_ item: DueItem) -> Bool { overdue.insert(item).inserted }
}

extension TrustStageRegistry {
    /// The times of all demotions of each agent of a policy.
    func demotions(under policy: PolicySnapshot) -> [AgentName: [Timestamp]] {
        var found: [AgentName: [Timestamp]] = [:]
        for agent in policy.agents.keys {
            let demotions = history(of: agent).demotions
            if !demotions.isEmpty { found[agent] = demotions }
        }
        return found
    }
}
