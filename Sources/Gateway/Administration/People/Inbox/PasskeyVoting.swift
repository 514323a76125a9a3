package import InterlockApprovals
package import InterlockModel
package import InterlockPorts

/// Approval on a page: tracks which parts were read, issues the statement for the passkey, and takes the vote.
package protocol PasskeyVoting: Sendable {
    /// Records that the page of a request was sent to this session; only the first time in each revision is logged.
    func opened(_ request: ApprovalRequest, by session: PersonSession) async

    /// Notes that the page reported these parts as displayed to their end; parts outside `ReviewPart` are ignored. The
    /// reading time starts with the first report, even one without parts, so a stolen session cookie alone cannot start
    /// it.
    func viewed(
        _ parts: Set<ReviewPart>, of id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(VotingRefusal)

    /// Returns a statement with a fresh nonce that only this session may use.
    ///
    /// - Parameter typed: the text that the person typed to confirm the target; empty if no confirmation is required.
    func challenge(
        _ id: ApprovalID, revision: Int, typed: String, by session: PersonSession
    ) async throws(VotingRefusal) -> VoteChallenge

    /// The text that this person must type before approving, or nil if none is required.
    func confirmation(of request: ApprovalRequest, for session: PersonSession) -> Confirmation?

    /// Counts a passkey vote on a statement from `challenge`. Durable on return.
    func vote(
        _ statement: [UInt8], _ assertion: PasskeyAssertion, on id: ApprovalID,
        by session: PersonSession
    ) async throws(VotingRefusal)
}

/// The data that a browser needs to request a passkey assertion.
package struct VoteChallenge: Sendable {
    /// The canonical bytes of the vote.
    package let statement: [UInt8]
    /// SHA-256 of the statement's pre-authentication encoding.
    package let challenge: [UInt8]
    /// The person's passkeys that are neither revoked nor expired.
    package let credentials: [PasskeyID]
}

/// The reason a vote on a page was refused: a reading rule, or a rule that applies to every vote.
package enum VotingRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The minimum reading time has not passed yet.
    case tooFast(left: Duration)
    case notFullyViewed
    /// The typed confirmation does not match the required text.
    case notConfirmed
    case refused(ApprovalRefusal)

    package var description: String {
        switch self {
        case .tooFast(let left):
            "the minimum reading time has not passed; wait \((left.microseconds + 999_999) / 1_000_000) s more"
        case .notFullyViewed: "not every part of the page was on screen"
        case .notConfirmed: "what was typed is not what was asked for"
        case .refused(let refusal): refusal.description
        }
    }
}

/// The reason for which a person's action on a request was refused.
protocol InboxRefusal: Error {
    /// Its raw value is the code of the refusal in records.
    var kind: ProblemKind { get }
    static var tooOften: Self { get }
}

extension ApprovalRefusal: InboxRefusal {}

extension VotingRefusal: InboxRefusal {
    package var kind: ProblemKind {
        switch self {
        case .tooFast: .tooFast
        case .notFullyViewed: .notFullyViewed
        case .notConfirmed: .notConfirmed
        case .refused(let refusal): refusal.kind
        }
    }

    static var tooOften: VotingRefusal { .refused(.tooOften) }
}

extension Problem {
    package init(_ refusal: VotingRefusal) { self.init(refusal.kind, "\(refusal)") }
}
