/// The fault of a record about an approval at its position in the log.
package enum ApprovalFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// A call that people had to approve ended as executed, or as unknown, without the use of an approval.
    case notApproved
    case requestedTwice
    /// The record states no `appr`, form or number of people.
    case malformed
    case unknownRequest
    case afterTheEnd
    case otherForm
    case otherNeed
    case noSignature
    case consentForPeople
    case breakGlass
    case breakGlassWithoutRole
    case noOpenCall
    case usedTwice
    case otherCall
    case noVotes
    case onePersonTwice
    case tooFew(Int, of: Int64)
    case notEnrolled
    case ownCall

    package var description: String {
        switch self {
        case .notApproved: "people had to approve the call, and no approval of it was used"
        case .requestedTwice: "the request was opened before"
        case .malformed: "it does not state its request, what was shown, or how many must agree"
        case .unknownRequest: "the log has no such request"
        case .afterTheEnd: "it follows the end of the request"
        case .otherForm: "it is not about what was shown last"
        case .otherNeed: "the vote is one of another number than the request asks for"
        case .noSignature: "the vote names no person, or has no signed statement"
        case .consentForPeople: "a client's word where people had to decide"
        case .breakGlass: "break-glass that does not say who lowers what"
        case .breakGlassWithoutRole: "break-glass by a person who may not order it"
        case .noOpenCall: "the use names no open call that people had to approve"
        case .usedTwice: "a second use for one call"
        case .otherCall: "the use is of another call than the request, or its intent"
        case .noVotes: "the use names no votes on what was shown last"
        case .onePersonTwice: "the use counts one vote or one person twice"
        case .tooFew(let have, let need): "the use has \(have) votes and needs \(need)"
        case .notEnrolled:
            "a vote counts whose person was not enrolled before, or was revoked since"
        case .ownCall: "a vote counts of the person on whose behalf the agent acts"
        }
    }
}
