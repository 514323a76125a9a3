import InterlockApprovals
import InterlockModel
import InterlockPolicy

/// Who may vote on a call under a policy.
extension ApprovalService {
    /// Those of the eligible who are enrolled with a key or passkey that was not revoked.
    func voters(_ eligible: [Person]) -> [Voter] {
        ports.people.book?.voters(among: eligible) ?? []
    }

    /// The person whom the group asks when it does not answer in time, unless the separation of duties
    /// keeps that person out as it does the members. No waiver lets an owner in here.
    ///
    /// - Returns: nil too when the person is not enrolled, or a member anyway.
    func escalation(
        of decision: Decision, _ policy: PolicySnapshot, _ call: CanonicalCall,
        onBehalfOf: Person?
    ) -> (after: Duration, to: Voter)? {
        guard let plan = decision.group.flatMap({ policy.groups[$0]?.escalate }),
            !decision.eligible.contains(plan.to)
        else { return nil }
        let electorate = Electorate(
            members: [plan.to], owner: policy.agents[call.agent]?.owner, onBehalfOf: onBehalfOf,
            effects: decision.effects, proposers: decision.proposer.map { [$0] } ?? [])
        return voters(electorate.eligible).first.map { (plan.after, $0) }
    }

    /// Everybody whose vote on this request would count now, members and who came in by escalation.
    func eligible(
        under decision: Decision, _ policy: PolicySnapshot, for request: ApprovalRequest,
        onBehalfOf: Person?
    ) -> [Person] {
        let call = request.review.call
        guard !request.escalated.isEmpty,
            let plan = escalation(of: decision, policy, call, onBehalfOf: onBehalfOf),
            request.escalated.contains(where: { $0.person == plan.to.person })
        else { return decision.eligible }
        return decision.eligible + [plan.to.person]
    }
}
