package import InterlockModel

/// The reason why an action on a server was not performed.
package enum ServerRefusal: SignedOrderRefusal, Sendable, Hashable, CustomStringConvertible {
    case notEligible(ServerAction)
    case quarantine(QuarantineRefusal)
    case noOpenBreaker
    case notRecorded(String)
    case order(OrderRefusal)
    /// The order was signed too long ago or in the future, or was taken before.
    case staleOrder

    package init(_ refusal: OrderRefusal) { self = .order(refusal) }

    package var copy: PasskeyID? {
        if case .order(let refusal) = self { refusal.copy } else { nil }
    }

    package var description: String {
        switch self {
        case .notEligible(let action):
            "that is for the role "
                + action.roles.map { "`\($0.rawValue)`" }.sorted().joined(separator: " or ")
        case .quarantine(let refusal): "\(refusal)"
        case .noOpenBreaker: "no breaker of that name is open"
        case .notRecorded(let code): "the log did not take it: \(code)"
        case .order(let refusal): "\(refusal)"
        case .staleOrder: Self.staleWords
        }
    }
}

/// The reason why a server was not quarantined or released.
package enum QuarantineRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    case unknown(ServerName)
    case reason
    case notQuarantined(ServerName)
    /// The differences from the lock, or the reason why it cannot be compared.
    case drift([String])
    case notKept(String)

    package var description: String {
        switch self {
        case .unknown(let server): "the policy has no server `\(server)`"
        case .reason: "a reason has 8 to 500 characters"
        case .notQuarantined(let server): "no person has quarantined `\(server)`"
        case .drift(let reasons): "it is not as in the lock: " + reasons.joined(separator: "; ")
        case .notKept(let reason): "it cannot be kept: \(reason)"
        }
    }
}
