package import InterlockModel

/// The number of people of an agent's group whose votes count (docs/specs/policy.md, section 4.3).
package struct VoterCount {
    /// The people who decide about calls with an effect that excludes the owner.
    let withoutOwner: Int
    /// The people who decide about all other calls.
    let all: Int
    /// The name of the group, or nil if the agent has none.
    let group: String?

    /// - Parameter now: the time as of which a waiver of W210 is evaluated.
    package init(of agent: AgentSpec, in document: PolicyDocument, at now: Timestamp) {
        group = agent.approvers?.value
        let members = Set((group.flatMap { document.groups[$0]?.members } ?? []).map(\.value))
        let owner = agent.owner?.value
        withoutOwner = members.count(where: { $0 != owner })
        let ownerMay = agent.approvers.map { document.letsOwnerVote(in: $0, at: now) } ?? false
        all = ownerMay ? members.count : withoutOwner
    }

    /// Describes what is missing for an approval, or returns nil if the verdict is none or enough people can
    /// give it.
    package func shortage(for verdict: Verdict, of effects: EffectSet) -> String? {
        guard case .approve(let people) = verdict else { return nil }
        let eligible = effects.excludesOwner ? withoutOwner : all
        guard eligible < people else { return nil }
        let need = people == 1 ? "an approval" : "\(people) approvals"
        guard let group else { return "needs \(need), and there are no approvers" }
        return "needs \(need), and `\(group)` has \(eligible) who may give them"
    }
}

extension PolicyDocument {
    /// Returns true if a live waiver of W210 lets the owner of an agent decide in its group.
    func letsOwnerVote(in group: Located<String>, at now: Timestamp) -> Bool {
        waivers.contains {
            $0.lint == FindingCode.ownerInGroup.rawValue && $0.covers(group.path)
                && $0.isLive(at: now)
        }
    }
}
