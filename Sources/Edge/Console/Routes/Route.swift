import InterlockModel

/// Every address of the console.
enum Route: Equatable {
    case home
    case asset(String)
    case inbox
    case review(ApprovalID)
    case deny(ApprovalID)
    case revoke(ApprovalID)
    /// Server-sent events: something changed.
    case changes
    /// What the page says was on screen, what a passkey is to sign, and the vote.
    case viewed(ApprovalID)
    case voteChallenge(ApprovalID)
    case votes(ApprovalID)
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
            case "api": Self.program(parts)
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

    /// `/api/v1/approvals/...`
    private static func program(_ parts: [String]) -> Route? {
        guard (4...5).contains(parts.count), parts[1] == "v1", parts[2] == "approvals" else {
            return nil
        }
        if parts.count == 4 { return parts[3] == "stream" ? .changes : nil }
        guard let id = id(parts[3]) else { return nil }
        switch parts[4] {
        case "viewed": return .viewed(id)
        case "challenge": return .voteChallenge(id)
        case "votes": return .votes(id)
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
        text.hasPrefix("apr_") ? ApprovalID(String(text.dropFirst(4))) : nil
    }

    /// Whether it changes something.
    var isDeed: Bool {
        switch self {
        case .deny, .revoke, .viewed, .voteChallenge, .votes, .signInChallenge, .signInAnswer,
            .signOut, .enrolmentChallenge, .enrolmentAnswer:
            true
        case .home, .asset, .inbox, .review, .changes, .signIn, .enrolment: false
        }
    }

    /// Whether somebody who is not signed in may ask for it.
    var isOpen: Bool {
        switch self {
        case .asset, .signIn, .signInChallenge, .signInAnswer, .enrolment, .enrolmentChallenge,
            .enrolmentAnswer:
            true
        case .home, .inbox, .review, .deny, .revoke, .changes, .viewed, .voteChallenge, .votes,
            .signOut:
            false
        }
    }

    /// Whether a script asks, and not a person's browser for a page.
    var isScript: Bool {
        switch self {
        case .viewed, .voteChallenge, .votes, .changes: true
        default: false
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
