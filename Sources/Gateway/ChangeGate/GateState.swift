import InterlockEvals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The state of the change gate in memory.
struct GateState: Sendable {
    /// A refusal that was recorded; further ones like it are not, for an hour.
    private struct NoticeKey: Hashable {
        let agent: AgentName
        /// The fingerprint without what the run's host named, which could be another one with each event.
        let fingerprint: Digest?
        let fact: EvalFact
        let parts: [FingerprintPart]
    }

    private static let noticeInterval = Duration.seconds(3600)
    private static let mostNotices = 10_000
    /// The time for which results are known: twice that for which any counts, so that a clock that is set back does not
    /// soon let an older result count again.
    private static let memory = Duration.seconds(2 * EvalResult.longestAge)
    /// The most measured runs that are known at once.
    static let mostRuns = 100_000

    /// The extent of a new count.
    enum Refresh {
        /// The keys may have changed, or time has passed.
        case keys
        /// The statements or the policy may have changed, too: fingerprints are computed again.
        case everything
    }

    /// The view of the policy in force or about to be, and of the one before, under which calls may still be decided.
    private(set) var views: [GateView]
    private(set) var inputs: GateInputs
    var period: GatePeriod
    /// The ends of carried parts that the control log has not taken yet.
    var unkeptEnds: [AgentName: CarriedParts] = [:]
    /// The policy that judges, if the control log has not taken it yet.
    var unkeptPolicy: JudgedPolicy?
    private var noticed: [NoticeKey: Timestamp] = [:]
    private let mostRuns: Int

    init(
        _ view: GateView, _ inputs: GateInputs, _ period: GatePeriod,
        mostRuns: Int = GateState.mostRuns
    ) {
        views = [view]
        self.inputs = inputs
        self.period = period
        self.mostRuns = mostRuns
    }

    func verdict(on run: GatedRun, at now: Timestamp) -> EvalFact {
        // A copy of a view would retain each of its tables.
        let number = number(of: run)
        let fact = number.map { views[$0].fact(of: run, at: now) } ?? .missing
        guard period.isOpen(at: now) else { return fact }
        return switch fact {
        // An agent that has a result, and changes, has left what the upgrade found.
        case .missing: number.map { views[$0].hasResult(run.agent) } == true ? fact : .passed
        // A first result must not shut out a run whose proof an upgrade does not bring either.
        case .unproven: .passed
        default: fact
        }
    }

    private func number(of run: GatedRun) -> Int? {
        views.indices.first { views[$0].policy.digest == run.policy }
    }

    /// Replaces what is on record of the same fingerprint, agent or token.
    mutating func add(_ statement: GateStatement) {
        switch statement {
        case .result(let known): inputs.add(known)
        case .exception(let signed): inputs.exceptions[signed.exception.agent] = signed
        case .manifest(let signed):
            inputs.manifests[ExactText(signed.manifest.credential)] = signed
        }
    }

    /// Puts the view of another policy before the one in force.
    mutating func put(
        _ policy: PolicySnapshot, _ parts: [AgentName: ComputedParts],
        _ changes: [AgentName: CarriedParts?]
    ) {
        for (agent, carry) in changes { inputs.carries[agent] = carry }
        let view = GateView(policy, parts, inputs.carries)
        views = [view] + views.filter { $0.policy.digest != policy.digest }.prefix(1)
    }

    mutating func refresh(
        _ part: Refresh, _ trust: AuthorizedKeys?, at now: Timestamp, hashing: any Hashing
    ) {
        inputs.carries = inputs.carries.filter { now < $0.value.until }
        inputs.exceptions = inputs.exceptions.filter { now < $0.value.exception.until }
        inputs.manifests = inputs.manifests.filter { now < $0.value.manifest.until }
        if part == .everything, !period.isOpen(at: now) {
            inputs.forgetResults(before: now - Self.memory)
        }
        for number in views.indices {
            let keys = GateKeys(of: views[number].policy, trust, at: now)
            if part == .everything { views[number].forgetPairs() }
            views[number].refresh(inputs, keys, at: now, hashing: hashing)
        }
    }

    mutating func measure(_ run: RunID, _ one: ProvenParts, hashing: any Hashing) {
        if inputs.runs[run] == nil, inputs.runs.count >= mostRuns {
            let forgotten = inputs.forgetRuns()
            for number in views.indices { views[number].forget(forgotten) }
        }
        inputs.runs[run] = one
        for number in views.indices {
            views[number].add(run, one, hashing: hashing)
        }
    }

    mutating func show(
        _ part: NamedPart, of run: RunID, _ agent: AgentName, hashing: any Hashing
    ) {
        var shown = inputs.shown[run] ?? NamedParts(of: agent)
        shown.show(part)
        guard inputs.shown[run] != shown else { return }
        // Runs are forgotten at their ends, and their number is bounded far below this.
        if inputs.shown[run] == nil, inputs.shown.count >= mostRuns {
            let forgotten = inputs.forgetShown()
            for number in views.indices { views[number].forget(named: forgotten) }
        }
        inputs.shown[run] = shown
        for number in views.indices { views[number].show(run, shown, hashing: hashing) }
    }

    mutating func forget(_ run: RunID) {
        inputs.runs[run] = nil
        inputs.shown[run] = nil
        for number in views.indices { views[number].end(run) }
    }

    mutating func notice(of run: GatedRun, _ fact: EvalFact, at now: Timestamp) -> EvalNotice? {
        let view = number(of: run).map { views[$0] }
        let pair = view?.pair(of: run, at: now)?.pair
        let latest = view?.gate.latest(of: run.agent, tier: run.tier)?.result
        var parts: [FingerprintPart] = []
        if let pair, let latest { parts = pair.parts.differences(from: latest.parts) }
        let key = NoticeKey(
            agent: run.agent, fingerprint: view?.ownPair(of: run, at: now)?.pair.digest,
            fact: fact, parts: parts)
        if let last = noticed[key], last <= now, now < last + Self.noticeInterval { return nil }
        if noticed.count >= Self.mostNotices { noticed = [:] }
        noticed[key] = now
        return EvalNotice(
            current: pair?.digest, last: latest?.fingerprint, parts: parts.map(\.rawValue))
    }
}

/// A signed statement about evals, which was verified.
enum GateStatement: Sendable {
    case result(KnownResult)
    case exception(SignedEvalException)
    case manifest(SignedReleaseManifest)

    /// The entry of the control log.
    var draft: ControlDraft {
        switch self {
        case .result(let known):
            ControlDraft(.evalResult, known.subject, ["signed": known.signed.envelope.json])
        case .exception(let signed):
            ControlDraft(
                .evalException, signed.exception.agent.text, ["signed": signed.envelope.json])
        case .manifest(let signed):
            ControlDraft(
                .evalManifest, signed.manifest.credential, ["signed": signed.envelope.json])
        }
    }
}

extension GateInputs {
    /// The most results of one agent. Each change of what shapes it brings one, and a count visits all of them.
    static let mostResults = 256

    /// Replaces the older result of the same fingerprint. Above the bound the oldest is forgotten, of which the agent is
    /// `missing` then.
    mutating func add(_ known: KnownResult) {
        let agent = known.result.agent
        var all = results[agent] ?? []
        all.removeAll { $0.result.fingerprint == known.result.fingerprint }
        all.append(known)
        if all.count > Self.mostResults,
            let oldest = all.indices.min(by: { all[$0].result.ended < all[$1].result.ended })
        {
            let ended = all.remove(at: oldest).result.ended
            forgotten[agent] = max(ended, forgotten[agent] ?? ended)
        }
        results[agent] = all
    }

    /// Returns true if a result ended no later than one that was forgotten, or than all that fill the bound.
    func isTooOld(_ result: EvalResult) -> Bool {
        if let last = forgotten[result.agent], result.ended <= last { return true }
        let all = results[result.agent] ?? []
        return all.count >= Self.mostResults
            && all.allSatisfy { result.ended <= $0.result.ended }
    }

    /// Forgets results that ended before a time, but the latest of each agent: each change of a policy brings one more of
    /// each agent.
    mutating func forgetResults(before time: Timestamp) {
        for (agent, known) in results where known.contains(where: { $0.result.ended < time }) {
            let latest = known.max { $0.result.ended < $1.result.ended }
            results[agent] = known.filter {
                $0.result.ended >= time || $0.result.fingerprint == latest?.result.fingerprint
            }
        }
    }

    /// Returns true if the agent has a result of these parts, whatever it says and of whatever prompt, skills and model.
    func hasResult(of agent: AgentName, _ parts: ComputedParts) -> Bool {
        results[agent]?.contains {
            $0.result.parts.policy == parts.policy && $0.result.parts.tools == parts.tools
        } ?? false
    }

    /// Forgets the older half of the runs of the agent that has the most, so that no agent shuts out the runs of the
    /// others; and the oldest of all runs if that is less than a tenth. A forgotten run is not proven any more.
    mutating func forgetRuns() -> [RunID] {
        let forgotten = Self.dispensable(runs.mapValues(\.agent))
        for run in forgotten { runs[run] = nil }
        return forgotten
    }

    /// Forgets what hosts named of the runs of which `forgetRuns` would forget the measured parts: no agent lets the
    /// differences of another one be forgotten.
    mutating func forgetShown() -> [RunID] {
        let forgotten = Self.dispensable(shown.mapValues(\.agent))
        for run in forgotten { shown[run] = nil }
        return forgotten
    }

    private static func dispensable(_ agents: [RunID: AgentName]) -> [RunID] {
        var counts: [AgentName: Int] = [:]
        for agent in agents.values { counts[agent, default: 0] += 1 }
        let tenth = agents.count / 10
        var found: [RunID] = []
        var others = agents
        if let most = counts.max(by: { $0.value < $1.value }) {
            let own = agents.filter { $0.value == most.key }.map(\.key)
            found = oldest((own.count + 1) / 2, of: own)
            for run in found { others[run] = nil }
        }
        if found.count < tenth { found += oldest(tenth - found.count, of: Array(others.keys)) }
        return found
    }

    private static func oldest(_ count: Int, of runs: [RunID]) -> [RunID] {
        Array(runs.sorted { $0.milliseconds < $1.milliseconds }.prefix(count))
    }
}
