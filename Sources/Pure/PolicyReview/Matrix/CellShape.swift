import InterlockJSON
import InterlockModel
import InterlockPolicy

/// Everything that determines what calls of a tool can receive, and its words: equal shapes have equal outcomes in one
/// policy.
struct CellShape: Hashable {
    private struct Grant: Hashable {
        let guardText: ExactText?
        let isSandboxed: Bool

        init(_ grant: GrantSpec) {
            guardText = grant.when.map { ExactText($0.source) }
            isSandboxed = grant.sandboxedOnly
        }
    }

    private struct Elevation: Hashable {
        let words: ExactText
        let from: Timestamp
        let grants: [Grant]
    }

    private let tool: Int
    private let tier: Tier
    private let stage: TrustStage
    private let grants: [Grant]
    private let elevations: [Elevation]
    private let isEntry: Bool
    /// The ids of the rules, each of which is one rule of the policy.
    private let forbids: [ExactText]
    private let effectRules: [ExactText]
    private let voters: Int
    private let votersWithoutOwner: Int
    private let ownerVotes: Bool

    init(_ cell: Cell, of agent: AgentEntry, at stage: TrustStage) {
        tool = cell.tool
        tier = agent.tier
        self.stage = stage
        grants = cell.grants.map(Grant.init)
        elevations = cell.elevations.map { elevation in
            Elevation(
                words: ExactText(elevation.words), from: elevation.from,
                grants: elevation.grants.map(Grant.init))
        }
        isEntry = cell.approvalEntry != nil
        forbids = cell.forbids.map { ExactText($0.id.value) }
        effectRules = cell.effectRules.map { ExactText($0.id.value) }
        voters = agent.members.count
        votersWithoutOwner = agent.membersWithoutOwner.count
        ownerVotes = agent.ownerVotesUntil != nil
    }
}

extension Cell {
    /// True if what calls receive may change with time: an elevation begins or ends, or a guard may read the time.
    var isTimed: Bool {
        let guards =
            grants.map(\.when) + forbids.map(\.when) + effectRules.map(\.when)
        return !elevations.isEmpty
            || guards.contains { $0.map { readsTime.isIn($0.source) } ?? false }
    }
}

/// Found in more texts than those that read the time, never in fewer.
private let readsTime = SearchedText("now")
