import InterlockModel

/// Where a person is sent to agree (RFC 6749, section 4.1.1; RFC 7636, section 4.3; RFC 8707).
package struct AuthorizationRequest: Hashable, Sendable {
    /// As the issuer's metadata says.
    package let endpoint: String
    package let client: String
    package let redirect: String
    package let resource: String
    /// Left out when empty.
    package let scopes: [String]
    package let state: String
    /// Of PKCE by S256.
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

    /// What the browser opens; a query of the endpoint's own stays.
    ///
    /// - Returns: nil where the endpoint is nothing to open: https, or http on loopback, printable ASCII,
    ///   without user and fragment (specs of MCP, section 9).
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
