package import InterlockModel

/// An order whose signature and signer were found good. Only `BreakGlassVerifier` makes one.
package struct AcceptedBreakGlass: Hashable, Sendable {
    package let order: BreakGlassOrder
    package let envelope: Envelope

    fileprivate init(order: BreakGlassOrder, envelope: Envelope) {
        self.order = order
        self.envelope = envelope
    }
}

/// Judges who may lower a quorum: a person with the role `break_glass`; and who may review that: one with it,
/// or with the role `security`. Whether it is somebody else says the book.
package struct BreakGlassVerifier: Sendable {
    private let orders: SignedOrderVerifier

    package init(trust: AuthorizedKeys, verifier: any SignatureVerifier) {
        orders = SignedOrderVerifier(trust: trust, verifier: verifier)
    }

    package func judge(
        _ envelope: Envelope, at now: Timestamp
    ) throws(BreakGlassRefusal) -> AcceptedBreakGlass {
        let order: BreakGlassOrder
        let person: TrustedPerson
        do throws(OrderRefusal) {
            (order, person) = try orders.accepted(envelope, at: now)
        } catch {
            throw .order(error)
        }
        guard SignedOrderVerifier.isTimely(order, at: now) else { throw .staleOrder }
        let isReviewer = order.deed == .review && person.roles.contains(.security)
        guard person.roles.contains(.breakGlass) || isReviewer else {
            throw .order(.missingRole(.breakGlass))
        }
        return AcceptedBreakGlass(order: order, envelope: envelope)
    }
}

/// Why a quorum was not lowered, or a review not taken.
package enum BreakGlassRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case order(OrderRefusal)
    /// Signed too long ago, or in the future.
    case staleOrder
    case request(ApprovalRefusal)
    /// One person is asked for as it is.
    case nothingToLower
    /// What this person did before waits for its review too long.
    case suspended(ApprovalID)
    /// Nobody broke glass there.
    case noUse
    case reviewed
    case ownReview
    /// What was done before is still being read from the log.
    case notRead

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
