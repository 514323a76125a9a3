import InterlockEvals
import InterlockGovernor
import InterlockModel
import InterlockPolicy

/// The state of the change gate in memory.
struct GateState: Sendable {
    /// A refusal that was recorded; further ones like it are not, for an hour.
    private struct NoticeKey: Hashable {
        let agent: AgentName
        let fingerprint: Digest?
        let fact: EvalFact
    }

    private static let noticeInterval = Duration.seconds(3600)
    private static let mostNotices = 10_000
    private static let mostRuns = 100_000

    /// The view of the policy in force or about to be, and of the one before, under which calls may still be decided.
    private(set) var views: [GateView]
    private(set) var results: [AgentName: [KnownResult]] = [:]
    private(set) var carries: [AgentName: CarriedParts]
    var period: GatePeriod
    private var runs: [RunID: MeasuredRun] = [:]
    private var noticed: [NoticeKey: Timestamp] = [:]

    init(_ view: GateView, _ carries: [AgentName: CarriedParts], _ period: GatePeriod) {
        views = [view]
        self.carries = carries
        self.period = period
    }

    func verdict(on run: GatedRun, at now: Timestamp) -> EvalFact {
        let fact = view(of: run)?.fact(of: run, at: now) ?? .missing
        return fact == .missing && period.isOpen(at: now) ? .passed : fact
    }

    private func view(of run: GatedRun) -> GateView? {
        views.first { $0.policy.digest == run.policy }
    }

    /// Replaces the older results of the same fingerprints.
    mutating func add(_ known: [KnownResult]) {
        for one in known {
            results[one.result.agent, default: []].removeAll {
                $0.result.fingerprint == one.result.fingerprint
            }
            results[one.result.agent, default: []].append(one)
        }
    }

    /// Puts the view of another policy before the one in force.
    mutating func put(
        _ policy: PolicySnapshot, _ parts: [AgentName: ComputedParts],
        _ changes: [AgentName: CarriedParts?]
    ) {
        for (agent, carry) in changes { carries[agent] = carry }
        let view = GateView(policy, parts)
        views = [view] + views.filter { $0.policy.digest != policy.digest }.prefix(1)
    }

    /// - Parameter keys: returns the keys that count under a policy now.
    mutating func refresh(
        _ keys: (PolicySnapshot) -> [EvalKey], at now: Timestamp, hashing: any Hashing
    ) {
        carries = carries.filter { now < $0.value.until }
        for number in views.indices {
            views[number].refresh(
                results, keys: keys(views[number].policy), carries, runs, hashing: hashing)
        }
    }

    mutating func measure(_ run: RunID, _ one: MeasuredRun, hashing: any Hashing) {
        // Runs that are forgotten are not proven any more.
        if runs.count >= Self.mostRuns { runs = [:] }
        runs[run] = one
        for number in views.indices {
            views[number].add(run, one, carries[one.agent], hashing: hashing)
        }
    }

    mutating func notice(of run: GatedRun, _ fact: EvalFact, at now: Timestamp) -> EvalNotice? {
        let view = view(of: run)
        let pair = view?.pair(of: run)
        let key = NoticeKey(agent: run.agent, fingerprint: pair?.digest, fact: fact)
        if let last = noticed[key], last <= now, now < last + Self.noticeInterval { return nil }
        if noticed.count >= Self.mostNotices { noticed = [:] }
        noticed[key] = now
        let latest = view?.gate.latest(of: run.agent)?.result
        return EvalNotice(
            current: pair?.digest, last: latest?.fingerprint,
            parts: latest.flatMap { latest in
                pair.map { $0.parts.differences(from: latest.parts).map(\.rawValue) }
            } ?? [])
    }
}
