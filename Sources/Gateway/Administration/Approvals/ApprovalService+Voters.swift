import InterlockApprovals
import InterlockModel
import InterlockPolicy

/// The people who may vote on a call under a policy.
extension ApprovalService {
    /// Returns those of the eligible people who are enrolled with a key or passkey that is not revoked.
    func voters(_ eligible: [Person]) -> [Voter] {
        ports.people.book?.voters(among: eligible) ?? []
    }

    /// Returns the person to whom the group escalates a request that is not decided in time, unless the separation of
    /// duties excludes that person as it does members. No waiver admits an owner here.
    ///
    /// - Returns: nil also if the person is not enrolled or is a member anyway.
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

    /// Returns everyone whose vote on this request would count now: the members and the person added by escalation.
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
