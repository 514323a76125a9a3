import InterlockAdministration
import InterlockApprovals
import InterlockJSON
import InterlockModel

/// The values that the page of one request shows: a function of the request and the viewer.
struct ReviewView {
    /// Has all votes, which are shown only by `votes`.
    let request: ApprovalRequest
    let formToken: String
    /// The approvers' addresses, or nil while they are hidden from a viewer who has not voted.
    let votes: [String]?
    let status: Status
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
        _ request: ApprovalRequest, viewer: PersonSession, way: ApprovalMethod,
        refusal: String? = nil, typing: Confirmation? = nil
    ) {
        self.request = request
        formToken = viewer.formToken
        let isVoter = request.voters.contains { $0.person == viewer.person }
        let hasVoted = request.votes.contains { $0.person == viewer.person }
        status =
            switch request.state {
            case .pending: hasVoted ? .hasVoted : isVoter ? .mayDecide : .mayLook
            case .approved: isVoter ? .mayRevoke : .mayLook
            case .denied, .expired, .withdrawn, .void, .used: .over
            }
        // Votes must be independent (docs/specs/approvals.md, section 7).
        votes =
            request.state == .pending && !hasVoted ? nil : request.votes.map(\.person.address)
        isOwnProbe = request.probe?.by == viewer.person
        typed = typing ?? Confirmation(of: request)
        readingFloor = MinimumReadingTime.time(for: request.review)
        self.way = way
        self.refusal = refusal
    }

    var id: ApprovalID { request.id }
    var revision: Int { request.revision }
    var state: ApprovalState { request.state }
    var cause: ApprovalCause? { request.cause }
    /// The objection that ended the request.
    var dissent: Dissent? { request.dissent }
    var tier: Tier { request.decision.tier }
    var call: CanonicalCall { request.review.call }
    var callDigest: Digest { request.callDigest }
    var decision: ReviewedDecision { request.decision }
    var policy: Digest { request.review.policy }
    /// Computed by the gateway itself: see `ReviewDocument.facts`.
    var facts: JSONValue { request.review.facts }
    var expires: Timestamp { request.expires }
    var grantEnds: Timestamp? { request.grantEnds }
    /// The debriefing, once a probe was decided; until then a probe looks like any request.
    var probe: ProbeDebrief? { request.probe }

    /// The people who vote in the place of members of the group.
    var delegates: [Voter] { request.delegates }

    /// The version of the forms, which are kept as long as it is unchanged.
    var version: String { "\(revision) \(state.rawValue) \(status)" }

    /// The number of approvals that the request still needs.
    var missing: Int { max(0, decision.quorum - request.votes.count) }

    func fact(_ name: String) -> String? { facts[name]?.string }
}

/// The means by which a person approves.
package enum ApprovalMethod: Sendable {
    /// A command, which the page names.
    case command
    /// A button, disabled until everything was read.
    case page
}
