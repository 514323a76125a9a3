package import InterlockAdministration
package import InterlockApprovals
package import InterlockJSON
package import InterlockModel

/// The values that the page of one request shows: a function of the request and the viewer.
package struct ReviewView {
    /// Has all votes, which are shown only by `votes`.
    package let request: ApprovalRequest
    package let formToken: String
    /// The approvers' addresses, or nil while they are hidden from a viewer who has not voted.
    package let votes: [String]?
    package let status: Status
    /// True if this viewer decided the probe.
    package let isOwnProbe: Bool
    /// The text that must be typed before approving at tier high.
    package let typed: Confirmation?
    /// The minimum time in which the review can be read.
    package let readingFloor: Duration
    package let way: ApprovalMethod
    /// The reason the last action was refused.
    package let refusal: String?

    /// The viewer's options for the request.
    package enum Status: String, CaseIterable {
        /// The request is pending, and this person's vote is missing.
        case mayDecide = "may_decide"
        case hasVoted = "has_voted"
        /// The viewer sees the request and has no vote.
        case mayLook = "may_look"
        /// Approved and not used yet: a person with a vote may revoke it.
        case mayRevoke = "may_revoke"
        case over
    }

    package init(
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

    package var id: ApprovalID { request.id }
    package var revision: Int { request.revision }
    package var state: ApprovalState { request.state }
    package var cause: ApprovalCause? { request.cause }
    /// The objection that ended the request.
    package var dissent: Dissent? { request.dissent }
    package var tier: Tier { request.decision.tier }
    package var call: CanonicalCall { request.review.call }
    package var callDigest: Digest { request.callDigest }
    package var decision: ReviewedDecision { request.decision }
    package var policy: Digest { request.review.policy }
    /// Computed by the gateway itself: see `ReviewDocument.facts`.
    package var facts: JSONValue { request.review.facts }
    package var expires: Timestamp { request.expires }
    package var grantEnds: Timestamp? { request.grantEnds }
    /// The debriefing, once a probe was decided; until then a probe looks like any request.
    package var probe: ProbeDebrief? { request.probe }

    /// The people who vote in the place of members of the group.
    package var delegates: [Voter] { request.delegates }

    /// The version of the forms, which are kept as long as it is unchanged.
    package var version: String { "\(revision) \(state.rawValue) \(status)" }

    /// The number of approvals that the request still needs.
    package var missing: Int { max(0, decision.quorum - request.votes.count) }

    package func fact(_ name: String) -> String? { facts[name]?.string }
}

/// The means by which a person approves.
package enum ApprovalMethod: Sendable {
    /// A command, which the page names.
    case command
    /// A button, disabled until everything was read.
    case page
}
