package import InterlockModel

/// Why nothing was changed about people.
package enum PeopleRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong with the signed order.
    case order(OrderRefusal)
    /// Signed too long ago, in the future, or taken already.
    case staleOrder
    case unknownPerson
    /// Unknown, used or over: which, is not said to whoever holds a token.
    case noSuchInvitation
    case noSuchOrder
    /// The second signature is over something else than what waits.
    case otherContent
    /// Somebody has it already, maybe revoked.
    case knownCredential
    case tooMany
    /// A token lasts a year at most, and ends later than now.
    case unfitEnd
    /// A service of this name has a token that counts.
    case knownService
    case noSuchService
    /// The register that would come of it is not fit.
    case unfit(FormError)
    /// Nothing has changed.
    case notRecorded(String)
    /// It is recorded and holds, and a restart would have to find it in the log again.
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
