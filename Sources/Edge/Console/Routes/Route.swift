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

    init?(_ path: String) {
        if path == "/" {
            self = .home
            return
        }
        if path.hasPrefix(Assets.prefix) {
            self = .asset(path)
            return
        }
        if path == "/api/v1/approvals/stream" {
            self = .changes
            return
        }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.first == "approvals", parts.count <= 3 else { return nil }
        if parts.count == 1 {
            self = .inbox
            return
        }
        guard parts[1].hasPrefix("apr_"), let id = ApprovalID(String(parts[1].dropFirst(4))) else {
            return nil
        }
        switch parts.count == 3 ? parts[2] : nil {
        case nil: self = .review(id)
        case "deny": self = .deny(id)
        case "revoke": self = .revoke(id)
        default: return nil
        }
    }

    /// Whether it changes something.
    var isDeed: Bool {
        switch self {
        case .deny, .revoke: true
        case .home, .asset, .inbox, .review, .changes: false
        }
    }
}
