package import InterlockAdministration
import InterlockGovernor
import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
package import InterlockTrust
import Synchronization

/// The stages of agents of a running gateway, in memory (docs/specs/trust-and-review.md, sections 2, 5 and 6). The control
/// log has the documents and demotions from which they are made again at a start.
///
/// INVARIANT: a demotion acts before it is on record, and a promotion only after its record and its entry are durable. An
/// agent without a promotion that people signed is at stage 0. Kept by `TrustStageRegistryTests`,
/// `TrustStageServiceTests`.
package final class TrustStageRegistry: TrustStages {
    /// Returns the authorized keys, or nil while they cannot be read.
    package typealias KeySource = @Sendable () -> AuthorizedKeys?
    /// Returns the criteria that people signed off, or nil if there are none or they cannot be read. Must not block.
    package typealias CriteriaSource = @Sendable () -> TrustCriteria?

    private let state: Mutex<StageState>
    /// The view that calls read. It is made of `state`, under its lock.
    private let seen = Mutex(StageView.empty)
    /// The latest time that was seen: what has ended stays so if the clock is set back.
    private let latest: Mutex<Timestamp>
    /// Held while something is appended to the control log.
    private let gate = AsyncGate()
    private let log: any ControlLog
    private let trust: KeySource
    private let criteria: CriteriaSource
    private let clock: any Clock
    private let note: @Sendable (RecordDraft) -> Void
    let hashing: any Hashing
    let verifier: any SignatureVerifier
    /// Is nil if no passkey can sign here.
    let passkeys: EnrolledPasskeyVerifier?
    /// The numbers of the entries that were not taken at the start.
    let ignored: [Int64]
    /// The time of the last demotion or promotion that the control log had at the start; nil without one. A demotion on record
    /// without its entry is younger.
    package let storedUntil: Timestamp?

    /// Reads the entries of the control log.
    ///
    /// - Parameters:
    ///   - policy: the policy with which the gateway starts.
    ///   - passkeys: if nil, no promotion that a passkey signed counts.
    ///   - note: queues a record of something that acts already.
    package init(
        from log: any ControlLog, under policy: PolicySnapshot, trust: @escaping KeySource,
        criteria: @escaping CriteriaSource, clock: any Clock, hashing: any Hashing,
        verifier: any SignatureVerifier, passkeys: EnrolledPasskeyVerifier? = nil,
        note: @escaping @Sendable (RecordDraft) -> Void
    ) async throws(ControlLogFailure) {
        self.log = log
        self.trust = trust
        self.criteria = criteria
        self.clock = clock
        self.hashing = hashing
        self.verifier = verifier
        self.passkeys = passkeys
        self.note = note
        let keys = trust()
        let entries = try await StageEntries(
            log, keys, hashing: hashing, verifier: verifier, passkeys: passkeys)
        ignored = entries.ignored
        storedUntil = entries.storedUntil
        latest = Mutex(max(entries.latest, clock.wall))
        state = Mutex(
            StageState(
                agents: entries.agents, policy: policy, keys: keys, criteria: criteria()))
        publish()
    }

    package func stage(of agent: AgentName, isSandboxed: () -> Bool) -> TrustStageAssignment {
        let (known, sandboxedFrom) = seen.withLock { ($0.statuses[agent], $0.sandboxedFrom) }
        guard let status = known else { return .lowest }
        var stage = status.stage
        // The sweep that records the end may be late.
        if let expires = status.expires, now() >= expires { stage = stage.previous ?? .gated }
        if let sandboxedFrom, stage >= sandboxedFrom, !isSandboxed() {
            stage = sandboxedFrom > .assisted ? .assisted : .gated
        }
        return stage.assignment
    }

    /// The latest time that was seen.
    func now() -> Timestamp {
        let wall = clock.wall
        return latest.withLock { latest in
            latest = max(latest, wall)
            return latest
        }
    }

    /// Returns the stage of an agent with what it rests on, also if nothing is on record.
    package func status(of agent: AgentName) -> StageStatus {
        let now = now()
        return state.withLock { $0.status(of: agent, at: now) }
    }

    package func history(of agent: AgentName) -> StageHistory {
        state.withLock { $0.agents[agent]?.history ?? StageHistory() }
    }

    /// The criteria in force at the last sweep; nil if there are none.
    package var currentCriteria: TrustCriteria? { state.withLock { $0.criteria } }

    /// The stages of the agents above stage 0.
    var stages: [AgentName: AutonomyStage] { seen.withLock { $0 }.stages }

    /// The agents with a promotion on record, and the promotion.
    var promotions: [(agent: AgentName, promotion: Promotion)] {
        state.withLock { state in
            state.agents.compactMap { agent, stages in
                stages.history.promotion.map { (agent: agent, promotion: $0) }
            }
        }
    }

    /// The exceptions that raise an agent now, by the name of the agent.
    package var exceptions: [StageException] {
        let now = now()
        return state.withLock { $0.exceptions(at: now) }.map(\.exception)
    }

    /// The agents whose promotion is on record and does not count, by name.
    var uncounted: [AgentName] {
        let statuses = seen.withLock { $0.statuses }
        return statuses.filter { $0.value.reasons.contains(.promotionUnsigned) }.map(\.key).sorted()
    }
}

// Demotions, which act at once.
extension TrustStageRegistry {
    /// Takes autonomy from an agent. It acts on return, for the next decision; record and entry follow. Does not block, and
    /// may be called on the call path.
    ///
    /// - Parameters:
    ///   - cause: the digest of what caused it, which counts once.
    ///   - missed: the time at which a process that has ended was to take it; nil for now. What is from before the last
    ///     promotion was there when people decided, and takes nothing.
    /// - Returns: nil if it takes nothing.
    @discardableResult
    package func demote(
        _ agent: AgentName, by trigger: DemotionTrigger, cause: Digest? = nil,
        missedAt missed: Timestamp? = nil
    ) -> StageDemotion? {
        // No policy of people can name the canaries of a drill.
        guard !agent.isCanary else { return nil }
        let now = now()
        let found = state.withLock { state -> StageDemotion? in
            let history = state.agents[agent]?.history ?? StageHistory()
            if let missed, let promotion = history.promotion, missed < promotion.date {
                return nil
            }
            guard
                let demotion = history.demotion(
                    by: trigger, cause: cause, at: missed ?? now, under: state.demotionCriteria,
                    permitting: state.permitted(agent))
            else { return nil }
            state.add(demotion, of: agent)
            publish(agent, state, at: now)
            return demotion
        }
        guard let demotion = found else { return nil }
        note(demotion.record(of: agent))
        Task { _ = await store() }
        return demotion
    }

    /// Takes the demotions on record that the control log does not have: the process ended between the two, or while the
    /// store took nothing. They act on return, and the next sweep appends and tells them. Called before the first call.
    ///
    /// - Parameter logged: in the order of the log.
    package func restore(_ logged: [LoggedDemotion]) {
        let now = now()
        state.withLock { state in
            for one in logged {
                let history = state.agents[one.agent]?.history ?? StageHistory()
                if history.lacks(one.demotion) { state.add(one.demotion, of: one.agent) }
            }
            publish(state, at: now)
        }
    }

    /// Records what ends of promotions have taken; that acts by itself.
    func noteEnds() {
        let now = now()
        let all = state.withLock { state -> [(agent: AgentName, demotion: StageDemotion)] in
            var ended: [(agent: AgentName, demotion: StageDemotion)] = []
            for (agent, stages) in state.agents {
                guard
                    let demotion = stages.history.ending(at: now, under: state.demotionCriteria)
                else { continue }
                ended.append((agent, demotion))
            }
            for one in ended {
                state.add(one.demotion, of: one.agent)
                publish(one.agent, state, at: now)
            }
            return ended
        }
        for one in all { note(one.demotion.record(of: one.agent)) }
    }

    /// Judges everything under the policy in force, and the keys and criteria of now.
    func refresh(under policy: PolicySnapshot) {
        let (keys, criteria) = (trust(), criteria())
        let now = now()
        state.withLock { state in
            state.take(policy, keys, criteria)
            publish(state, at: now)
        }
    }

    /// Appends the demotions that are not in the control log yet. Those that it does not take are appended later.
    ///
    /// - Returns: false if the store did not take them.
    func store() async -> Bool {
        await gate.enter()
        defer { gate.leave() }
        do throws(StoreFailure) { try await storeDemotions() } catch { return false }
        return true
    }

    /// The caller holds the gate.
    private func storeDemotions() async throws(StoreFailure) {
        let waiting = state.withLock { $0.unstored }
        guard !waiting.isEmpty else { return }
        _ = try await log.append(
            waiting.map { ControlDraft(.trustDemotion, $0.agent.text, $0.demotion.json) })
        state.withLock { $0.unstored.removeFirst(waiting.count) }
    }

    /// Returns the demotions of which no person was notified yet, once.
    func takeUntold() -> [(agent: AgentName, demotion: StageDemotion)] {
        state.withLock { state in
            defer { state.untold = [] }
            return state.untold
        }
    }

    private func publish() {
        let now = now()
        state.withLock { publish($0, at: now) }
    }

    private func publish(_ state: StageState, at now: Timestamp) {
        let view = state.view(at: now)
        seen.withLock { $0 = view }
    }

    /// Publishes one agent alone, since a cause such as a missed drill demotes thousands one after the other.
    private func publish(_ agent: AgentName, _ state: StageState, at now: Timestamp) {
        let status = state.status(of: agent, at: now)
        seen.withLock { $0.statuses[agent] = status }
    }
}

/// The reason why a document could not be kept.
enum StageStoreFailure: Error {
    case store(String)
    /// It does not follow from what is on record.
    case refused(PromotionRefusal)
}

// Documents that people sign, which act once they are durable.
extension TrustStageRegistry {
    /// The authorized keys of now; nil while they cannot be read.
    var keys: AuthorizedKeys? { trust() }

    /// Stores a verified promotion and lets it act. The caller has recorded it.
    func keep(_ signed: SignedPromotion) async throws(StageStoreFailure) {
        try await keep(signed.draft, of: signed.promotion.agent) {
            stages throws(PromotionRefusal) in try stages.add(signed)
        }
    }

    func keep(_ signed: SignedStageException) async throws(StageStoreFailure) {
        try await keep(signed.draft, of: signed.exception.agent) {
            stages throws(PromotionRefusal) in try stages.add(signed)
        }
    }

    func keep(_ signed: SignedStageDelegation) async throws(StageStoreFailure) {
        try await keep(signed.draft, of: signed.delegation.agent) {
            stages throws(PromotionRefusal) in try stages.add(signed)
        }
    }

    func keep(_ signed: SignedOwnership) async throws(StageStoreFailure) {
        try await keep(signed.draft, of: signed.confirmation.agent) {
            stages throws(PromotionRefusal) in stages.add(signed)
        }
    }

    /// The date of the last confirmation by the owner whom the policy names; nil if a key signed it that does not count.
    func ownerConfirmed(of agent: AgentName) -> Timestamp? {
        state.withLock { $0.ownerConfirmed(of: agent) }
    }

    /// Demotions that wait are appended first, so that the order of the entries is the order in which they act.
    private func keep(
        _ draft: ControlDraft, of agent: AgentName,
        _ add: @Sendable (inout AgentStages) throws(PromotionRefusal) -> Void
    ) async throws(StageStoreFailure) {
        await gate.enter()
        defer { gate.leave() }
        do throws(StoreFailure) { try await storeDemotions() } catch {
            throw .store(error.reason)
        }
        if let early = refusal(of: agent, add) { throw .refused(early) }
        do throws(StoreFailure) { _ = try await log.append([draft]) } catch {
            throw .store(error.reason)
        }
        let now = now()
        let late = state.withLock { state -> PromotionRefusal? in
            var stages = state.agents[agent] ?? AgentStages()
            do throws(PromotionRefusal) { try add(&stages) } catch { return error }
            state.put(stages, of: agent)
            publish(agent, state, at: now)
            return nil
        }
        if let late { throw .refused(late) }
    }

    private func refusal(
        of agent: AgentName, _ add: (inout AgentStages) throws(PromotionRefusal) -> Void
    ) -> PromotionRefusal? {
        var stages = state.withLock { $0.agents[agent] ?? AgentStages() }
        do throws(PromotionRefusal) { try add(&stages) } catch { return error }
        return nil
    }
}

extension StageDemotion {
    fileprivate func record(of agent: AgentName) -> RecordDraft {
        var fields: JSONObject = [
            "agent": .string(agent.text), "code": .string(trigger.rawValue),
            "from": .string(from.name), "to": .string(to.name),
            "until": .integer(cooldownEnd.microseconds),
        ]
        fields["h"] = cause.map { .string($0.base64) }
        return RecordDraft(.trustDemoted, run: nil, fields: fields)
    }
}
