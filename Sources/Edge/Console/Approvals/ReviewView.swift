import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel

/// The values that the page of one request shows: a function of the request, the viewer and the time.
struct ReviewView {
    let id: ApprovalID
    let revision: Int
    let state: ApprovalState
    let cause: ApprovalCause?
    /// The objection that ended the request.
    let dissent: Dissent?
    let tier: Tier
    let call: CanonicalCall
    let callDigest: Digest
    let decision: ReviewedDecision
    let policy: Digest
    /// Computed by the gateway itself: see `ReviewDocument.facts`.
    let facts: JSONValue
    let expires: Timestamp
    let grantEnds: Timestamp?
    let now: Timestamp
    let formToken: String
    /// The approvers' addresses, or nil while they are hidden from a viewer who has not voted.
    let votes: [String]?
    let standing: Status
    /// The debriefing, once a probe was decided; until then a probe looks like any request.
    let probe: ProbeDebrief?
    /// True if this viewer decided the probe.
    let isOwnProbe: Bool
    /// The text that must be typed before approving at tier high.
    let typed: Confirmation?
    /// The minimum time in which the review can be read.
    let readingFloor: Duration
    let way: ApprovalMethod
    /// The reason the last action was refused.
    let refusal: String?

    /// The viewer's options for the request.
    enum Status: String, CaseIterable {
        /// The request is pending, and this person's vote is missing.
        case mayDecide = "may_decide"
        case hasVoted = "has_voted"
        /// The viewer sees the request and has no vote.
        case mayLook = "may_look"
        /// Approved and not used yet: a person with a vote may revoke it.
        case mayRevoke = "may_revoke"
        case over
    }

    init(
        _ request: ApprovalRequest, viewer: PersonSession, now: Timestamp, way: ApprovalMethod,
        refusal: String? = nil, typing: Confirmation? = nil
    ) {
        id = request.id
        revision = request.revision
        state = request.state
        cause = request.cause
        dissent = request.dissent
        tier = request.decision.tier
        call = request.review.call
        callDigest = request.callDigest
        decision = request.decision
        policy = request.review.policy
        facts = request.review.facts
        expires = request.expires
        grantEnds = request.grantEnds
        self.now = now
        formToken = viewer.formToken
        let isVoter = request.voters.contains { $0.person == viewer.person }
        let hasVoted = request.votes.contains { $0.person == viewer.person }
        standing =
            switch request.state {
            case .pending: hasVoted ? .hasVoted : isVoter ? .mayDecide : .mayLook
            case .approved: isVoter ? .mayRevoke : .mayLook
            case .denied, .expired, .withdrawn, .void, .used: .over
            }
        // Votes must be independent (docs/specs/approvals.md, section 7).
        votes =
            request.state == .pending && !hasVoted ? nil : request.votes.map(\.person.address)
        probe = request.probe
        isOwnProbe = request.probe?.by == viewer.person
        typed = typing ?? Confirmation(of: request)
        readingFloor = MinimumReadingTime.time(for: request.review)
        self.way = way
        self.refusal = refusal
    }

    /// The version of the forms, which are kept as long as it is unchanged.
    var version: String { "\(revision) \(state.rawValue) \(standing)" }

    func fact(_ name: String) -> String? { facts[name]?.string }
}

/// The means by which a person approves.
package enum ApprovalMethod: Sendable {
    /// A command, which the page names.
    case command
    /// A button, disabled until everything was read.
    case page
}
