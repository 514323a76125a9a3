package import InterlockAdministration
import InterlockEvals
package import InterlockGovernor
import InterlockJSON
package import InterlockModel
package import InterlockPolicy
import InterlockPolicyReview
package import InterlockPorts
import Synchronization

/// The change gate of a running gateway, in memory. The control log has the results from which it is made again at a
/// start.
///
/// INVARIANT: a result counts only once its record and its entry are durable; a gateway whose results cannot be read, or
/// are not as it wrote them, does not start. Kept by `ChangeGateServiceTests`, `test_change_gate.py`.
package final class ChangeGateRegistry: ChangeGate {
    /// Returns the authorized keys, or nil while they cannot be read; no result counts then.
    package typealias KeySource = @Sendable () -> AuthorizedKeys?

    private let state: Mutex<GateState>
    /// Held while a policy or a result takes effect.
    private let gate = AsyncGate()
    private let log: any ControlLog
    private let trust: KeySource
    private let clock: any Clock
    let hashing: any Hashing
    let verifier: any SignatureVerifier

    /// Reads the entries of a verified control log, and writes the first one about the gate on a store that has none.
    ///
    /// - Parameter policy: the policy with which the gateway starts.
    package init(
        from log: any ControlLog, under policy: PolicySnapshot, trust: @escaping KeySource,
        clock: any Clock, hashing: any Hashing, verifier: any SignatureVerifier
    ) async throws(ControlLogFailure) {
        self.log = log
        self.trust = trust
        self.clock = clock
        self.hashing = hashing
        self.verifier = verifier
        let entries = try await GateEntries(log, hashing: hashing, verifier: verifier)
        let period = try await entries.period(at: clock.now, in: log)
        let parts = ComputedParts.all(
            of: entries.inputs.results.keys, under: policy, hashing: hashing)
        let view = GateView(policy, parts, entries.inputs.carries)
        var state = GateState(view, entries.inputs, period)
        state.refresh(.everything, trust(), at: clock.wall, hashing: hashing)
        self.state = Mutex(state)
    }

    package func verdict(on run: GatedRun, at now: Timestamp) -> EvalFact {
        state.withLock { $0.verdict(on: run, at: now) }
    }

    package func notice(of run: GatedRun, _ fact: EvalFact, at now: Timestamp) -> EvalNotice? {
        state.withLock { $0.notice(of: run, fact, at: now) }
    }

    package func take(_ parts: MeasuredParts, of run: RunID, _ agent: AgentName) {
        // A list without a canonical form proves nothing.
        guard let prompt = try? parts.prompt.canonical(), let skills = try? parts.skills.canonical()
        else { return }
        let measured = ProvenParts(
            agent: agent, prompt: hashing.sha256(prompt), skills: hashing.sha256(skills))
        state.withLock { $0.measure(run, measured, hashing: hashing) }
    }

    package func expect(_ policy: PolicySnapshot, after old: PolicySnapshot) async {
        await gate.enter()
        defer { gate.leave() }
        let now = clock.wall
        let before = state.withLock { $0 }
        let agents = before.inputs.results.keys
        let parts = ComputedParts.all(of: agents, under: policy, hashing: hashing)
        let view = before.views.first { $0.policy.digest == old.digest }
        let known = view?.parts ?? ComputedParts.all(of: agents, under: old, hashing: hashing)
        let carries = view?.carries ?? before.inputs.carries
        let changed = parts.filter { known[$0.key] != $0.value }
        var changes: [AgentName: CarriedParts?] = [:]
        if !changed.isEmpty {
            let widening = PolicyComparison.compare(old, policy, at: now).differences
                .filter { $0.direction != .narrows }
            for (agent, next) in changed {
                let carry = known[agent].flatMap { last -> CarriedParts? in
                    guard old.isNarrowed(to: policy, for: agent, widening: widening) else {
                        return nil
                    }
                    // A second narrowing change does not make the time longer. A result of the parts between the
                    // two counts instead of the one before, above all if it failed.
                    if let carried = carries[agent], carried.to == last,
                        now < carried.until, !before.inputs.hasResult(of: agent, last)
                    {
                        return CarriedParts(from: carried.from, to: next, until: carried.until)
                    }
                    return CarriedParts(
                        from: last, to: next, until: now + CarriedParts.length)
                }
                changes.updateValue(carry, forKey: agent)
            }
        }
        let drafts = changes.compactMap { agent, carry in carry?.draft(of: agent) }
        // Its loss narrows: after a restart the agent is refused.
        if !drafts.isEmpty { _ = try? await log.append(drafts) }
        let trusted = trust()
        state.withLock { state in
            state.put(policy, parts, changes)
            state.refresh(.everything, trusted, at: now, hashing: hashing)
        }
    }

    /// Stores a verified statement and lets it count. The caller has recorded it.
    func keep(_ statement: GateStatement) async throws(StoreFailure) {
        await gate.enter()
        defer { gate.leave() }
        _ = try await log.append([statement.draft])
        refresh(.everything) { $0.add(statement) }
    }

    /// Counts the keys again, and stores the time that the gate has seen. Called from time to time.
    func renew() async {
        await gate.enter()
        defer { gate.leave() }
        refresh(.keys) { _ in }
        guard let due = state.withLock({ $0.period.advance(to: clock.now) }) else { return }
        let since = state.withLock { $0.period.since }
        guard (try? await log.append([GateEntries.draft(since: since, seen: due)])) != nil else {
            return
        }
        state.withLock { $0.period.store(due) }
    }

    private func refresh(_ part: GateState.Refresh, _ change: (inout GateState) -> Void) {
        let (now, trusted) = (clock.wall, trust())
        state.withLock { state in
            change(&state)
            state.refresh(part, trusted, at: now, hashing: hashing)
        }
    }

    /// The period in which agents without a result are only named.
    package var period: GatePeriod { state.withLock { $0.period } }

    /// The view of the policy in force or about to be.
    var view: GateView { state.withLock { $0.views[0] } }

    /// The state at this moment.
    var current: GateState { state.withLock { $0 } }

    func results(of agent: AgentName) -> [KnownResult] {
        state.withLock { $0.inputs.results[agent] ?? [] }
    }

    /// Returns the manifest on record of a token, which may be over.
    func manifest(of credential: String) -> SignedReleaseManifest? {
        state.withLock { $0.inputs.manifests[ExactText(credential)] }
    }

    /// Returns the keys that count under a policy now.
    func keys(of policy: PolicySnapshot, at now: Timestamp) -> GateKeys {
        GateKeys(of: policy, trust(), at: now)
    }
}
