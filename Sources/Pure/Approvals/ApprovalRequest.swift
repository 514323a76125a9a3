package import InterlockModel

/// Where a request is. `pending` becomes any of the others; `approved` becomes `used`, `expired` or
/// `void`; the rest are final.
package enum ApprovalState: String, Sendable, CaseIterable {
    case pending, approved, denied, expired, withdrawn, void, used

    package var isFinal: Bool {
        switch self {
        case .pending, .approved: false
        case .denied, .expired, .withdrawn, .void, .used: true
        }
    }
}

/// One question to people about one exact call: a value whose `handle` takes an event and says what to
/// do. It performs nothing; who holds it writes the action down before anybody sees the new state.
package struct ApprovalRequest: Hashable, Sendable {
    package let id: ApprovalID
    /// The call that asked first.
    package let call: CallID
    package let created: Timestamp
    /// Whole seconds.
    package let expires: Timestamp
    package let useWithin: Duration

    /// What is shown; rises in revision when it is issued anew.
    package internal(set) var shown: BoundReview
    package internal(set) var state: ApprovalState
    /// Why it ended, where the state alone does not say.
    package internal(set) var cause: ApprovalCause?
    /// Whose no ended it; nil also where a log mended at the start tells of the end alone.
    package internal(set) var dissent: Dissent?
    /// The people who may vote: the group at the time of asking, less those who left since.
    package internal(set) var voters: [Voter]
    /// Approvals counted so far, of distinct people.
    package internal(set) var votes: [VerifiedVote]
    /// Set where a client's word stands for the one approval; then there are no votes.
    package internal(set) var consent: ClientConsent?
    /// The end of the grant; only while approved or used.
    package internal(set) var grantEnds: Timestamp?
    /// INVARIANT: never falls. Deadlines are judged against it, so that a clock set back lengthens none.
    package internal(set) var latest: Timestamp
    /// Who may vote too from then on; nil when nobody, or since they may.
    package internal(set) var escalation: PlannedEscalation?
    /// Set where this is the form of a probe that was decided; of no other request, and nothing that is stored.
    package internal(set) var probe: ProbeDebrief?
    /// At tier high two people or more decide with a passkey among them: where a console is configured.
    package let wantsPasskey: Bool

    package var review: ReviewDocument { shown.review }
    package var salt: [UInt8] { shown.salt }
    /// The `bind.c` of the leaf.
    package var bind: Digest { shown.bind }
    package var callDigest: Digest { shown.callDigest }
    package var revision: Int { review.revision }
    package var decision: ReviewedDecision { review.decision }

    /// Bounds of section 4.
    package static let lives = Duration.seconds(60)...Duration.seconds(7 * 86_400)
    package static let longestAtTierHigh = Duration.seconds(86_400)
    package static let usualLife = Duration.seconds(15 * 60)
    package static let uses = Duration.seconds(60)...Duration.seconds(3600)
    package static let usualUse = Duration.seconds(600)

    /// - Parameters:
    ///   - shown: of revision 1.
    ///   - life: clamped to its bounds.
    /// - Throws: `notEligible` when fewer than the quorum may vote: nobody could ever approve it.
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

    init(
        id: ApprovalID, call: CallID, created: Timestamp, expires: Timestamp,
        useWithin: Duration, shown: BoundReview, state: ApprovalState, cause: ApprovalCause?,
        voters: [Voter], votes: [VerifiedVote], grantEnds: Timestamp?, latest: Timestamp,
        escalation: PlannedEscalation?, wantsPasskey: Bool, consent: ClientConsent? = nil,
        dissent: Dissent? = nil
    ) {
        self.id = id
        self.call = call
        self.created = created
        self.expires = expires
        self.useWithin = useWithin
        self.shown = shown
        self.state = state
        self.cause = cause
        self.voters = voters
        self.votes = votes
        self.grantEnds = grantEnds
        self.latest = latest
        self.escalation = escalation
        self.wantsPasskey = wantsPasskey
        self.consent = consent
        self.dissent = dissent
    }

    /// Whether these votes still release the call when the policy asks for `quorum` people now.
    ///
    /// - Parameter takesConsent: whether a client's word is still enough for this call.
    package func covers(
        quorum: Int, group: String, effects: EffectSet, eligible: some Sequence<Person>,
        takesConsent: Bool = false
    ) -> Bool {
        guard group == decision.group, effects == decision.effects else { return false }
        if consent != nil { return takesConsent && quorum == 1 }
        let now = Set(eligible)
        return votes.count(where: { now.contains($0.person) }) >= decision.needed(when: quorum)
    }

    /// The people who came in by escalation, or will.
    package var escalated: [Voter] {
        voters.filter { $0.seat == .escalated } + (escalation.map { [$0.to] } ?? [])
    }

    /// When time alone changes the request next.
    package var due: Timestamp {
        if let grantEnds { return grantEnds }
        return min(expires, escalation?.at ?? expires)
    }
}

/// Somebody beside the group who may vote when it has not answered after a while.
package struct PlannedEscalation: Hashable, Sendable {
    package let at: Timestamp
    package let to: Voter

    init(at: Timestamp, to: Voter) {
        self.at = at
        self.to = Voter(person: to.person, pseudonym: to.pseudonym, seat: .escalated)
    }
}

/// Why a request ended without an answer.
package enum ApprovalCause: String, Hashable, Sendable, CaseIterable {
    /// Withdrawn: the agent cancelled, closed its stream, or declined.
    case cancelled, closed, declined
    /// Void: a halt, the agent held, the pin, the policy, the stage, the reservation.
    case halted, held
    case pinChanged = "pin-changed"
    case policyDenies = "policy-denies"
    case policyChanged = "policy-changed"
    case stageChanged = "stage-changed"
    case quotaLost = "quota-lost"
    case preconditionChanged = "precondition-changed"
    case quorumUnreachable = "quorum-unreachable"
    /// Void: a person took the approval back.
    case revoked
    case restart
    /// Expired: nobody decided in time, or the grant was not used in time.
    case unanswered, unused
}
