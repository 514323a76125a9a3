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
    /// Returns the policy of an earlier start, or nil if its files are not here any more or make another policy now.
    package typealias PolicySource = @Sendable (JudgedPolicy) -> PolicySnapshot?

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
    /// - Parameters:
    ///   - policy: the policy with which the gateway starts.
    ///   - earlier: finds the policy with which it was stopped, so that a change made meanwhile is compared as if it were
    ///     made now.
    package init(
        from log: any ControlLog, under policy: PolicySnapshot, trust: @escaping KeySource,
        clock: any Clock, hashing: any Hashing, verifier: any SignatureVerifier,
        earlier: @escaping PolicySource = { _ in nil }
    ) async throws(ControlLogFailure) {
        self.log = log
        self.trust = trust
        self.clock = clock
        self.hashing = hashing
        self.verifier = verifier
        let entries = try await GateEntries(log, hashing: hashing, verifier: verifier)
        let period = try await entries.period(at: clock.now, in: log)
        let old = entries.last.flatMap { $0.digest == policy.digest ? nil : earlier($0) }
        let first = old ?? policy
        let parts = ComputedParts.all(
            of: entries.inputs.results.keys, under: first, hashing: hashing)
        let view = GateView(first, parts, entries.inputs.carries)
        var state = GateState(view, entries.inputs, period)
        state.refresh(.everything, trust(), at: clock.wall, hashing: hashing)
        self.state = Mutex(state)
        if let old {
            await expect(policy, after: old)
        } else if entries.last?.digest != policy.digest {
            await keep(JudgedPolicy(policy))
        }
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

    package func show(_ part: NamedPart, of run: RunID, _ agent: AgentName) {
        state.withLock { $0.show(part, of: run, agent, hashing: hashing) }
    }

    package func forget(_ run: RunID) { state.withLock { $0.forget(run) } }

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
        let kept = await keep(changes, of: before, under: policy, at: now)
        let trusted = trust()
        state.withLock { state in
            state.put(policy, parts, kept)
            state.refresh(.everything, trusted, at: now, hashing: hashing)
        }
    }

    /// Appends the policy with the parts that are carried under it, and the ends of those that are not any more.
    ///
    /// An end that is lost would bring its parts back after a restart, and the loss of the policy a result that one of this
    /// policy ended; they are appended again each minute.
    ///
    /// - Returns: the changes that count. Parts that the log did not take are not carried: each start on a store that takes
    ///   nothing would begin their day anew.
    private func keep(
        _ changes: [AgentName: CarriedParts?], of before: GateState, under policy: PolicySnapshot,
        at now: Timestamp
    ) async -> [AgentName: CarriedParts?] {
        let carried = changes.compactMapValues { $0 }
        var ends = before.unkeptEnds.filter { carried[$0.key] == nil }
        for agent in changes.keys where carried[agent] == nil {
            guard let known = before.inputs.carries[agent], now < known.until else { continue }
            ends[agent] = CarriedParts(from: known.from, to: known.to, until: now)
        }
        let isKept = await keep(
            JudgedPolicy(policy), carried.map { $0.value.draft(of: $0.key) })
        await keep(ends)
        return isKept ? changes : changes.mapValues { _ -> CarriedParts? in nil }
    }

    @discardableResult
    private func keep(_ policy: JudgedPolicy, _ parts: [ControlDraft] = []) async -> Bool {
        let isKept = (try? await log.append([policy.draft] + parts)) != nil
        state.withLock { $0.unkeptPolicy = isKept ? nil : policy }
        return isKept
    }

    private func keep(_ ends: [AgentName: CarriedParts]) async {
        var left = ends
        if !ends.isEmpty,
            (try? await log.append(ends.map { $0.value.draft(of: $0.key) })) != nil
        {
            left = [:]
        }
        state.withLock { $0.unkeptEnds = left }
    }

    /// Stores a verified statement and lets it count. The caller has recorded it.
    func keep(_ statement: GateStatement) async throws(StoreFailure) {
        await gate.enter()
        defer { gate.leave() }
        let now = clock.now
        let seen = state.withLock { $0.period.advance(to: now, atOnce: true) }
        let since = state.withLock { $0.period.since }
        let drafts = seen.map { [GateEntries.draft(since: since, seen: $0)] } ?? []
        _ = try await log.append(drafts + [statement.draft])
        refresh(.everything) { state in
            if let seen { state.period.store(seen) }
            state.add(statement)
        }
    }

    /// Counts the keys again, and stores the time that the gate has seen. Called from time to time.
    func renew() async {
        await gate.enter()
        defer { gate.leave() }
        refresh(.keys) { _ in }
        let (policy, ends) = state.withLock { ($0.unkeptPolicy, $0.unkeptEnds) }
        if let policy { await keep(policy) }
        if !ends.isEmpty { await keep(ends) }
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

    /// Returns true if a result is older than those that are known of its agent.
    func isTooOld(_ result: EvalResult) -> Bool {
        state.withLock { $0.inputs.isTooOld(result) }
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
