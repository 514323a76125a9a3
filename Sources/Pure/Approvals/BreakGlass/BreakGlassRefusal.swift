package import InterlockModel

/// The reason why a quorum was not lowered, or a review not taken.
package enum BreakGlassRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    case order(OrderRefusal)
    /// The order was signed too long ago or in the future, or a review was signed before the use that it covers.
    case staleOrder
    case request(ApprovalRefusal)
    /// The request already requires only one person.
    case nothingToLower
    /// A use by this person has waited too long for its review.
    case suspended(ApprovalID)
    /// Break-glass was not used at this request.
    case noUse
    case reviewed
    case ownReview
    /// The earlier uses have not been read from the log yet.
    case notRead

    package init(_ refusal: OrderRefusal) { self = .order(refusal) }

    /// The HTTP status of the response.
    package var status: Int {
        switch self {
        case .order(.form), .order(.otherKind), .order(.otherOrganisation): 400
        case .order, .suspended, .ownReview: 403
        case .request(let refusal): refusal.status
        case .noUse: 404
        case .staleOrder, .nothingToLower, .reviewed: 409
        case .notRead: 503
        }
    }

    package var description: String {
        switch self {
        case .order(let refusal): "\(refusal)"
        case .staleOrder: "the order was signed too long ago, or its clock is ahead"
        case .request(let refusal): "\(refusal)"
        case .nothingToLower: "one person is all that is asked for; it never becomes none"
        case .suspended(let request):
            "the role is suspended: the use at `\(request.shown)` waits for its review"
        case .noUse: "nobody has broken glass at this request"
        case .reviewed: "it was reviewed already"
        case .ownReview: "somebody has to review it who neither broke glass nor voted there"
        case .notRead: "earlier uses are still being read from the log; try again"
        }
    }
}
