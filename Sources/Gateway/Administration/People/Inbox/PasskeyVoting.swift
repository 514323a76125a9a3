package import InterlockApprovals
package import InterlockModel

/// Approving on a page: what the reader has seen, what the passkey is to sign, and the vote.
package protocol PasskeyVoting: Sendable {
    /// The page of a request was sent to this session. The first time in each revision is recorded.
    func opened(_ request: ApprovalRequest, by session: PersonSession) async

    /// The page says that these parts of it were on screen to their end. Parts that no page has are left out. The time
    /// that reading takes begins with the first, also with no part: who holds the session's cookie alone cannot begin it.
    func viewed(
        _ parts: Set<ReviewPart>, of id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(VotingRefusal)

    /// A statement with a fresh nonce, for this session alone.
    ///
    /// - Parameter typed: what the person typed to confirm the target; empty where nothing is asked for.
    func challenge(
        _ id: ApprovalID, revision: Int, typed: String, by session: PersonSession
    ) async throws(VotingRefusal) -> VoteChallenge

    /// What this person has to type before approving; nil where nothing is asked for.
    func confirmation(of request: ApprovalRequest, for session: PersonSession) -> Confirmation?

    /// The vote by passkey, for a statement of `challenge`. Durable on return.
    func vote(
        _ statement: [UInt8], _ assertion: PasskeyAssertion, on id: ApprovalID,
        by session: PersonSession
    ) async throws(VotingRefusal)
}

/// The parts of a review that have to be read, in the order of section 7 of the specs of approvals.
package enum ReviewPart: String, Sendable, CaseIterable {
    case call, change, consequence, who, why, history
}

/// What a browser needs to ask a passkey.
package struct VoteChallenge: Sendable {
    /// The canonical bytes of the vote.
    package let statement: [UInt8]
    /// SHA-256 of the statement's pre-authentication encoding.
    package let challenge: [UInt8]
    /// The person's passkeys that were not revoked.
    package let credentials: [PasskeyID]

    package init(statement: [UInt8], challenge: [UInt8], credentials: [PasskeyID]) {
        self.statement = statement
        self.challenge = challenge
        self.credentials = credentials
    }
}

/// Why a vote on a page was not taken: the reading rules, or what refuses every vote.
package enum VotingRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody can have read it in that time.
    case tooFast(left: Duration)
    case notFullyViewed
    /// The typed confirmation is not what was asked for.
    case notConfirmed
    case refused(ApprovalRefusal)

    package var code: String {
        switch self {
        case .tooFast: "too_fast"
        case .notFullyViewed: "not_fully_viewed"
        case .notConfirmed: "not_confirmed"
        case .refused(let refusal): refusal.code
        }
    }

    /// The status of HTTP that goes with it.
    package var status: Int {
        switch self {
        case .tooFast, .notFullyViewed, .notConfirmed: 428
        case .refused(let refusal): refusal.status
        }
    }

    package var description: String {
        switch self {
        case .tooFast(let left):
            "nobody can have read it yet; take \((left.microseconds + 999_999) / 1_000_000) s more"
        case .notFullyViewed: "not every part of the page was on screen"
        case .notConfirmed: "what was typed is not what was asked for"
        case .refused(let refusal): refusal.description
        }
    }
}
