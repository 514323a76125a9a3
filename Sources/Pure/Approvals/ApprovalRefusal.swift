package import InterlockModel

/// The reason a vote or another event was not counted (docs/specs/approvals.md, section 13).
package enum ApprovalRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case noSuchRequest
    case notEligible(Exclusion)
    case alreadyVoted
    /// The request is in a final state.
    case closed(ApprovalState)
    /// The vote is about an earlier revision of the request.
    case revisionChanged
    /// A signed digest does not match the request.
    case digestMismatch
    case badSignature
    /// The passkey assertion was rejected.
    case badAssertion(AssertionRefusal)
    case malformed(FormError)
    /// The nonce was never issued, has expired, or was used.
    case nonceSpent
    /// There is no grant to use.
    case notGranted
    /// The vote at tier high came before the minimum reading time had passed.
    case tooFast
    /// The person's earlier decisions have not been read from the log yet; nothing was counted.
    case notRead
    /// The person was refused too often; further actions are rejected unread for a while.
    case tooOften
    /// The requests may not be approved with one signature.
    case notBatched(BatchRefusal)
    /// The ledger or the store could not record it; nothing was counted.
    case notRecorded(String)

    package var description: String {
        switch self {
        case .noSuchRequest: "there is no such request"
        case .notEligible(let exclusion): "this person may not vote here: \(exclusion.sentence)"
        case .alreadyVoted: "this person has voted already"
        case .closed(let state): "the request is \(state.rawValue)"
        case .revisionChanged: "the request was issued anew; look at it again"
        case .digestMismatch: "what was signed is not this request"
        case .badSignature: "the signature is not by an enrolled key of the named approver"
        case .badAssertion(let refusal): "the passkey's answer is not accepted: \(refusal.rawValue)"
        case .malformed(let error): "the vote is malformed: \(error)"
        case .nonceSpent: "the nonce was used, is too old, or was not issued"
        case .notGranted: "there is no approval to use"
        case .tooFast: "approved faster than the minimum reading time; review it again"
        case .notRead: "nothing was counted, because earlier decisions cannot be read from the log"
        case .tooOften: "refused too often; wait a minute"
        case .notBatched(let reason): "approve each by itself: \(reason.sentence)"
        case .notRecorded(let code): "nothing was counted, because it cannot be recorded: \(code)"
        }
    }
}
