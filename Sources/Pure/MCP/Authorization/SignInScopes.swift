import InterlockJSON

/// Which scopes a person is asked to agree to (specs of MCP, section 8.2; SEP-2207).
package struct SignInScopes: Hashable, Sendable {
    private static let offline = "offline_access"

    /// Of the configuration.
    package var configured: [String] = []
    /// Of the server's `WWW-Authenticate`.
    package var challenged: [String] = []
    /// `scopes_supported` of the server's metadata.
    package var offered: [String] = []
    /// What people had agreed to, with what the server wanted since: nil where it wanted nothing more.
    package var steppedUp: [String]?
    /// `scopes_supported` of the issuer.
    package var ofIssuer: [String] = []

    package init() {}

    /// What the server wants with its refusal; else all that it offers, where nothing is configured; else
    /// nothing, and then the issuer decides. Never `offline_access` alone, and only where the issuer has it.
    package var asked: [String] {
        var words = configured + challenged
        if words.isEmpty { words = offered }
        words += steppedUp ?? []
        // A refresh token is asked for where the issuer says so, not where a server does.
        words.removeAll { $0 == Self.offline && !configured.contains($0) }
        guard !words.isEmpty else { return [] }
        if ofIssuer.contains(Self.offline) { words.append(Self.offline) }
        var seen: Set<ExactText> = []
        return words.filter { seen.insert($0).inserted }
    }
}
