package import InterlockModel

/// One agent of a snapshot.
package final class AgentEntry: Sendable {
    // Fields that every decision reads come first, so that they lie in few lines of the cache.
    package let spec: AgentSpec
    /// The tier, which is low if it is missing.
    package let tier: Tier
    /// The stage in the file. The trust record may lower it, never raise it.
    package let stage: TrustStage
    /// The codes of lint errors that hold the agent, which then runs at stage observe.
    package let incomplete: [String]
    /// The `host:port` values that the policy lets the agent reach.
    package let egress: [String]
    let cells: CellIndex
    /// The obligations for each tool that the agent's `data` names, with those of the tool and server.
    let data: [Int: DataObligations]
    /// The rules of `defaults.egress`, which all agents share.
    private let commonEgress: [EgressSpec]
    /// The number of the server of each scope, in the order of scopes, or -1 if it is not described.
    private let servers: [Int32]

    /// The time from which calls other than reads are refused, 14 days after the review was due.
    let reviewDeadline: Timestamp?
    /// The time until which the owner's vote counts, except to spend money or touch production.
    package let ownerVotesUntil: Timestamp?
    /// The approvers' members, and those without the owner; sorted.
    package let members: [Person]
    package let membersWithoutOwner: [Person]
    /// The hours in which the agent may act, or nil if it may act at any time.
    let hours: WorkingHours?

    /// The time after the end of a review in which the agent still runs, in seconds (docs/decisions/0005).
    static let reviewGrace: Int64 = 14 * 86_400

    init(
        _ agent: AgentSpec, egress: [String], holds: [String], members: [Person],
        ownerVotesUntil: Timestamp?, cells: CellIndex, hours: WorkingHours?,
        data: [Int: DataObligations], servers: [Int32], commonEgress: [EgressSpec]
    ) {
        spec = agent
        tier = agent.effectiveTier
        stage = agent.writtenStage
        self.egress = egress
        incomplete = holds
        reviewDeadline = agent.reviewBy.map { $0.value.end + .seconds(Self.reviewGrace) }
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
        self.commonEgress = commonEgress
    }

    /// Returns true more than an hour outside the agent's hours, and false if it may act at any time.
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
    /// The profile of the sandbox, or nil if no sandbox is stated.
    package var sandbox: String? { spec.sandboxProfile }
    /// The sandbox of a run, with the egress of every agent. Read by `interlock run`, and by the
    /// gateway for the connections of a run and the attestation of its calls.
    package var sandboxSettings: SandboxSettings {
        var settings = spec.sandbox?.settings ?? .isolated
        settings.add(commonEgress)
        return settings
    }
    /// The workloads, or nil if the agent may come from anywhere, so that its credentials are bound weakly.
    package var workloads: AgentWorkloads? { spec.workloads }
    /// The behaviour of its hooks, or nil if it is not stated.
    package var hooks: HooksSpec? { spec.hooks }
    /// True if the policy decides what the agent does with a coding agent's own tools: a scope or `approval_required`
    /// names the server `host`, or `hooks` is stated. Its runs then have the hooks of coding agents.
    package var isAskedByHooks: Bool {
        spec.hooks != nil || HostServer.isNamed(by: spec.scopes)
            || spec.approvalRequired.contains { HostServer.isNamed(by: $0.value) }
    }
    package var place: PolicyLocation { spec.place }

    /// The servers that its scopes name, described or not.
    package var scopedServers: [ServerName] { spec.scopes.compactMap { ServerName($0.server) } }

    /// The decision about a call that nothing grants.
    var noGrant: Decision {
        var decision = Decision(.deny, .noGrant, place: place)
        decision.tier = tier
        decision.egress = egress
        return decision
    }

    /// The location of a server's scope, for refusals of what it does not grant.
    func scopePlace(_ server: Int) -> PolicyLocation? {
        servers.firstIndex(of: Int32(server)).map { spec.scopes[$0].place }
    }

    /// Returns true if the date that the file states passed more than 14 days ago. A gateway asks
    /// `Gateway.isOverdue(_:at:)`, which knows of signed reviews.
    package func isOverdue(at now: Timestamp) -> Bool { reviewDeadline.map { now >= $0 } ?? false }

    /// The stage at which a call is decided whose facts record this stage of trust.
    package func effectiveStage(_ recorded: TrustStage) -> TrustStage {
        AgentTerms.stage(min(stage, recorded), held: incomplete)
    }

    /// The stage that applies once nothing holds the agent. A file that states none will state `supervised` at least.
    package func stageOnceComplete(_ recorded: TrustStage) -> TrustStage {
        min(spec.stage?.value ?? .supervised, recorded)
    }

    func column(at stage: TrustStage) -> Controls.Column {
        Controls.Column(tier: tier, stage: stage)
    }
}
