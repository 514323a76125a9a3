/// The status of kill-switch drills, from which `status`, `/metrics`, alerts and the scheduler derive theirs.
package struct DrillStatus: Hashable, Sendable {
    package enum Word: String, Sendable {
        /// The policy requires no drill.
        case none
        case fine
        /// Less than a week is left, or less than a quarter of the interval if that is shorter.
        case dueSoon = "due_soon"
        case overdue
        /// The newest drill failed, which has the effect of `overdue` at once.
        case failed
        /// The policy declares a drill that no report proves.
        case declared = "declared, not proven"
    }

    /// The facts of one drill report of this node that the status depends on.
    package struct Last: Hashable, Sendable {
        package let ended: Timestamp
        package let passed: Bool
        /// True if an owner or a person with the role `security` signed the report.
        package let isSignedOff: Bool
        package init(ended: Timestamp, passed: Bool, isSignedOff: Bool) {
            self.ended = ended
            self.passed = passed
            self.isSignedOff = isSignedOff
        }

        /// Returns true if the drill counts: it passed, and it is signed off or ended less than a week ago.
        func counts(at now: Timestamp) -> Bool {
            passed && (isSignedOff || now < ended + DrillStatus.signOffTime)
        }
    }

    package static let signOffTime = Duration.seconds(7 * 86_400)

    package let word: Word
    /// The deadline for the next passed drill, or nil if the policy requires none.
    package let due: Timestamp?
    /// The end of the newest drill that passed and counts.
    package let lastPass: Timestamp?
    /// The earliest time at which the scheduler may start a drill, or nil if the policy requires none.
    package let begins: Timestamp?

    /// - Parameters:
    ///   - every: the required interval, or nil if the policy sets none.
    ///   - declared: the `last_drill` of the policy.
    ///   - reports: the reports of this node, or nil if they cannot be read, which counts as overdue.
    package init(every: Duration?, declared: CivilDate?, reports: [Last]?, now: Timestamp) {
        guard let every else {
            (word, due, lastPass, begins) = (.none, nil, nil, nil)
            return
        }
        let lead = min(Self.signOffTime, Duration.seconds(every.components.seconds / 4))
        guard let reports else {
            (word, due, lastPass, begins) = (.overdue, now, nil, now)
            return
        }
        let passes = reports.filter { $0.counts(at: now) }.map(\.ended)
        lastPass = passes.max()
        let newest = reports.max { $0.ended < $1.ended }
        let stated = declared.map { Timestamp(microseconds: $0.daysSince1970 * 86_400_000_000) }
        // A declaration is not proof: it moves the deadline but does not satisfy the requirement.
        let counted = [lastPass, stated.flatMap { $0 <= now ? $0 : nil }].compactMap { $0 }.max()
        guard let counted else {
            (word, due, begins) = (newest?.passed == false ? .failed : .overdue, now, now)
            return
        }
        due = counted + every
        begins = counted + every - lead
        if newest?.passed == false {
            word = .failed
        } else if now >= counted + every {
            word = .overdue
        } else if lastPass == nil || lastPass != counted {
            word = .declared
        } else {
            word = now >= counted + every - lead ? .dueSoon : .fine
        }
    }

    /// True if the drill requirement is violated.
    package var isFailing: Bool { word == .overdue || word == .failed }
}
