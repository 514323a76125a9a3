import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel

/// What the page of one request shows, as values: a function of the request, of who looks and of when.
struct ReviewView {
    let id: ApprovalID
    let revision: Int
    let state: ApprovalState
    let cause: ApprovalCause?
    /// Whose no ended it.
    let dissent: Dissent?
    let tier: Tier
    let call: CanonicalCall
    let callDigest: Digest
    let decision: ReviewedDecision
    let policy: Digest
    /// Of the gateway's own making: see `ReviewDocument.facts`.
    let facts: JSONValue
    let expires: Timestamp
    let grantEnds: Timestamp?
    let now: Timestamp
    let formToken: String
    /// nil while it is hidden from this viewer, who has still to vote.
    let votes: [String]?
    let standing: Status
    /// What it was, once a probe was decided; until then a probe looks like any request.
    let probe: ProbeDebrief?
    /// Whether this viewer has decided the probe.
    let isOwnProbe: Bool
    /// What to type before approving at tier high.
    let typed: Confirmation?
    /// Nobody can have read the review in less.
    let readingFloor: Duration
    let way: ApprovalMethod
    /// Why the last thing that was tried was not done.
    let refusal: String?

    /// What this viewer can do here.
    enum Status: String, CaseIterable {
        /// Open, and this person's vote is still missing.
        case mayDecide = "may_decide"
        case hasVoted = "has_voted"
        /// Sees it and has no vote.
        case mayLook = "may_look"
        /// Approved and not used yet: who could vote may take it back.
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
        // Nobody's vote should lean on another's (specs of approvals, section 7).
        votes =
            request.state == .pending && !hasVoted ? nil : request.votes.map(\.person.address)
        probe = request.probe
        isOwnProbe = request.probe?.by == viewer.person
        typed = typing ?? Confirmation(of: request)
        readingFloor = MinimumReadingTime.time(for: request.review)
        self.way = way
        self.refusal = refusal
    }

    /// What the forms belong to: they stay as they are while this does.
    var version: String { "\(revision) \(state.rawValue) \(standing)" }

    func fact(_ name: String) -> String? { facts[name]?.string }
}

/// How a person says yes.
package enum ApprovalMethod: Sendable {
    /// On the command line, which the page names.
    case command
    /// By a button, held back until everything was read.
    case page
}
