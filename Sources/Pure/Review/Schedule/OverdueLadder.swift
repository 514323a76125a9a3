package import InterlockModel

/// The steps before and after the time at which a review or a finding is due (docs/specs/trust-and-review.md, section 9).
package enum OverdueStep: String, Sendable, Hashable, CaseIterable {
    /// More than 7 days before it is due.
    case current
    /// Within 7 days before it is due, or 2 before a weekly review: owner and reviewer are reminded.
    case reminder
    /// No promotion and no new elevation; `ready` fails.
    case overdue
    /// 7 days after it was due: the org owners are alerted daily.
    case escalated
    /// 14 days after it was due: stage 0, and class read only.
    case demoted
}

extension OverdueStep: Comparable {
    private var rank: Int {
        switch self {
        case .current: 0
        case .reminder: 1
        case .overdue: 2
        case .escalated: 3
        case .demoted: 4
        }
    }

    package static func < (a: OverdueStep, b: OverdueStep) -> Bool { a.rank < b.rank }

    private static let week = Duration.seconds(7 * 86_400)

    /// The time before a due date at which people are reminded.
    package static func lead(isWeekly: Bool) -> Duration {
        isWeekly ? .seconds(2 * 86_400) : week
    }

    /// The step of what is due at a time.
    ///
    /// - Parameter isWeekly: true for a review that is due each week.
    package init(due: Timestamp, at now: Timestamp, isWeekly: Bool = false) {
        if now < due - Self.lead(isWeekly: isWeekly) {
            self = .current
        } else if now < due {
            self = .reminder
        } else if now < due + Self.week {
            self = .overdue
        } else if now < due + Self.week + Self.week {
            self = .escalated
        } else {
            self = .demoted
        }
    }
}

/// Something with a due date: a review, or a finding of one.
package struct DueItem: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        case review
        case finding(ReviewID, number: Int)
    }

    package let scope: ReviewScope
    package let subject: Subject
    package let due: Timestamp

    package init(scope: ReviewScope, subject: Subject, due: Timestamp) {
        self.scope = scope
        self.subject = subject
        self.due = due
    }
}

/// A step that an item has reached, or the daily reminder of one from 7 days after its due date on.
package struct OverdueEvent: Sendable, Hashable {
    package let item: DueItem
    package let step: OverdueStep
    /// True if the step was reported before, and a day has passed.
    package let isRepeated: Bool

    package init(item: DueItem, step: OverdueStep, isRepeated: Bool) {
        self.item = item
        self.step = step
        self.isRepeated = isRepeated
    }
}

/// Follows all items with due dates through the steps. Time never runs back here: a clock that was set back makes nothing
/// current.
package struct OverdueLadder: Sendable {
    private struct Position {
        let step: OverdueStep
        let reported: Timestamp
    }

    private var latest: Timestamp
    private var positions: [DueItem: Position] = [:]

    /// - Parameter latest: the latest time that is on record, of a record or of a checkpoint.
    package init(latest: Timestamp) { self.latest = latest }

    /// Returns the latest time that was seen, with this one.
    package mutating func advance(to time: Timestamp) -> Timestamp {
        latest = max(latest, time)
        return latest
    }

    /// Walks over all items, and returns those that reached another step or are to be repeated, sorted by due date.
    ///
    /// - Parameter items: every agent of the policy and the organisation has a review among them; an item that is left out is
    ///   settled, and is forgotten.
    package mutating func walk(_ items: [DueItem], at time: Timestamp) -> [OverdueEvent] {
        let now = advance(to: time)
        var next: [DueItem: Position] = [:]
        var events: [OverdueEvent] = []
        for item in items where next[item] == nil {
            let step = OverdueStep(due: item.due, at: now)
            let old = positions[item]
            let isRepeated = old?.step == step
            let day = Duration.seconds(86_400)
            let isDue = old.map { !isRepeated || step >= .escalated && now - $0.reported >= day }
            guard step > .current, isDue ?? true else {
                next[item] = old ?? Position(step: step, reported: now)
                continue
            }
            next[item] = Position(step: step, reported: now)
            events.append(OverdueEvent(item: item, step: step, isRepeated: isRepeated))
        }
        positions = next
        return events.sorted { ($0.item.due, $0.item.text) < ($1.item.due, $1.item.text) }
    }
}

extension DueItem {
    /// The scope, and the finding as `REVIEW#NUMBER`.
    package var text: String {
        switch subject {
        case .review: scope.text
        case .finding(let review, let number): "\(scope.text) \(review.text)#\(number)"
        }
    }
}
