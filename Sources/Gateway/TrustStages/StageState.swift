import InterlockModel
import InterlockPolicy
import InterlockTrust

/// The stages of agents at one moment. A call looks its agent up, without any I/O.
struct StageView: Sendable {
    static let empty = StageView(statuses: [:], sandboxed: [])

    /// The agents of which anything is on record.
    let statuses: [AgentName: StageStatus]
    /// The stages that hold only for runs with a verified sandbox attestation.
    let sandboxed: Set<AutonomyStage>

    /// The stage of each agent above stage 0.
    var stages: [AgentName: AutonomyStage] {
        statuses.compactMapValues { $0.stage > .gated ? $0.stage : nil }
    }
}

/// All that is on record about the stages of agents, with what it is judged by.
struct StageState: Sendable {
    var agents: [AgentName: AgentStages]
    var policy: PolicySnapshot
    /// Is nil while the authorized keys cannot be read; no promotion counts then.
    var keys: AuthorizedKeys?
    /// Is nil without a readable criteria file; every agent is at stage 0 then.
    var criteria: TrustCriteria?
    /// The demotions that act and are not in the control log yet, in their order.
    var unstored: [(agent: AgentName, demotion: StageDemotion)] = []
    /// The demotions of which no person was notified yet.
    var untold: [(agent: AgentName, demotion: StageDemotion)] = []

    /// The criteria by which a demotion is measured: without a file, the defaults.
    var demotionCriteria: TrustCriteria { criteria ?? .standard }

    func view(at now: Timestamp) -> StageView {
        var statuses: [AgentName: StageStatus] = [:]
        for name in agents.keys { statuses[name] = status(of: name, at: now) }
        return StageView(
            statuses: statuses,
            sandboxed: Set(
                AutonomyStage.allCases.filter { criteria?.stages[$0]?.requiresSandbox ?? false }))
    }

    func status(of name: AgentName, at now: Timestamp) -> StageStatus {
        let stages = agents[name] ?? AgentStages()
        let entry = policy.agents[name]
        let ceiling = entry.flatMap { entry in
            entry.incomplete.isEmpty ? AutonomyStage(ceilingOf: entry.stage) : nil
        }
        return stages.history.status(
            StageConditions(
                ceiling: ceiling, hasCriteria: criteria != nil,
                promotionCounts: counts(stages.promotion, entry),
                delegationCounts: counts(stages.delegation, entry)), at: now)
    }

    /// A promotion by people who were revoked since, or for an owner who is not the owner any more, does not count.
    private func counts(_ signed: SignedPromotion?, _ entry: AgentEntry?) -> Bool {
        guard let signed, let entry, let keys else { return false }
        return signed.promotion.owner == entry.owner
            && signed.signers(among: keys, tier: entry.tier) != nil
    }

    private func counts(_ signed: SignedStageDelegation?, _ entry: AgentEntry?) -> Bool {
        guard let signed, let entry, let keys else { return false }
        return signed.delegation.owner == entry.owner
            && signed.signer(among: keys, tier: entry.tier) != nil
    }

    /// Lets a demotion act, which is to be recorded and told.
    mutating func add(_ demotion: StageDemotion, of agent: AgentName) {
        agents[agent, default: AgentStages()].add(demotion)
        unstored.append((agent, demotion))
        untold.append((agent, demotion))
    }
}
