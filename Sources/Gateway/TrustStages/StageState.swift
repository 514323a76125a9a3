import InterlockModel
import InterlockPolicy
import InterlockTrust

/// The stages of agents at one moment. A call looks its agent up, without any I/O.
struct StageView: Sendable {
    static let empty = StageView(statuses: [:], sandboxedFrom: nil)

    /// The agents of which anything is on record.
    var statuses: [AgentName: StageStatus]
    /// The lowest stage that holds only for runs with a verified sandbox attestation, as all above it do; nil without one.
    let sandboxedFrom: AutonomyStage?

    /// The stage of each agent above stage 0.
    var stages: [AgentName: AutonomyStage] {
        statuses.compactMapValues { $0.stage > .gated ? $0.stage : nil }
    }
}

/// All that is on record about the stages of agents, with what it is judged by.
struct StageState: Sendable {
    private(set) var agents: [AgentName: AgentStages]
    private(set) var policy: PolicySnapshot
    /// Is nil while the authorized keys cannot be read; no promotion counts then.
    private(set) var keys: AuthorizedKeys?
    /// Is nil without a readable criteria file; every agent is at stage 0 then.
    private(set) var criteria: TrustCriteria?
    /// The conditions of each agent. They depend on no time, and signatures are compared with keys for them, so that they
    /// are made again only if something that they depend on is another one.
    private var conditions: [AgentName: StageConditions] = [:]
    /// The demotions that act and are not in the control log yet, in their order.
    var unstored: [(agent: AgentName, demotion: StageDemotion)] = []
    /// The demotions of which no person was notified yet.
    var untold: [(agent: AgentName, demotion: StageDemotion)] = []

    init(
        agents: [AgentName: AgentStages], policy: PolicySnapshot, keys: AuthorizedKeys?,
        criteria: TrustCriteria?
    ) {
        self.agents = agents
        self.policy = policy
        self.keys = keys
        self.criteria = criteria
        judge()
    }

    /// The criteria by which a demotion is measured: without a file, the defaults.
    var demotionCriteria: TrustCriteria { criteria ?? .standard }

    func view(at now: Timestamp) -> StageView {
        var statuses: [AgentName: StageStatus] = [:]
        for name in agents.keys { statuses[name] = status(of: name, at: now) }
        return StageView(
            statuses: statuses,
            sandboxedFrom: AutonomyStage.allCases.first {
                criteria?.stages[$0]?.requiresSandbox ?? false
            })
    }

    func status(of name: AgentName, at now: Timestamp) -> StageStatus {
        let history = agents[name]?.history ?? StageHistory()
        return history.status(conditions[name] ?? conditions(of: name), at: now)
    }

    /// The highest stage that the policy and the owner of an agent permit.
    func permitted(_ name: AgentName) -> AutonomyStage {
        let history = agents[name]?.history ?? StageHistory()
        return history.permitted(conditions[name] ?? conditions(of: name))
    }

    /// Takes the policy in force, and the keys and criteria of now.
    mutating func take(
        _ policy: PolicySnapshot, _ keys: AuthorizedKeys?, _ criteria: TrustCriteria?
    ) {
        guard policy !== self.policy || keys != self.keys || criteria != self.criteria else {
            return
        }
        self.policy = policy
        self.keys = keys
        self.criteria = criteria
        judge()
    }

    private mutating func judge() {
        conditions = [:]
        for name in agents.keys { conditions[name] = conditions(of: name) }
    }

    private func conditions(of name: AgentName) -> StageConditions {
        let stages = agents[name] ?? AgentStages()
        let entry = policy.agents[name]
        let ceiling = entry.flatMap { entry in
            entry.incomplete.isEmpty ? AutonomyStage(ceilingOf: entry.stage) : nil
        }
        return StageConditions(
            ceiling: ceiling, hasCriteria: criteria != nil,
            promotionCounts: counts(stages.promotion, entry),
            delegationCounts: counts(stages.delegation, entry),
            exceptionCounts: counts(stages.exception, entry))
    }

    /// The exceptions that raise an agent now, by name.
    func exceptions(at now: Timestamp) -> [SignedStageException] {
        agents.keys.sorted().compactMap { name -> SignedStageException? in
            guard let signed = agents[name]?.exception,
                agents[name]?.history.exception == signed.exception,
                status(of: name, at: now).reasons.contains(where: \.isException)
            else { return nil }
            return signed
        }
    }

    /// A promotion by people who were revoked since, or for an owner who is not the owner any more, does not count.
    private func counts(_ signed: SignedPromotion?, _ entry: AgentEntry?) -> Bool {
        guard let signed, let entry, let keys else { return false }
        return signed.promotion.owner == entry.owner
            && signed.signers(among: keys, tier: entry.tier) != nil
    }

    private func counts(_ signed: SignedStageException?, _ entry: AgentEntry?) -> Bool {
        guard let signed, let entry, let keys else { return false }
        return signed.exception.owner == entry.owner
            && signed.signers(among: keys, tier: entry.tier) != nil
    }

    private func counts(_ signed: SignedStageDelegation?, _ entry: AgentEntry?) -> Bool {
        guard let signed, let entry, let keys else { return false }
        return signed.delegation.owner == entry.owner
            && signed.signer(among: keys, tier: entry.tier) != nil
    }

    func ownerConfirmed(of agent: AgentName) -> Timestamp? {
        guard let signed = agents[agent]?.ownership, let entry = policy.agents[agent], let keys,
            signed.confirmation.owner == entry.owner,
            signed.signer(among: keys, tier: entry.tier) != nil
        else { return nil }
        return signed.confirmation.date
    }

    /// Lets a document act that people signed.
    mutating func put(_ stages: AgentStages, of name: AgentName) {
        agents[name] = stages
        conditions[name] = conditions(of: name)
    }

    /// Lets a demotion act, which is to be recorded, and of which people are to be notified.
    mutating func add(_ demotion: StageDemotion, of agent: AgentName) {
        agents[agent, default: AgentStages()].add(demotion)
        unstored.append((agent, demotion))
        untold.append((agent, demotion))
    }
}
