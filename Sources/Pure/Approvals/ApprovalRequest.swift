package import InterlockModel

/// The state of a request. `pending` can become any other state; `approved` can become `used`, `expired` or `void`; the
/// others are final.
package enum ApprovalState: String, Sendable, CaseIterable {
    case pending, approved, denied, expired, withdrawn, void, used

    package var isFinal: Bool {
        switch self {
        case .pending, .approved: false
        case .denied, .expired, .withdrawn, .void, .used: true
        }
    }
}

/// A question to people about one exact call: a value whose `handle` takes an event and returns an action. It performs
/// nothing; its owner must store the action before anyone sees the new state.
package struct ApprovalRequest: Hashable, Sendable {
    package let id: ApprovalID
    /// The first call that required this approval.
    package let call: CallID
    package let created: Timestamp
    /// The deadline, in whole seconds.
    package let expires: Timestamp
    package let useWithin: Duration

    /// The displayed review; each reissue increments its revision.
    package internal(set) var shown: BoundReview
    package internal(set) var state: ApprovalState
    /// The cause of the end, if the state alone does not express it.
    package internal(set) var cause: ApprovalCause?
    /// The denial or objection that ended the request; nil also if a start restored only the end from the log.
    package internal(set) var dissent: Dissent?
    /// The people who may vote: the group at the time of the request, less those who have left since.
    package internal(set) var voters: [Voter]
    /// The approvals counted so far, each of a different person.
    package internal(set) var votes: [VerifiedVote]
    /// Is set if a client's consent replaced the one approval; `votes` is empty then.
    package internal(set) var consent: ClientConsent?
    /// The number of calls that have used the grant; at most `review.uses`.
    package internal(set) var used = 0
    /// The end of the grant; set only while the request is approved or used.
    package internal(set) var grantEnds: Timestamp?
    /// INVARIANT: never decreases. Deadlines are compared with it, so that a clock set back extends none.
    package internal(set) var latest: Timestamp
    /// The person who may vote after a delay; nil if none is planned or the escalation has happened.
    package internal(set) var escalation: PlannedEscalation?
    /// Is set only on the form of a decided probe; never stored.
    package internal(set) var probe: ProbeDebrief?
    /// If true, a decision of two or more people at tier high needs a passkey among them; set if a console is
    /// configured.
    package let wantsPasskey: Bool

    package var review: ReviewDocument { shown.review }
    package var salt: [UInt8] { shown.salt }
    /// The `bind.c` of the record.
    package var bind: Digest { shown.bind }
    package var callDigest: Digest { shown.callDigest }
    package var revision: Int { review.revision }
    package var decision: ReviewedDecision { review.decision }

    /// The bounds of docs/specs/approvals.md, section 4.
    package static let lives = Duration.seconds(60)...Duration.seconds(7 * 86_400)
    package static let longestAtTierHigh = Duration.seconds(86_400)
    package static let usualLife = Duration.seconds(15 * 60)
    package static let uses = Duration.seconds(60)...Duration.seconds(3600)
    package static let usualUse = Duration.seconds(600)

    /// - Parameters:
    ///   - shown: the review of revision 1.
    ///   - life: clamped to its bounds.
    /// - Throws: `notEligible` if fewer people than the quorum may vote, because the request could never be approved.
    package init(
        _ shown: BoundReview, call: CallID, voters: [Voter],
        escalation: (after: Duration, to: Voter)? = nil, wantsPasskey: Bool = false,
        life: Duration = usualLife, useWithin: Duration = usualUse, now: Timestamp
    ) throws(ApprovalRefusal) {
        let review = shown.review
        guard Set(voters.map(\.pseudonym)).count == voters.count,
            voters.count >= review.decision.quorum
        else { throw .notEligible(.notMember) }
        let longest =
            review.decision.tier == .high
            ? ApprovalRequest.longestAtTierHigh : ApprovalRequest.lives.upperBound
        let life = min(max(life, ApprovalRequest.lives.lowerBound), longest)
        let uses = ApprovalRequest.uses
        id = review.request
        self.call = call
        created = now
        expires = (now + life).wholeSecond
        self.useWithin = .seconds(
            min(max(useWithin, uses.lowerBound), uses.upperBound).components.seconds)
        self.shown = shown
        state = .pending
        self.voters = voters
        votes = []
        latest = now
        self.escalation = escalation.flatMap { planned in
            voters.contains { $0.person == planned.to.person }
                ? nil : PlannedEscalation(at: now + planned.after, to: planned.to)
        }
        self.wantsPasskey = wantsPasskey
    }

    /// Returns whether these votes still release the call if the policy now requires `quorum` people.
    ///
    /// - Parameter takesConsent: whether a client's consent still suffices for this call.
    package func covers(
        quorum: Int, group: String, effects: EffectSet, eligible: some Sequence<Person>,
        takesConsent: Bool = false
    ) -> Bool {
        guard group == decision.group, effects == decision.effects else { return false }
        if consent != nil { return takesConsent && quorum == 1 }
        let now = Set(eligible)
        return votes.count(where: { now.contains($0.person) }) >= decision.needed(when: quorum)
    }

    /// The people who were or will be added by escalation.
    package var escalated: [Voter] {
        voters.filter { $0.seat == .escalated } + (escalation.map { [$0.to] } ?? [])
    }

    /// The next time at which the request changes without an event other than `tick`.
    package var due: Timestamp {
        if let grantEnds { return grantEnds }
        return min(expires, escalation?.at ?? expires)
    }
}

/// A person outside the group who may vote if the group has not decided after a delay.
package struct PlannedEscalation: Hashable, Sendable {
    package let at: Timestamp
    package let to: Voter

    init(at: Timestamp, to: Voter) {
        self.at = at
        self.to = Voter(person: to.person, pseudonym: to.pseudonym, seat: .escalated)
    }
}

/// The cause of an end that is not an answer.
package enum ApprovalCause: String, Hashable, Sendable, CaseIterable {
    /// Withdrawn: the agent cancelled, closed its stream, or declined.
    case cancelled, closed, declined
    /// Void: a halt, a hold, or a change of the pin, the policy, the trust stage, the reservation, a precondition or
    /// the possible quorum.
    case halted, held
    case pinChanged = "pin-changed"
    case policyDenies = "policy-denies"
    case policyChanged = "policy-changed"
    case stageChanged = "stage-changed"
    case quotaLost = "quota-lost"
    case preconditionChanged = "precondition-changed"
    case quorumUnreachable = "quorum-unreachable"
    /// Void: a person revoked the approval.
    case revoked
    /// Void: what its run sent was erased.
    case erased
    case restart
    /// Expired: the request was not decided, or the grant not used, in time.
    case unanswered, unused
}
