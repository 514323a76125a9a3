package import InterlockModel

/// An event that can change a request.
package enum ApprovalEvent: Sendable {
    case vote(VerifiedVote)
    /// An unsigned no.
    case object(Objection)
    /// A client's consent in place of one approval.
    ///
    /// - Parameter bind: the `bind.c` of the review that the client was asked about.
    case consent(bind: Digest)
    /// Time has passed.
    case tick
    /// The agent's side gave up.
    case withdraw(ApprovalCause)
    /// The basis of the request is gone.
    case void(ApprovalCause)
    /// The decision or the displayed content has changed: a review of the next revision.
    case reissue(BoundReview, voters: [Voter])
    /// A person with the role `break_glass` lowers the quorum to one: a review of the next revision that says so.
    case breakGlass(BoundReview)
    /// A person may no longer vote.
    case leave(Pseudonym)
    /// Seats of the group were passed or came back: these people vote for it now.
    case seat([Voter])
    /// A credential was revoked. Its person may vote again with another one.
    case lapse(CredentialName)
    /// The call is about to be sent.
    case use(UseClaim)
}

/// The findings of `recheck`, which the grant is compared with.
package struct UseClaim: Sendable {
    /// The policy's decision on the call now.
    package enum Decision: Sendable {
        case allow
        case approve(quorum: Int, group: String, effects: EffectSet, eligible: [Person])
        case deny
    }
    /// The digest recomputed from the call that is about to be sent.
    package let callDigest: Digest
    package let decision: Decision
    /// Is true if a client's consent suffices for the call now.
    package let takesConsent: Bool

    package init(callDigest: Digest, decision: Decision, takesConsent: Bool = false) {
        self.callDigest = callDigest
        self.decision = decision
        self.takesConsent = takesConsent
    }
}

/// The action that the caller must take. Every case except `none` and `refused` changes the request and must be stored
/// first.
package enum ApprovalAction: Hashable, Sendable {
    case none
    /// One more person approved; more approvals are needed.
    case counted(have: Int, need: Int)
    case granted(until: Timestamp)
    case denied(by: Pseudonym)
    case expired(ApprovalCause)
    case withdrawn(ApprovalCause)
    case void(ApprovalCause)
    case reissued(revision: Int)
    /// A voter or vote was removed, or a seat was passed; the quorum can still be met.
    case shrunk
    /// The group has not decided in time: this person may vote as well.
    case escalated(to: Pseudonym)
    case used
    /// This person approved or denied a probe, which never releases a call.
    case probed(isCaught: Bool, by: Pseudonym)
    /// The request is unchanged.
    case refused(ApprovalRefusal)

    /// Is true if the action must be stored.
    package var isChange: Bool {
        switch self {
        case .none, .refused: false
        case .counted, .granted, .denied, .expired, .withdrawn, .void, .reissued, .shrunk,
            .escalated, .used, .probed:
            true
        }
    }
}

extension ApprovalRequest {
    /// Adopts, at a start, an end from the log that the store had not recorded yet.
    package mutating func follow(_ final: ApprovalState) {
        precondition(final.isFinal, "only an end is followed")
        if !state.isFinal { state = final }
        if state == .used { used = max(used, 1) }
    }

    /// Voids, at a start, a grant that the store marked as used without a record in the log: the call was not sent.
    package mutating func lose() {
        precondition(state == .used, "only a use is lost")
        state = .void
        cause = .restart
    }

    /// Ends the form of a probe that was approved; only the end is kept.
    mutating func refuse(_ debrief: ProbeDebrief, at now: Timestamp) {
        latest = max(latest, now)
        state = .void
        probe = debrief
    }

    /// Attaches the debrief to the form of a probe after its end.
    mutating func tell(_ debrief: ProbeDebrief) { probe = debrief }

    /// The only transition between states while the program runs. Every path to `approved` goes through `count` or
    /// `takeConsent`.
    package mutating func handle(_ event: ApprovalEvent, at now: Timestamp) -> ApprovalAction {
        latest = max(latest, now)
        if state == .pending, latest >= expires { return end(.expired, .unanswered) }
        if state == .approved, let grantEnds, latest >= grantEnds { return end(.expired, .unused) }
        switch (state, event) {
        case (.pending, .tick): return escalate()
        case (_, .tick): return .none
        case (.pending, .vote(let vote)): return count(vote)
        case (.approved, .vote(let vote)): return takeBack(vote)
        case (.pending, .object(let objection)), (.approved, .object(let objection)):
            return refuse(objection)
        case (.pending, .consent(let bind)): return takeConsent(bind)
        case (.approved, .consent): return .refused(.closed(state))
        case (.pending, .withdraw(let cause)): return end(.withdrawn, cause)
        case (.pending, .void(let cause)), (.approved, .void(let cause)): return end(.void, cause)
        case (.pending, .reissue(let form, let voters)): return reissue(form, voters)
        case (.pending, .breakGlass(let form)): return lower(form)
        // An approved request has no quorum left to lower.
        case (.approved, .breakGlass): return .refused(.closed(state))
        // A new form invalidates the approval of the old one.
        case (.approved, .reissue): return end(.void, .policyChanged)
        case (.pending, .leave(let voter)), (.approved, .leave(let voter)): return drop(voter)
        case (.pending, .seat(let voters)): return seat(voters)
        // The votes were counted; the use checks who holds the seats.
        case (.approved, .seat): return .none
        case (.pending, .lapse(let credential)), (.approved, .lapse(let credential)):
            return lapse(credential)
        case (.pending, .use): return .refused(.notGranted)
        case (.approved, .use(let claim)): return use(claim)
        case (.approved, .withdraw): return .refused(.closed(state))
        case (.denied, _), (.expired, _), (.withdrawn, _), (.void, _), (.used, _):
            return .refused(.closed(state))
        }
    }

    private mutating func count(_ vote: VerifiedVote) -> ApprovalAction {
        if let refusal = objection(to: vote) { return .refused(refusal) }
        if vote.statement.verdict == .deny {
            state = .denied
            dissent = Dissent(person: vote.person)
            return .denied(by: vote.approver)
        }
        guard !votes.contains(where: { $0.approver == vote.approver || $0.person == vote.person })
        else { return .refused(.alreadyVoted) }
        if let exclusion = weakness(of: vote) { return .refused(.notEligible(exclusion)) }
        votes.append(vote)
        guard votes.count >= decision.quorum else {
            return .counted(have: votes.count, need: decision.quorum)
        }
        return grant()
    }

    /// The caller must check that the configuration accepts a client's consent; it never counts as a vote.
    private mutating func takeConsent(_ bind: Digest) -> ApprovalAction {
        guard bind == self.bind else { return .refused(.revisionChanged) }
        guard decision.takesConsent, review.uses == 1, votes.isEmpty else {
            return .refused(.notEligible(.clientAlone))
        }
        consent = ClientConsent(at: latest)
        return grant()
    }

    private mutating func grant() -> ApprovalAction {
        let ends = latest + useWithin
        state = .approved
        grantEnds = ends
        return .granted(until: ends)
    }

    /// Several approvers at tier high must use distinct credentials, at least one of them a passkey if `wantsPasskey`
    /// is set.
    private func weakness(of vote: VerifiedVote) -> Exclusion? {
        guard decision.tier == .high, decision.asked >= 2 else { return nil }
        if votes.contains(where: { $0.credential == vote.credential }) { return .credentialShared }
        guard wantsPasskey, votes.count + 1 >= decision.quorum else { return nil }
        return (votes + [vote]).contains(where: \.isByPasskey) ? nil : .needsPasskey
    }

    /// A `deny` of an eligible voter revokes a grant; an `approve` after the grant is refused.
    private mutating func takeBack(_ vote: VerifiedVote) -> ApprovalAction {
        if let refusal = objection(to: vote) { return .refused(refusal) }
        guard vote.statement.verdict == .deny else { return .refused(.closed(state)) }
        dissent = Dissent(person: vote.person)
        return end(.void, .revoked)
    }

    /// An unsigned no takes effect at once: it denies a pending request and revokes an approved one.
    private mutating func refuse(_ objection: Objection) -> ApprovalAction {
        guard objection.revision ?? revision == revision else { return .refused(.revisionChanged) }
        guard
            voters.contains(where: {
                $0.pseudonym == objection.pseudonym && $0.person == objection.person
            })
        else { return .refused(.notEligible(.notMember)) }
        dissent = Dissent(objection)
        guard state == .pending else { return end(.void, .revoked) }
        state = .denied
        return .denied(by: objection.pseudonym)
    }

    private func objection(to vote: VerifiedVote) -> ApprovalRefusal? {
        let statement = vote.statement
        guard statement.request == id else { return .noSuchRequest }
        guard statement.revision == revision else { return .revisionChanged }
        guard statement.isAbout(self) else { return .digestMismatch }
        guard voters.contains(where: { $0.pseudonym == vote.approver && $0.person == vote.person })
        else { return .notEligible(.notMember) }
        return nil
    }

    private mutating func reissue(_ form: BoundReview, _ voters: [Voter]) -> ApprovalAction {
        let review = form.review
        // Only the trust stage and the environment may differ, since the policy sets them; any other change makes
        // another call, and so another request.
        guard review.request == id, review.revision == revision + 1,
            review.call.isMoved(from: self.review.call)
        else { return .refused(.digestMismatch) }
        let escalated = self.voters.filter { old in
            old.seat == .escalated && !voters.contains { $0.person == old.person }
        }
        guard voters.count + escalated.count >= review.decision.quorum else {
            return end(.void, .quorumUnreachable)
        }
        shown = form
        self.voters = voters + escalated
        votes = []
        return .reissued(revision: revision)
    }

    /// Only the quorum and the revision may change, and the facts must state the break-glass use; no other rule is
    /// lifted.
    private mutating func lower(_ form: BoundReview) -> ApprovalAction {
        let review = form.review
        guard review.request == id, review.revision == revision + 1,
            review.call == self.review.call, review.policy == self.review.policy,
            let lowered = decision.lowered, review.decision == lowered,
            review.template == self.review.template,
            review.factsButBreakGlass == self.review.factsButBreakGlass
        else { return .refused(.digestMismatch) }
        guard !voters.isEmpty else { return end(.void, .quorumUnreachable) }
        shown = form
        votes = []
        return .reissued(revision: revision)
    }

    private mutating func escalate() -> ApprovalAction {
        guard let plan = escalation, latest >= plan.at else { return .none }
        escalation = nil
        guard !voters.contains(where: { $0.person == plan.to.person }) else { return .none }
        voters.append(plan.to)
        return .escalated(to: plan.to.pseudonym)
    }

    private mutating func drop(_ voter: Pseudonym) -> ApprovalAction {
        if escalation?.to.pseudonym == voter { escalation = nil }
        guard let place = voters.firstIndex(where: { $0.pseudonym == voter }) else { return .none }
        // The seats that the person held for others come back to them.
        for member in voters.remove(at: place).delegators
        where !voters.contains(where: { $0.person == member.person }) { voters.append(member) }
        votes.removeAll { $0.approver == voter }
        let enough =
            state == .pending
            ? voters.count >= decision.quorum : consent != nil || votes.count >= decision.quorum
        return enough ? .shrunk : end(.void, .quorumUnreachable)
    }

    private mutating func seat(_ seats: [Voter]) -> ApprovalAction {
        let escalated = voters.filter { old in
            old.seat == .escalated && !seats.contains { $0.person == old.person }
        }
        guard voters != seats + escalated else { return .none }
        let seated = seats + escalated
        voters = seated
        votes.removeAll { vote in !seated.contains { $0.pseudonym == vote.approver } }
        return voters.count >= decision.quorum ? .shrunk : end(.void, .quorumUnreachable)
    }

    private mutating func lapse(_ credential: CredentialName) -> ApprovalAction {
        guard votes.contains(where: { $0.credential == credential }) else { return .none }
        votes.removeAll { $0.credential == credential }
        let enough = state == .pending || votes.count >= decision.quorum
        return enough ? .shrunk : end(.void, .quorumUnreachable)
    }

    private mutating func use(_ claim: UseClaim) -> ApprovalAction {
        // A different call does not void the grant.
        guard claim.callDigest == callDigest else { return .refused(.digestMismatch) }
        switch claim.decision {
        case .deny: return end(.void, .policyDenies)
        case .allow: break
        case .approve(let quorum, let group, let effects, let eligible):
            guard group == decision.group, effects == decision.effects else {
                return end(.void, .policyChanged)
            }
            guard
                covers(
                    quorum: quorum, group: group, effects: effects, eligible: eligible,
                    takesConsent: claim.takesConsent)
            else { return end(.void, .quorumUnreachable) }
        }
        used += 1
        if used >= review.uses { state = .used }
        return .used
    }

    private mutating func end(_ final: ApprovalState, _ cause: ApprovalCause) -> ApprovalAction {
        state = final
        self.cause = cause
        switch final {
        case .expired: return .expired(cause)
        case .withdrawn: return .withdrawn(cause)
        case .void, .pending, .approved, .denied, .used: return .void(cause)
        }
    }
}
