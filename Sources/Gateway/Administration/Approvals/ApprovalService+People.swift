package import InterlockApprovals
import InterlockEvidence
import InterlockGovernor
import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview
import Synchronization

/// The effect of revoked credentials on open requests.
extension ApprovalService {
    /// Drops votes by revoked credentials, and voters without a valid credential; a request whose quorum cannot be
    /// reached any more becomes void. Called after each change of the enrolled people. No vote and no use can build on
    /// a vote that this has yet to drop, because each checks for itself.
    package func followPeople() async {
        for request in live {
            await gates.requests.enter(request.id)
            _ = await dropRevoked(of: request.id)
            gates.requests.leave(request.id)
        }
    }

    /// Does the same for one request and a caller that is inside its gate.
    ///
    /// - Returns: false if a necessary change cannot be recorded; nothing may then build on the request.
    func dropRevoked(of id: ApprovalID) async -> Bool {
        guard let request = self[id], !request.state.isFinal else { return true }
        for event in revocations(in: request) { _ = await changeInside(id, event) }
        guard let after = self[id] else { return true }
        return after.state.isFinal || revocations(in: after).isEmpty
    }

    /// Returns true if the grant rests on a vote by a credential that was revoked after the vote.
    package func hasLapsedVote(_ grant: ApprovalRequest) -> Bool {
        guard let book = ports.people.book else { return false }
        return (self[grant.id] ?? grant).votes.contains { !book.stands($0.credential) }
    }

    private func revocations(in request: ApprovalRequest) -> [ApprovalEvent] {
        guard let book = ports.people.book else { return [] }
        let lapsed = Set(request.votes.map(\.credential)).filter { !book.stands($0) }
        let gone = (request.voters + request.escalated).map(\.pseudonym)
            .filter { book.person($0) == nil }
        return lapsed.map { .lapse($0) } + gone.map { .leave($0) }
    }
}

/// The people who may vote on a call under a policy.
extension ApprovalService {
    /// Sets the authors of revisions, who may not vote on the calls that these widened.
    package func exclude(_ proposers: RevisionProposers) {
        state.withLock { $0.proposers = proposers }
    }

    /// Returns the members who may decide: those of the decision, without the author of the revision that widened this
    /// call.
    private func members(_ decision: Decision, for call: CanonicalCall) -> [Person] {
        let authors = proposers(of: call)
        return decision.eligible.filter { !authors.contains($0) }
    }

    private func proposers(of call: CanonicalCall) -> Set<Person> {
        state.withLock { $0.proposers.authors(of: call.agent, call.address) }
    }

    /// Returns the people who vote on the call: those of the members who are enrolled with a key or passkey that is not
    /// revoked, and the people to whom members passed their seats.
    ///
    /// - Parameters:
    ///   - wanted: the members who count; nil for all.
    ///   - voted: the people who have voted on the request already.
    func voters(
        _ decision: Decision, _ policy: PolicySnapshot, for call: CanonicalCall,
        onBehalfOf: Person?, among wanted: Set<Person>? = nil, voted: Set<Person> = []
    ) -> [Voter] {
        let members = members(decision, for: call).filter { wanted?.contains($0) ?? true }
        guard let book = ports.people.book, let group = decision.group,
            !book.delegations.isEmpty
        else { return enrolled(members) }
        let all = policy.groups[group]?.members ?? []
        let choice = policy.groups[group]?.delegates ?? .never
        return book.seats(of: members, in: group, voted: voted, at: ports.clock.wall) {
            (!$1.isToMember || all.contains($0)) && choice.permits($0, members: all)
                && outside([$0], of: decision, policy, call, onBehalfOf).eligible == [$0]
        }
    }

    /// The groups in which seats are passed now, or were when an open request was asked.
    package var delegatingGroups: [String] {
        (ports.people.book?.delegations.values.map(\.group) ?? [])
            + live.filter(\.hasDelegates).map(\.decision.group)
    }

    /// Returns which of these people may decide the call although they are no members. No waiver admits an owner here.
    private func outside(
        _ people: [Person], of decision: Decision, _ policy: PolicySnapshot, _ call: CanonicalCall,
        _ onBehalfOf: Person?
    ) -> Electorate {
        Electorate(
            members: people, owner: policy.agents[call.agent]?.owner, onBehalfOf: onBehalfOf,
            effects: decision.effects,
            proposers: proposers(of: call).union(decision.proposer.map { [$0] } ?? []))
    }

    private func enrolled(_ people: [Person]) -> [Voter] {
        ports.people.book?.voters(among: people) ?? []
    }

    /// Returns the person to whom the group escalates a request that is not decided in time, unless the separation of
    /// duties excludes that person as it does members.
    ///
    /// - Returns: nil also if the person is not enrolled or is a member anyway.
    func escalation(
        of decision: Decision, _ policy: PolicySnapshot, _ call: CanonicalCall, onBehalfOf: Person?
    ) -> (after: Duration, to: Voter)? {
        guard let plan = decision.group.flatMap({ policy.groups[$0]?.escalate }),
            !decision.eligible.contains(plan.to)
        else { return nil }
        let electorate = outside([plan.to], of: decision, policy, call, onBehalfOf)
        return enrolled(electorate.eligible).first.map { (plan.after, $0) }
    }

    /// Returns everyone whose vote on this request would count now: the members or their delegates, and the person added
    /// by escalation.
    func eligible(
        under decision: Decision, _ policy: PolicySnapshot, for request: ApprovalRequest,
        onBehalfOf: Person?
    ) -> [Person] {
        let call = request.review.call
        var members = members(decision, for: call)
        if request.hasDelegates || ports.people.book?.delegations.isEmpty == false {
            members = voters(
                decision, policy, for: call, onBehalfOf: onBehalfOf,
                voted: Set(request.votes.map(\.person))
            ).map(\.person)
        }
        guard !request.escalated.isEmpty,
            let plan = escalation(of: decision, policy, call, onBehalfOf: onBehalfOf),
            request.escalated.contains(where: { $0.person == plan.to.person })
        else { return members }
        return members + [plan.to.person]
    }
}
