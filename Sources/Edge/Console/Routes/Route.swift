import InterlockModel

/// Every address of the console, `PeopleAPI` apart.
enum Route: Equatable {
    case home
    case asset(String)
    case inbox
    case review(ApprovalID)
    case deny(ApprovalID)
    case revoke(ApprovalID)
    case signIn
    case signInChallenge
    case signInAnswer
    case signOut
    /// With an invitation's token.
    case enrolment(String)
    case enrolmentChallenge(String)
    case enrolmentAnswer(String)

    private static let tokenLengths = 16...128

    init?(_ path: String) {
        if path.hasPrefix(Assets.prefix) {
            self = .asset(path)
            return
        }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        let found: Route? =
            switch parts.first {
            case "": parts.count == 1 ? .home : nil
            case "approvals": Self.approval(parts)
            case "sign-in", "sign-out": Self.entry(parts)
            case "enrol": Self.enrolment(parts)
            default: nil
            }
        guard let found else { return nil }
        self = found
    }

    private static func approval(_ parts: [String]) -> Route? {
        if parts.count == 1 { return .inbox }
        guard parts.count <= 3, let id = id(parts[1]) else { return nil }
        switch parts.count == 3 ? parts[2] : nil {
        case nil: return .review(id)
        case "deny": return .deny(id)
        case "revoke": return .revoke(id)
        default: return nil
        }
    }

    private static func entry(_ parts: [String]) -> Route? {
        switch parts {
        case ["sign-in"]: .signIn
        case ["sign-in", "challenge"]: .signInChallenge
        case ["sign-in", "answer"]: .signInAnswer
        case ["sign-out"]: .signOut
        default: nil
        }
    }

    private static func enrolment(_ parts: [String]) -> Route? {
        guard (2...3).contains(parts.count), tokenLengths.contains(parts[1].utf8.count),
            Base64.decodeURL(parts[1]) != nil
        else { return nil }
        switch parts.count == 3 ? parts[2] : nil {
        case nil: return .enrolment(parts[1])
        case "challenge": return .enrolmentChallenge(parts[1])
        case "answer": return .enrolmentAnswer(parts[1])
        default: return nil
        }
    }

    private static func id(_ text: String) -> ApprovalID? {
        ApprovalID(shown: text)
    }

    /// Whether it changes something.
    var isDeed: Bool {
        switch self {
        case .deny, .revoke, .signInChallenge, .signInAnswer, .signOut, .enrolmentChallenge,
            .enrolmentAnswer:
            true
        case .home, .asset, .inbox, .review, .signIn, .enrolment: false
        }
    }

    /// Whether somebody who is not signed in may ask for it.
    var isOpen: Bool {
        switch self {
        case .asset, .signIn, .signInChallenge, .signInAnswer, .enrolment, .enrolmentChallenge,
            .enrolmentAnswer:
            true
        case .home, .inbox, .review, .deny, .revoke, .signOut: false
        }
    }

    /// Where to go after signing in; nil for what is no page to read.
    var link: Link? {
        switch self {
        case .inbox: Link("approvals")
        case .review(let id): Link("approvals", id.shown)
        default: nil
        }
    }
}
