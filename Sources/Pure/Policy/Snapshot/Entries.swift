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
    /// The forbid that denies a tool which nothing grants, by tool; sparse.
    let otherForbids: [Int: Decision]
    let noGrant: Decision
    /// Where a server's scope stands, for refusals of what it does not grant.
    let scopePlaces: [ServerName: SourcePlace]

    init(
        _ agent: AgentSpec, egress: [String], holds: [String], members: [Person],
        ownerVotesUntil: Timestamp?, cells: [CompiledCell], otherForbids: [Int: Decision],
        noGrant: Decision
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
        self.otherForbids = otherForbids
        self.noGrant = noGrant
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

/// A cell with its finished decisions.
final class CompiledCell: Sendable {
    let tool: Int
    /// By `AgentEntry.row(at:)`: steps 1 to 4 of the decision, without what depends on time or facts.
    let decisions: [Decision]
    let isVisible: [Bool]
    /// Forbids and missing grants come before the review and the purpose.
    let isGranted: Bool
    let isRead: Bool
    /// The owner never decides about these.
    let excludesOwner: Bool

    init(
        tool: Int, decisions: [Decision], isVisible: [Bool], isGranted: Bool, isRead: Bool,
        excludesOwner: Bool
    ) {
        self.tool = tool
        self.decisions = decisions
        self.isVisible = isVisible
        self.isGranted = isGranted
        self.isRead = isRead
        self.excludesOwner = excludesOwner
    }
}

/// One server of a snapshot.
package struct ServerEntry: Sendable {
    package let name: ServerName
    /// nil when the policy does not say how it is reached.
    package let connect: ServerConnection?
    /// Paths that a stdio server's child may read, and write, besides the common tree.
    package let sandboxRead: [String]
    package let sandboxWrite: [String]
    package let reviewed: ServerReview?
    package let credentials: [AgentName: CredentialEntry]
    package let environment: String
    package let tools: [ToolName: ToolEntry]
    package let place: SourcePlace

    init(_ server: ServerSpec) {
        name = server.name
        connect = server.connection
        sandboxRead = server.sandboxRead
        sandboxWrite = server.sandboxWrite
        reviewed = server.reviewed
        environment = server.environment
        place = server.place
        var credentials: [AgentName: CredentialEntry] = [:]
        for credential in server.credentials {
            guard let agent = AgentName(credential.agent.value) else { continue }
            credentials[agent] = CredentialEntry(
                header: credential.header, secret: credential.secret.value,
                rotateBy: credential.rotateBy?.value)
        }
        self.credentials = credentials
        var tools: [ToolName: ToolEntry] = [:]
        for tool in server.tools {
            tools[tool.name] = ToolEntry(
                toolClass: tool.toolClass, effects: tool.effects, place: tool.place)
        }
        self.tools = tools
    }
}

package struct CredentialEntry: Sendable, Hashable {
    /// The request header that carries it.
    package let header: String
    /// Its name at the secrets' provider; never its value.
    package let secret: String
    package let rotateBy: CivilDate?
}

package struct ToolEntry: Sendable, Hashable {
    package let toolClass: ToolClass
    /// As controls judge them: with `read` for reads, and `irreversible` where nothing is stated.
    package let effects: EffectSet
    package let place: SourcePlace
}

package struct ApprovalGroup: Sendable {
    package let name: String
    /// Sorted.
    package let members: [Person]
    /// How long a request waits.
    package let expires: Duration
    package let escalate: Escalation?
    package let place: SourcePlace

    init(_ group: GroupSpec) {
        name = group.name
        members = Set(group.members.map(\.value)).sorted()
        expires = group.expires
        place = group.place
        if let after = group.escalateAfter, let to = group.escalateTo?.value {
            escalate = Escalation(after: after, to: to)
        } else {
            escalate = nil
        }
    }
}

package struct Escalation: Sendable, Hashable {
    package let after: Duration
    package let to: Person
}
