package import InterlockModel

/// The time at which the next review of an agent or of the organisation is due (docs/specs/trust-and-review.md, section 7).
package struct ReviewSchedule: Sendable, Hashable {
    package static let org = Duration.seconds(90 * 86_400)
    package static let week = Duration.seconds(7 * 86_400)
    /// The time in which a new agent is reviewed each week.
    package static let newFor = Duration.seconds(8 * 7 * 86_400)
    /// The time after a demotion in which an agent is reviewed each week.
    package static let demotedFor = Duration.seconds(4 * 7 * 86_400)
    package static let longestPostponement = Duration.seconds(14 * 86_400)

    /// The interval of a tier.
    package static func interval(_ tier: Tier) -> Duration {
        switch tier {
        case .high: .seconds(30 * 86_400)
        case .medium: .seconds(90 * 86_400)
        case .low: .seconds(180 * 86_400)
        }
    }
}

/// The facts of one agent, or of the organisation, that its next review depends on.
package struct ScheduleFacts: Sendable, Hashable {
    /// The tier of the agent; nil for the organisation.
    package let tier: Tier?
    /// The time from which it has been governed.
    package let began: Timestamp
    /// The times of all demotions, in any order. The earliest that counts decides: a further one postpones nothing.
    package let demotions: [Timestamp]
    /// The time of the last sign-off; nil before the first.
    package let signed: Timestamp?
    /// The date for the next review that the last sign-off states; nil before the first.
    package let next: Timestamp?
    /// The end of the day `review_by` of the policy file; nil if it states none.
    package let reviewBy: Timestamp?
    /// The exceptions that move the date, in the order of the log.
    package let postponements: [ReviewPostponement]

    package init(
        tier: Tier?, began: Timestamp, demotions: [Timestamp] = [], signed: Timestamp? = nil,
        next: Timestamp? = nil, reviewBy: Timestamp? = nil,
        postponements: [ReviewPostponement] = []
    ) {
        self.tier = tier
        self.began = began
        self.demotions = demotions
        self.signed = signed
        self.next = next
        self.reviewBy = reviewBy
        self.postponements = postponements
    }

    /// The time at which the next review is due without a postponement: the earliest of the cadence, of the last sign-off
    /// and of the policy file.
    package var regularDue: Timestamp {
        var due = base + (tier.map(ReviewSchedule.interval) ?? ReviewSchedule.org)
        if isNew { due = min(due, base + ReviewSchedule.week) }
        for demoted in recentDemotions {
            due = min(due, max(base, demoted) + ReviewSchedule.week)
        }
        if let next { due = min(due, next) }
        if let reviewBy { due = min(due, reviewBy) }
        return due
    }

    /// True if the next review is one of a new or demoted agent, which are weekly.
    package var isWeekly: Bool { isNew || !recentDemotions.isEmpty }

    /// The time from which the interval is counted.
    private var base: Timestamp { max(signed ?? began, began) }

    private var isNew: Bool { tier != nil && base < began + ReviewSchedule.newFor }

    /// The demotions after which the next review is weekly.
    private var recentDemotions: [Timestamp] {
        guard tier != nil else { return [] }
        return demotions.filter { base < $0 + ReviewSchedule.demotedFor }
    }

    /// The time at which the next review is due, with the first postponement of it that counts.
    package var due: Timestamp {
        let due = regularDue
        return postponements.first { $0.due == due && $0.isValid }?.until ?? due
    }
}

/// A postponement of one review by two people, which is an exception.
package struct ReviewPostponement: Sendable, Hashable {
    /// The time at which the review was due before.
    package let due: Timestamp
    package let until: Timestamp

    package init(due: Timestamp, until: Timestamp) {
        self.due = due
        self.until = until
    }

    /// True if it moves the review by 14 days at the most.
    package var isValid: Bool {
        due < until && until - due <= ReviewSchedule.longestPostponement
    }
}
