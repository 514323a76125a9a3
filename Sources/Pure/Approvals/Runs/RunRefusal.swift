package import InterlockModel

/// The reason why a run was not paused or does not continue.
package enum RunRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    case order(OrderRefusal)
    /// The order was signed too long ago or in the future.
    case staleOrder
    case noSuchRun
    case alreadyPaused
    case notPaused
    case notRecorded(String)

    package init(_ refusal: OrderRefusal) { self = .order(refusal) }

    /// The HTTP status of the response.
    package var status: Int {
        switch self {
        case .order(.form), .order(.otherKind), .order(.otherOrganisation): 400
        case .order: 403
        case .noSuchRun: 404
        case .staleOrder, .alreadyPaused, .notPaused: 409
        case .notRecorded: 503
        }
    }

    package var description: String {
        switch self {
        case .order(let refusal): "\(refusal)"
        case .staleOrder: "the order was signed too long ago, or its clock is ahead"
        case .noSuchRun: "no such run has called anything since the gateway started"
        case .alreadyPaused: "the run is paused already"
        case .notPaused: "the run is not paused"
        case .notRecorded(let code): "the log did not take it: \(code)"
        }
    }
}
