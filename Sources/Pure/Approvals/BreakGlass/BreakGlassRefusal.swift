package import InterlockModel

/// Why a quorum was not lowered, or a review not taken.
package enum BreakGlassRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    case order(OrderRefusal)
    /// The order was signed too long ago, or its time is in the future.
    case staleOrder
    case request(ApprovalRefusal)
    /// The quorum is already one.
    case nothingToLower
    /// The review of an earlier use by this person is overdue.
    case suspended(ApprovalID)
    /// The request has no break-glass use.
    case noUse
    case reviewed
    case ownReview
    /// The earlier uses are still being read from the log.
    case notRead

    package init(_ refusal: OrderRefusal) { self = .order(refusal) }

    /// The status of HTTP that goes with it.
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
