package import InterlockModel

/// The circumstances of one person's decision. Says nothing about the call itself.
package struct DecisionSample: Hashable, Sendable {
    package let at: Timestamp
    package let verdict: Vote.Verdict
    /// The time from opening the page to the decision; nil for a decision on a command line, which measures none.
    package let dwell: Duration?
    /// The minimum reading time of the review.
    package let floor: Duration
    /// Is true if the request was a probe, which the person should deny.
    package var isProbe: Bool = false

    var isTooFast: Bool { dwell.map { $0 < floor } ?? false }
}

/// A measure that keeps a person's decisions deliberate (docs/specs/approvals.md, section 12).
package enum Countermeasure: Hashable, Sendable {
    /// Every part must be scrolled to its end and the target typed, until the given time.
    case slowReading(until: Timestamp)
    case doubledProbes
    /// The person cannot approve until the given time.
    case pause(until: Timestamp)
    /// The person may decide once in 30 seconds until the given time.
    case spaced(until: Timestamp)
    /// The person has reached the hourly limit and cannot approve until the given time.
    case capped(until: Timestamp)
    /// No approval counts until the person is enrolled again.
    case retraining
}

/// The decisions of one person in the last 30 days. Probes count only in their own figures.
///
/// INVARIANT: an approval against a countermeasure is refused, also after a restart; a denial never is. Kept by
/// `CountermeasureTests`, `ApproverMetricsTests`, `PaceTests`, `test_probes.py`.
package struct ApproverMetrics: Hashable, Sendable {
    package let approved: Int
    package let denied: Int
    package let tooFast: Int
    package let probesCaught: Int
    package let probesMissed: Int
    /// The approvals in a row up to now.
    package let streak: Int
    /// The most decisions within one minute.
    package let busiestMinute: Int
    /// The most decisions within one hour.
    package let busiestHour: Int
    /// The median of the measured decision times, or nil if none was measured.
    package let medianDwell: Duration?
    /// The median of the minimum reading times of the same decisions.
    package let medianFloor: Duration?
    package let measures: Set<Countermeasure>

    package var approveRate: WilsonInterval { WilsonInterval(approved, of: approved + denied) }
    package var detectionRate: WilsonInterval {
        WilsonInterval(probesCaught, of: probesCaught + probesMissed)
    }

    package static let window = Duration.seconds(30 * 86_400)
    package static let day = Duration.seconds(86_400)
    package static let hour = Duration.seconds(3600)
    package static let minute = Duration.seconds(60)

    /// - Parameters:
    ///   - marks: the decisions of one person, oldest first; those before the window or after `now` do not count.
    ///   - capPerHour: the number of decisions permitted in any hour.
    ///   - trained: the person's last enrolment; missed probes before it do not count.
    ///   - window: the period that is evaluated; the measures are calibrated for the default.
    package init(
        _ marks: [DecisionSample], capPerHour: Int, trained: Timestamp? = nil, now: Timestamp,
        window: Duration = Self.window
    ) {
        let recent = marks.filter { $0.at <= now && now < $0.at + window }
        let real = recent.filter { !$0.isProbe }
        let probes = recent.filter(\.isProbe)
        approved = real.count { $0.verdict == .approve }
        denied = real.count - approved
        tooFast = real.count(where: \.isTooFast)
        probesMissed = probes.count { $0.verdict == .approve }
        probesCaught = probes.count - probesMissed
        streak = real.reversed().prefix { $0.verdict == .approve }.count
        busiestMinute = Self.most(of: real, within: Self.minute)
        busiestHour = Self.most(of: real, within: Self.hour)
        medianDwell = Self.median(real.compactMap(\.dwell))
        medianFloor = Self.median(real.filter { $0.dwell != nil }.map(\.floor))
        var measures: Set<Countermeasure> = []
        if let third = Self.end(of: real.filter(\.isTooFast), count: 3, within: Self.day),
            now < third + .seconds(7 * 86_400)
        {
            measures.insert(.slowReading(until: third + .seconds(7 * 86_400)))
        }
        if real.count >= 50, approved * 100 >= real.count * 98 { measures.insert(.doubledProbes) }
        if streak > 0, streak.isMultiple(of: 25), let last = real.last?.at,
            now < last + .seconds(600)
        {
            measures.insert(.pause(until: last + .seconds(600)))
        }
        if let fifth = Self.end(of: real, count: 5, within: Self.minute), now < fifth + .seconds(30)
        {
            measures.insert(.spaced(until: fifth + .seconds(30)))
        }
        let lastHour = real.filter { now < $0.at + Self.hour }
        if lastHour.count >= capPerHour, let first = lastHour.first {
            measures.insert(.capped(until: first.at + Self.hour))
        }
        let sinceTrained = probes.filter { probe in trained.map { probe.at > $0 } ?? true }
        if sinceTrained.suffix(5).count(where: { $0.verdict == .approve }) >= 2 {
            measures.insert(.retraining)
        }
        self.measures = measures
    }

    /// The time of the newest sample that is the last of `count` within `span`.
    private static func end(
        of marks: [DecisionSample], count: Int, within span: Duration
    ) -> Timestamp? {
        guard marks.count >= count else { return nil }
        for last in marks.indices.reversed() where last >= count - 1 {
            if marks[last].at < marks[last - count + 1].at + span { return marks[last].at }
        }
        return nil
    }

    private static func most(of marks: [DecisionSample], within span: Duration) -> Int {
        var first = 0
        var most = 0
        for last in marks.indices {
            while marks[last].at >= marks[first].at + span { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }

    static func median(_ times: [Duration]) -> Duration? {
        times.isEmpty ? nil : times.sorted()[times.count / 2]
    }
}

extension Countermeasure {
    /// Returns the longest-lasting reason not to count an approval now, or nil if it counts. Denials are never
    /// prevented.
    package static func objection(to approving: Set<Countermeasure>) -> Exclusion? {
        let found = approving.compactMap(\.exclusion)
        return [.untrained, .capped, .paused, .spaced].first(where: found.contains)
    }

    /// Returns whether every request must be confirmed by typing.
    package static func asksTyping(_ measures: Set<Countermeasure>) -> Bool {
        measures.contains { if case .slowReading = $0 { true } else { false } }
    }

    private var exclusion: Exclusion? {
        switch self {
        case .retraining: .untrained
        case .capped: .capped
        case .pause: .paused
        case .spaced: .spaced
        case .slowReading, .doubledProbes: nil
        }
    }
}
