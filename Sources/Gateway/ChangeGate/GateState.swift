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
        let fingerprint: Digest?
        let fact: EvalFact
    }

    private static let noticeInterval = Duration.seconds(3600)
    private static let mostNotices = 10_000
    private static let mostRuns = 100_000

    /// The view of the policy in force or about to be, and of the one before, under which calls may still be decided.
    private(set) var views: [GateView]
    private(set) var inputs: GateInputs
    var period: GatePeriod
    private var noticed: [NoticeKey: Timestamp] = [:]

    init(_ view: GateView, _ inputs: GateInputs, _ period: GatePeriod) {
        views = [view]
        self.inputs = inputs
        self.period = period
    }

    func verdict(on run: GatedRun, at now: Timestamp) -> EvalFact {
        let fact = view(of: run)?.fact(of: run, at: now) ?? .missing
        // A first result must not shut out a run whose proof an upgrade does not bring either.
        let isOfUpgrade = fact == .missing || fact == .unproven
        return isOfUpgrade && period.isOpen(at: now) ? .passed : fact
    }

    private func view(of run: GatedRun) -> GateView? {
        views.first { $0.policy.digest == run.policy }
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
        let view = GateView(policy, parts)
        views = [view] + views.filter { $0.policy.digest != policy.digest }.prefix(1)
    }

    mutating func refresh(_ trust: AuthorizedKeys?, at now: Timestamp, hashing: any Hashing) {
        inputs.carries = inputs.carries.filter { now < $0.value.until }
        inputs.exceptions = inputs.exceptions.filter { now < $0.value.exception.until }
        inputs.manifests = inputs.manifests.filter { now < $0.value.manifest.until }
        for number in views.indices {
            let keys = GateKeys(of: views[number].policy, trust, at: now)
            views[number].refresh(inputs, keys, at: now, hashing: hashing)
        }
    }

    mutating func measure(_ run: RunID, _ one: ProvenParts, hashing: any Hashing) {
        // Runs that are forgotten are not proven any more.
        if inputs.runs.count >= Self.mostRuns { inputs.runs = [:] }
        inputs.runs[run] = one
        for number in views.indices {
            views[number].add(run, one, inputs.carries[one.agent], hashing: hashing)
        }
    }

    mutating func notice(of run: GatedRun, _ fact: EvalFact, at now: Timestamp) -> EvalNotice? {
        let view = view(of: run)
        let pair = view?.pair(of: run, at: now)?.pair
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
    /// Replaces the older result of the same fingerprint.
    mutating func add(_ known: KnownResult) {
        let agent = known.result.agent
        results[agent, default: []].removeAll {
            $0.result.fingerprint == known.result.fingerprint
        }
        results[agent, default: []].append(known)
    }
}
