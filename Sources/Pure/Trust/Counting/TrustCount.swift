package import InterlockEvals
package import InterlockModel

/// The counts of one agent's runs since the last change that reset its credit. A pure function of the runs.
package struct TrustCount: Sendable {
    /// Clean runs that count towards the next stage, after both caps and halvings.
    package let credit: Int
    package let days: Int
    package let templates: Int
    /// The runs with a denial attributed to the agent among those that count; nil if none counts.
    package let agentDenials: PassRate?
    /// The rejected requests for approval among the decided ones; nil if none was decided.
    package let approvalsRejected: PassRate?
    /// The leaf hashes of the ends of all clean runs, counted or capped, in the order of the log.
    package let cleanEnds: [Digest]
    /// The leaf hashes of the denials that count, and of the rejections.
    package let denials: [Digest]
    package let rejections: [Digest]
    /// The runs by runClass.
    package let clean: Int
    package let bad: Int
    package let empty: Int
    package let open: Int
    package let notCounted: Int

    /// - Parameters:
    ///   - runs: the runs since the last reset, in the order of the log.
    ///   - denialsOutsideRuns: denials of the agent that no run is stated for. Each counts as a run with a denial.
    ///   - classified: the causes of denials that people have stated, by leaf hash.
    package init(
        _ runs: [RunFacts], denialsOutsideRuns: [Digest] = [],
        classified: [Digest: DenialCause] = [:], under criteria: TrustCriteria
    ) {
        var tally = RunTally()
        for run in runs { tally.add(run, classified) }
        let loose = denialsOutsideRuns.filter { (classified[$0] ?? .agent) == .agent }
        let caps = CappedClusters(criteria)
        let spread = caps.spread(tally.clean)
        templates = spread.templates
        days = spread.days
        credit = tally.credit(caps)
        agentDenials = caps.rate(clean: tally.clean, bad: tally.denied, loose: loose.count)
        approvalsRejected = caps.rate(clean: tally.granted, bad: tally.rejected)
        cleanEnds = tally.cleanEnds
        denials = tally.denials + loose
        rejections = tally.rejections
        clean = tally.cleanEnds.count
        bad = tally.bad
        empty = tally.empty
        open = tally.open
        notCounted = tally.notCounted
    }
}

private struct RunTally {
    private(set) var clean: [RunCluster: Int] = [:]
    private(set) var denied: [RunCluster: Int] = [:]
    private(set) var granted: [RunCluster: Int] = [:]
    private(set) var rejected: [RunCluster: Int] = [:]
    private(set) var cleanEnds: [Digest] = []
    private(set) var denials: [Digest] = []
    private(set) var rejections: [Digest] = []
    private(set) var bad = 0
    private(set) var empty = 0
    private(set) var open = 0
    private(set) var notCounted = 0
    /// The clean runs by the changes since them that halve credit.
    private var cleanByHalvings: [Int: [RunCluster: Int]] = [:]

    mutating func add(_ run: RunFacts, _ classified: [Digest: DenialCause]) {
        let cluster = RunCluster(template: run.template, day: run.day)
        switch run.runClass(classified: classified) {
        case .clean:
            clean[cluster, default: 0] += 1
            cleanByHalvings[run.halvings, default: [:]][cluster, default: 0] += 1
            if let end = run.end { cleanEnds.append(end) }
            // The granted requests of other runs would only make the rejected ones look rare.
            if run.granted > 0 { granted[cluster, default: 0] += run.granted }
        case .bad:
            bad += 1
            let counted = run.flaws(classified: classified).filter { $0.kind == .denial }
            if !counted.isEmpty { denied[cluster, default: 0] += 1 }
            denials += counted.map(\.leaf)
            if !run.rejections.isEmpty { rejected[cluster, default: 0] += run.rejections.count }
            rejections += run.rejections
        case .empty: empty += 1
        case .open: open += 1
        case .notCounted: notCounted += 1
        }
    }

    /// Adds the runs from the newest to the oldest; what the older ones add is halved once for each change since.
    func credit(_ caps: CappedClusters) -> Int {
        var seen: [RunCluster: Int] = [:]
        var counted = 0
        var credit = 0
        for halvings in cleanByHalvings.keys.sorted() {
            seen.merge(cleanByHalvings[halvings] ?? [:], uniquingKeysWith: +)
            let now = caps.credit(seen)
            credit += (now - counted) >> min(halvings, 62)
            counted = now
        }
        return credit
    }
}
