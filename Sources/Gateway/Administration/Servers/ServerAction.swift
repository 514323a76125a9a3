package import InterlockModel

/// A person's action on a server; each requires a reason.
package enum ServerAction: String, Sendable, CaseIterable {
    case quarantine, release
    case closeBreaker = "close_breaker"

    /// The roles that may perform the action; one of them suffices.
    package var roles: Set<Role> {
        switch self {
        case .quarantine, .release: [.security]
        // Closing a breaker only admits one trial call.
        case .closeBreaker: [.security, .resume]
        }
    }
}

/// The reason why an action was not performed.
package enum ServerRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    case notEligible(ServerAction)
    case quarantine(QuarantineRefusal)
    case noOpenBreaker
    case notRecorded(String)

    package var description: String {
        switch self {
        case .notEligible(let action):
            "that is for the role "
                + action.roles.map { "`\($0.rawValue)`" }.sorted().joined(separator: " or ")
        case .quarantine(let refusal): "\(refusal)"
        case .noOpenBreaker: "no breaker of that name is open"
        case .notRecorded(let code): "the log did not take it: \(code)"
        }
    }
}

extension Problem {
    package init(_ refusal: ServerRefusal) {
        switch refusal {
        case .notEligible: self.init(.notEligible, "\(refusal)")
        case .noOpenBreaker: self.init(.noOpenBreaker, "\(refusal)", help: "interlock breakers")
        case .notRecorded: self.init(.notRecorded, "\(refusal)")
        case .quarantine(let refusal): self.init(refusal)
        }
    }
}
