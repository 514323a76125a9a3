/// How the rehearsal of the kill switch stands: what `status`, `/metrics`, alerts and the schedule follow.
package struct DrillStatus: Hashable, Sendable {
    package enum Word: String, Sendable {
        /// The policy demands no drill.
        case none
        case fine
        /// Less than a week is left, or a quarter of the interval where that is shorter.
        case dueSoon = "due_soon"
        case overdue
        /// The last one failed: as overdue, at once.
        case failed
        /// The policy names a drill that no report proves.
        case declared = "declared, not proven"
    }

    /// The last report, in the node's own hand.
    package struct Last: Hashable, Sendable {
        package let ended: Timestamp
        package let passed: Bool
        /// Whether somebody with the role `security`, or an owner, signed it.
        package let isSignedOff: Bool
        package init(ended: Timestamp, passed: Bool, isSignedOff: Bool) {
            self.ended = ended
            self.passed = passed
            self.isSignedOff = isSignedOff
        }

        /// A drill counts for a week without its sign-off.
        func counts(at now: Timestamp) -> Bool {
            passed && (isSignedOff || now < ended + DrillStatus.signOffTime)
        }
    }

    package static let signOffTime = Duration.seconds(7 * 86_400)

    package let word: Word
    /// When the next one has to have passed; nil where none is demanded.
    package let due: Timestamp?
    /// The last that passed and counts.
    package let lastPass: Timestamp?
    /// From when on the schedule may begin one.
    package let begins: Timestamp?

    /// - Parameters:
    ///   - every: nil where the policy states none.
    ///   - declared: `last_drill` of the policy.
    ///   - reports: what this node has; nil when they cannot be read, which counts as overdue.
    package init(
        every: Duration?, declared: CivilDate?, reports: [Last]?, now: Timestamp
    ) {
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
        // A promise is not a proof: it moves the time, and satisfies nothing.
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

    /// Whether posture is failing.
    package var isFailing: Bool { word == .overdue || word == .failed }
}
