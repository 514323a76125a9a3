import InterlockJSON

/// Selects the scopes that a person is asked to grant (docs/specs/mcp.md, section 8.2; SEP-2207).
package struct SignInScopes: Hashable, Sendable {
    private static let offline = "offline_access"

    /// The scopes from the configuration.
    package var configured: [String] = []
    /// The scopes from the server's `WWW-Authenticate`.
    package var challenged: [String] = []
    /// The `scopes_supported` of the server's metadata.
    package var offered: [String] = []
    /// The granted scopes with those that the server has required since, or nil if it has required no further ones.
    package var steppedUp: [String]?
    /// The `scopes_supported` of the issuer.
    package var ofIssuer: [String] = []

    package init() {}

    /// The scopes of the request: the configured and challenged ones, or, if both are empty, all that the server
    /// offers; plus those of a step-up. If the result is empty, the issuer decides. `offline_access` is never requested
    /// alone, and is added only if the issuer supports it.
    package var asked: [String] {
        var words = configured + challenged
        if words.isEmpty { words = offered }
        words += steppedUp ?? []
        // The issuer's metadata, not the server's, determines whether a refresh token is requested.
        words.removeAll { $0 == Self.offline && !configured.contains($0) }
        guard !words.isEmpty else { return [] }
        if ofIssuer.contains(Self.offline) { words.append(Self.offline) }
        var seen: Set<ExactText> = []
        return words.filter { seen.insert($0).inserted }
    }
}
