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
    /// One reference: lists of up to ten thousand requests are copied for a page.
    private var box: Box

    package var id: ApprovalID { box.values.id }
    /// The first call that required this approval.
    package var call: CallID { box.values.call }
    package var created: Timestamp { box.values.created }
    /// The deadline, in whole seconds.
    package var expires: Timestamp { box.values.expires }
    package var useWithin: Duration { box.values.useWithin }

    /// The displayed review; each reissue increments its revision.
    package internal(set) var shown: BoundReview {
        get { box.values.shown }
        set { change { $0.shown = newValue } }
    }
    package internal(set) var state: ApprovalState {
        get { box.values.state }
        set { change { $0.state = newValue } }
    }
    /// The cause of the end, if the state alone does not express it.
    package internal(set) var cause: ApprovalCause? {
        get { box.values.cause }
        set { change { $0.cause = newValue } }
    }
    /// The denial or objection that ended the request; nil also if a start restored only the end from the log.
    package internal(set) var dissent: Dissent? {
        get { box.values.dissent }
        set { change { $0.dissent = newValue } }
    }
    /// The people who may vote: the group at the time of the request, less those who have left since.
    package internal(set) var voters: [Voter] {
        get { box.values.voters }
        set { change { $0.voters = newValue } }
    }
    /// The approvals counted so far, each of a different person.
    package internal(set) var votes: [VerifiedVote] {
        get { box.values.votes }
        set { change { $0.votes = newValue } }
    }
    /// Is set if a client's consent replaced the one approval; `votes` is empty then.
    package internal(set) var consent: ClientConsent? {
        get { box.values.consent }
        set { change { $0.consent = newValue } }
    }
    /// The number of calls that have used the grant; at most `review.uses`.
    package internal(set) var used: Int {
        get { box.values.used }
        set { change { $0.used = newValue } }
    }
    /// The end of the grant; set only while the request is approved or used.
    package internal(set) var grantEnds: Timestamp? {
        get { box.values.grantEnds }
        set { change { $0.grantEnds = newValue } }
    }
    /// INVARIANT: never decreases. Deadlines are compared with it, so that a clock set back extends none.
    package internal(set) var latest: Timestamp {
        get { box.values.latest }
        set { change { $0.latest = newValue } }
    }
    /// The person who may vote after a delay; nil if none is planned or the escalation has happened.
    package internal(set) var escalation: PlannedEscalation? {
        get { box.values.escalation }
        set { change { $0.escalation = newValue } }
    }
    /// Is set only on the form of a decided probe; never stored.
    package internal(set) var probe: ProbeDebrief? {
        get { box.values.probe }
        set { change { $0.probe = newValue } }
    }
    /// If true, a decision of two or more people at tier high needs a passkey among them; set if a console is
    /// configured.
    package var wantsPasskey: Bool { box.values.wantsPasskey }

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
        self.init(
            Values(
                id: review.request, call: call, created: now, expires: (now + life).wholeSecond,
                useWithin: .seconds(
                    min(max(useWithin, uses.lowerBound), uses.upperBound).components.seconds),
                shown: shown, state: .pending, voters: voters, votes: [], latest: now,
                escalation: escalation.flatMap { planned in
                    voters.contains { $0.person == planned.to.person }
                        ? nil : PlannedEscalation(at: now + planned.after, to: planned.to)
                },
                wantsPasskey: wantsPasskey))
    }

    init(_ values: Values) { box = Box(values) }

    package static func == (a: ApprovalRequest, b: ApprovalRequest) -> Bool {
        a.box === b.box || a.box.values == b.box.values
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }

    private mutating func change(_ edit: (inout Values) -> Void) {
        var values = box.values
        edit(&values)
        box = Box(values)
    }

    /// Returns whether the request waits for this person's vote.
    package func waits(for person: Person) -> Bool {
        state == .pending && isVoter(person) && !hasVote(of: person)
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

    /// Returns whether this person may vote.
    package func isVoter(_ person: Person) -> Bool {
        // A page asks ten thousand requests, without the optimizer: with a closure it takes twice as long.
        let voters = box.values.voters
        let count = voters.count
        var place = 0
        while place < count {
            if voters[place].person == person { return true }
            place += 1
        }
        return false
    }

    /// Returns whether a vote of this person counts.
    package func hasVote(of person: Person) -> Bool {
        let votes = box.values.votes
        return !votes.isEmpty && votes.contains { $0.person == person }
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
