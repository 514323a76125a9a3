package import InterlockModel

/// One agent of a snapshot.
package final class AgentEntry: Sendable {
    package let name: AgentName
    package let owner: Person?
    package let purpose: String?
    /// Missing counts as low.
    package let tier: Tier
    /// The file's own; the trust record may lower it, never raise it.
    package let stage: Stage
    package let reviewBy: CivilDate?
    package let approvers: String?
    /// The profile of the sandbox, when one is stated.
    package let sandbox: String?
    /// `host:port` that the policy lets it reach.
    package let egress: [String]
    /// Codes of lint errors that hold the agent: it runs at stage observe.
    package let incomplete: [String]
    package let place: SourcePlace

    /// Calls other than reads end here, 14 days after the review was due.
    let reviewDeadline: Timestamp?
    /// The owner's vote counts until then for what neither spends money nor touches production.
    let ownerVotesUntil: Timestamp?
    /// The approvers' members, and those without the owner; sorted.
    let members: [Person]
    let membersWithoutOwner: [Person]
    /// Sorted by tool.
    let cells: [CompiledCell]
    let noGrant: Decision
    /// nil: at any time.
    let hours: WorkingHours?
    /// Where `data` of the agent speaks of a tool: with what the tool and its server demand.
    let data: [Int: DataObligations]
    /// Where a server's scope stands, for refusals of what it does not grant.
    let scopePlaces: [ServerName: SourcePlace]

    init(
        _ agent: AgentSpec, egress: [String], holds: [String], members: [Person],
        ownerVotesUntil: Timestamp?, cells: [CompiledCell], noGrant: Decision,
        hours: WorkingHours?, data: [Int: DataObligations]
    ) {
        name = agent.name
        owner = agent.owner?.value
        purpose = agent.purpose
        tier = agent.effectiveTier
        stage = agent.effectiveStage
        reviewBy = agent.reviewBy?.value
        approvers = agent.approvers?.value
        sandbox = agent.sandboxProfile
        self.egress = egress
        incomplete = holds
        place = agent.place
        reviewDeadline = agent.reviewBy.map { $0.value.end + .seconds(14 * 86_400) }
        self.ownerVotesUntil = ownerVotesUntil
        self.members = members
        let owner = agent.owner?.value
        membersWithoutOwner = members.filter { $0 != owner }
        self.cells = cells
        self.noGrant = noGrant
        self.hours = hours
        self.data = data
        var places: [ServerName: SourcePlace] = [:]
        for scope in agent.scopes {
            if let server = ServerName(scope.server) { places[server] = scope.place }
        }
        scopePlaces = places
    }

    /// Whether the review is more than 14 days late.
    package func isOverdue(at now: Timestamp) -> Bool { reviewDeadline.map { now >= $0 } ?? false }

    func effectiveStage(_ recorded: Stage) -> Stage {
        incomplete.isEmpty ? min(stage, recorded) : .observe
    }

    /// Where the decisions of a stage stand in a cell.
    func row(at stage: Stage) -> Int { Controls.Column(tier: tier, stage: stage).rawValue }

    func cell(_ tool: Int) -> CompiledCell? {
        var low = 0
        var high = cells.count
        while low < high {
            let middle = (low + high) / 2
            if cells[middle].tool < tool { low = middle + 1 } else { high = middle }
        }
        return low < cells.count && cells[low].tool == tool ? cells[low] : nil
    }
}
