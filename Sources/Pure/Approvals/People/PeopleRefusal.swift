package import InterlockModel

/// The reason why an order about people was refused or not stored.
package enum PeopleRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    /// The signed order is invalid.
    case order(OrderRefusal)
    /// The order was signed too long ago or in the future, or was taken before.
    case staleOrder
    case unknownPerson
    /// The invitation is unknown, used or expired. The holder of a token does not learn which.
    case noSuchInvitation
    case noSuchOrder
    /// The second signature covers other content than the pending one.
    case otherContent
    /// The credential is enrolled already, possibly revoked, waits for confirmation, or is a node's key.
    case knownCredential
    case tooMany
    /// The end of the token is not in the future, or more than one year away.
    case unfitEnd
    /// A service account of this name has a valid token.
    case knownService
    case noSuchService
    /// The resulting people are not valid authorized keys.
    case unfit(FormError)
    /// The change could not be recorded or stored, and nothing has changed.
    case notRecorded(String)
    /// The change is recorded and in force but not stored; a restart must restore it from the log.
    case notKept

    package init(_ refusal: OrderRefusal) { self = .order(refusal) }

    package var description: String {
        switch self {
        case .order(let refusal): "\(refusal)"
        case .staleOrder: "the order is old, of the future, or was taken already"
        case .unknownPerson: "nobody of this address is enrolled or invited"
        case .noSuchInvitation: "there is no such invitation, or it was used, or is over"
        case .noSuchOrder: "nothing of this id waits for a second person"
        case .otherContent: "what was signed is not what waits"
        case .knownCredential: "this credential is enrolled already"
        case .tooMany: "there are too many already"
        case .unfitEnd: "a token ends in the future, within 365 days"
        case .knownService: "a service of this name has a token already"
        case .noSuchService: "no service of this name has a token"
        case .unfit(let error): "the people that would come of it are not fit: \(error)"
        case .notRecorded(let code): "it cannot be recorded: \(code)"
        case .notKept: "it holds and is recorded, but the store did not take it"
        }
    }
}
