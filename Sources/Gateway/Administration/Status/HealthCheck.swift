import InterlockModel

/// The result of one check of the gateway, in words (docs/specs/console.md, section 4).
package struct HealthCheck: Sendable, Hashable {
    /// The checked parts, in the order in which they are listed.
    package enum Part: String, CaseIterable, Sendable {
        case policy, log, store
        case killSwitch = "kill_switch"
        case limits, servers, notifications, witnesses, clock
    }

    package enum State: String, CaseIterable, Sendable {
        case working
        /// It works, and a person should act.
        case attention
        /// Calls that the policy allows are refused.
        case problem
        /// Nothing is known of it: it was never checked, the last check is too old, or there was nothing to see yet.
        case unknown
        /// It is not configured, or not asked for.
        case notSetUp = "not_set_up"
    }

    package let part: Part
    package let state: State
    package let words: String
    /// The remedy, or nil while nothing has to be done.
    package let remedy: String?
    /// The time since the newest evidence of it, or nil if there is none.
    package let age: Duration?

    package init(
        _ part: Part, _ state: State, _ words: String, remedy: String? = nil, age: Duration?
    ) {
        self.part = part
        self.state = state
        self.words = words
        self.remedy = remedy
        self.age = age
    }
}

extension HealthCheck {
    /// The number of its intervals after which a finding counts for nothing.
    static let intervals: Int64 = 3

    /// Judges a finding by its age: one that is older than three of its intervals is unknown, whatever it found.
    ///
    /// INVARIANT: no part is called working by a check that is old, hangs or never ran. Kept by `HealthCheckTests`.
    ///
    /// - Parameter finding: nil if the part was never checked.
    init(_ part: Part, _ finding: HealthFinding?, at now: BootTime) {
        guard let finding else {
            self.init(part, .unknown, "not checked yet", remedy: Self.unchecked, age: nil)
            return
        }
        guard let seen = finding.seen else {
            // A finding without evidence can say what is missing, and not that all is well.
            let isGood = finding.state == .working
            self.init(
                part, isGood ? .unknown : finding.state, isGood ? "not seen yet" : finding.words,
                remedy: isGood ? Self.unchecked : finding.remedy, age: nil)
            return
        }
        let age = max(.zero, now - seen)
        guard age.microseconds <= Self.intervals * finding.interval.microseconds else {
            self.init(
                part, .unknown,
                "not checked for \(age.components.seconds) s; before: \(finding.words)",
                remedy: Self.unchecked, age: age)
            return
        }
        self.init(part, finding.state, finding.words, remedy: finding.remedy, age: age)
    }

    private static let unchecked =
        "If it stays so, read the gateway's own log and `/healthz`, and restart the gateway."
}

/// The result of one look at a part.
struct HealthFinding: Sendable, Hashable {
    /// The interval of what is read from memory once a second, with room for a machine under load.
    static let ofMemory = Duration.seconds(5)

    let state: HealthCheck.State
    let words: String
    var remedy: String?
    /// The time of its evidence, or nil if there is none yet.
    var seen: BootTime?
    /// The longest time between two pieces of evidence while all is well.
    var interval = ofMemory
}
