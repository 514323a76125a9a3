package import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// A filter of the matrix; a nil field does not restrict it.
package struct MatrixFilter: Sendable, Hashable {
    package enum Outcome: String, Sendable, CaseIterable {
        case allowed, approval, denied, none
    }

    /// A part of the agent's name; `server` and `approver` likewise.
    package var agent: SearchedText?
    package var server: SearchedText?
    /// Counts only tools whose calls can have the effect, and shows agents that have such a tool.
    package var effect: Effect?
    /// Shows agents with a cell of this outcome.
    package var outcome: Outcome?
    /// Shows agents with calls that a person of this address can approve.
    package var approver: SearchedText?

    package init(
        agent: SearchedText? = nil, server: SearchedText? = nil, effect: Effect? = nil,
        outcome: Outcome? = nil, approver: SearchedText? = nil
    ) {
        self.agent = agent
        self.server = server
        self.effect = effect
        self.outcome = outcome
        self.approver = approver
    }

    /// True if the reach of every agent decides which of them are shown.
    var needsReach: Bool { effect != nil || outcome != nil || approver != nil }

    /// Tests what the policy states without solving guards.
    func mayPass(_ agent: AgentEntry) -> Bool {
        if let name = self.agent, !name.isIn(agent.name.text) { return false }
        guard let approver else { return true }
        let voters = agent.ownerVotesUntil == nil ? agent.membersWithoutOwner : agent.members
        return voters.contains { approver.isIn($0.address) }
    }

    /// - Parameter columns: the servers that the filter leaves.
    func passes(_ reach: AgentReach, _ columns: [MatrixColumn]) -> Bool {
        var hasOutcome = outcome == nil
        var hasEffect = effect == nil
        var hasApproval = approver == nil
        for column in columns {
            let cell = MatrixCell(reach, column, effect)
            hasOutcome = hasOutcome || cell.outcome == outcome
            hasEffect = hasEffect || cell.verdict != nil
            hasApproval = hasApproval || cell.needsPeople
            if hasOutcome && hasEffect && hasApproval { return true }
        }
        return false
    }
}
