package import InterlockModel

/// One agent of a snapshot.
package final class AgentEntry: Sendable {
    // What every decision looks at comes first, so that it lies in few lines of the cache.
    let spec: AgentSpec
    /// Missing counts as low.
    package let tier: Tier
    /// The file's own; the trust record may lower it, never raise it.
    package let stage: TrustStage
    /// Codes of lint errors that hold the agent: it runs at stage observe.
    package let incomplete: [String]
    /// `host:port` that the policy lets it reach.
    package let egress: [String]
    let cells: CellIndex
    /// Where `data` of the agent speaks of a tool: with what the tool and its server demand.
    let data: [Int: DataObligations]
    /// By scope, in their order: the number of its server, or -1 where none is described.
    private let servers: [Int32]

    /// Calls other than reads end here, 14 days after the review was due.
    let reviewDeadline: Timestamp?
    /// The owner's vote counts until then for what neither spends money nor touches production.
    let ownerVotesUntil: Timestamp?
    /// The approvers' members, and those without the owner; sorted.
    let members: [Person]
    let membersWithoutOwner: [Person]
    /// nil: at any time.
    let hours: WorkingHours?

    init(
        _ agent: AgentSpec, egress: [String], holds: [String], members: [Person],
        ownerVotesUntil: Timestamp?, cells: CellIndex, hours: WorkingHours?,
        data: [Int: DataObligations], servers: [Int32]
    ) {
        spec = agent
        tier = agent.effectiveTier
        stage = agent.effectiveStage
        self.egress = egress
        incomplete = holds
        reviewDeadline = agent.reviewBy.map { $0.value.end + .seconds(14 * 86_400) }
        self.ownerVotesUntil = ownerVotesUntil
        self.members = members
        if let owner = agent.owner?.value, members.contains(owner) {
            membersWithoutOwner = members.filter { $0 != owner }
        } else {
            membersWithoutOwner = members
        }
        self.cells = cells
        self.hours = hours
        self.data = data
        self.servers = servers
    }

    /// More than an hour beside its hours; false for one that may act at any time.
    package func isFarOutsideHours(at now: Timestamp) -> Bool {
        guard let hours else { return false }
        let slack = Duration.seconds(3_600)
        return ![now - slack, now, now + slack].contains { hours.contains($0) }
    }

    package var name: AgentName { spec.name }
    package var owner: Person? { spec.owner?.value }
    package var purpose: String? { spec.purpose }
    package var reviewBy: CivilDate? { spec.reviewBy?.value }
    package var approvers: String? { spec.approvers?.value }
    /// The profile of the sandbox, when one is stated.
    package var sandbox: String? { spec.sandboxProfile }
    /// nil: it may come from anywhere, and its credentials are bound weakly.
    package var workloads: AgentWorkloads? { spec.workloads }
    package var place: PolicyLocation { spec.place }

    /// Those that its scopes name, described or not.
    package var scopedServers: [ServerName] { spec.scopes.compactMap { ServerName($0.server) } }

    /// What an agent gets that nothing grants anything.
    var noGrant: Decision {
        var decision = Decision(.deny, .noGrant, place: place)
        decision.tier = tier
        decision.egress = egress
        return decision
    }

    /// Where a server's scope stands, for refusals of what it does not grant.
    func scopePlace(_ server: Int) -> PolicyLocation? {
        servers.firstIndex(of: Int32(server)).map { spec.scopes[$0].place }
    }

    /// Whether the day of its review has passed, or it has none.
    package func isReviewDue(at now: Timestamp) -> Bool {
        spec.reviewBy.map { now >= $0.value.end } ?? true
    }

    /// Whether the review is more than 14 days late.
    package func isOverdue(at now: Timestamp) -> Bool { reviewDeadline.map { now >= $0 } ?? false }

    func effectiveStage(_ recorded: TrustStage) -> TrustStage {
        incomplete.isEmpty ? min(stage, recorded) : .observe
    }

    func column(at stage: TrustStage) -> Controls.Column {
        Controls.Column(tier: tier, stage: stage)
    }
}
