import InterlockModel

/// An authorization request, the URL at which a person consents (RFC 6749, section 4.1.1; RFC 7636, section 4.3; RFC
/// 8707).
package struct AuthorizationRequest: Hashable, Sendable {
    /// The authorization endpoint from the issuer's metadata.
    package let endpoint: String
    package let client: String
    package let redirect: String
    package let resource: String
    /// The requested scopes; the parameter is omitted if they are empty.
    package let scopes: [String]
    package let state: String
    /// The PKCE code challenge, by method S256.
    package let challenge: String

    package init(
        endpoint: String, client: String, redirect: String, resource: String, scopes: [String],
        state: String, challenge: String
    ) {
        self.endpoint = endpoint
        self.client = client
        self.redirect = redirect
        self.resource = resource
        self.scopes = scopes
        self.state = state
        self.challenge = challenge
    }

    /// The URL for the browser; an existing query of the endpoint is kept.
    ///
    /// - Returns: nil unless the endpoint may be opened: https, or http on loopback, in printable ASCII, without user
    ///   and fragment (docs/specs/mcp.md, section 9).
    package var url: String? {
        guard Self.isOpenable(endpoint) else { return nil }
        var fields = [
            ("response_type", "code"), ("client_id", client), ("redirect_uri", redirect),
            ("state", state), ("code_challenge", challenge), ("code_challenge_method", "S256"),
            ("resource", resource),
        ]
        if !scopes.isEmpty { fields.append(("scope", scopes.joined(separator: " "))) }
        let joint = endpoint.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        return endpoint + joint + FormFields.text(fields.map { (name: $0.0, value: $0.1) })
    }

    package static func isOpenable(_ url: String) -> Bool {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }),
            !url.utf8.contains(UInt8(ascii: "\\")), !url.utf8.contains(UInt8(ascii: "\"")),
            let uri = CanonicalURI(url: String(url.prefix { $0 != "?" }))
        else { return false }
        if uri.isSecure { return true }
        return ["http://127.0.0.1", "http://[::1]", "http://localhost"].contains { start in
            uri.origin.hasPrefix(start)
                && [nil, ":"].contains(uri.origin.dropFirst(start.utf8.count).first)
        }
    }
}
