package import InterlockModel

/// The people who may approve flagged changes of an agent's runs: its group of approvers, as for its calls
/// (docs/specs/approvals.md, section 6).
package struct WorkspaceApprovers: Hashable, Sendable {
    package enum Exclusion: Hashable, Sendable, CustomStringConvertible {
        case noGroup
        case notMember
        case owner

        package var description: String {
            switch self {
            case .noGroup: "the agent has no approvers who may approve its changes"
            case .notMember: "this person is not one of the agent's approvers"
            case .owner: "this person owns the agent"
            }
        }
    }

    /// The members who may approve, sorted.
    package let eligible: [Person]
    private let owner: Person?
    package let tier: Tier

    /// - Parameters:
    ///   - members: the members of the agent's group of approvers.
    ///   - ownerCounts: whether a waiver of W210 lets the owner approve now.
    package init(members: [Person], owner: Person?, ownerCounts: Bool, tier: Tier) {
        eligible =
            Electorate(
                members: members, owner: owner, onBehalfOf: nil, effects: EffectSet(),
                ownerWaiver: ownerCounts
            ).eligible
        self.owner = owner
        self.tier = tier
    }

    /// The number of distinct people who must approve.
    package var need: Int { tier == .high ? 2 : 1 }

    /// Returns the reason why an approval by this person would not count, or nil.
    package func exclusion(of person: Person) -> Exclusion? {
        if eligible.contains(person) { return nil }
        if eligible.isEmpty { return .noGroup }
        return person == owner ? .owner : .notMember
    }
}
