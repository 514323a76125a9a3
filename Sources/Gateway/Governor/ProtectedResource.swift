import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// The agent plane as a protected resource (RFC 9728): the location and the content of its metadata.
package struct ProtectedResource: Sendable {
    /// The audience of every token.
    package var uri: CanonicalURI
    /// The `iss` of the authorization servers that issue tokens for it; empty if only this gateway issues tokens.
    package var issuers: [String]
    /// True if an issuer's tokens need scopes.
    package var hasScopes: Bool

    package init(uri: CanonicalURI, issuers: [String] = [], hasScopes: Bool = false) {
        self.uri = uri
        self.issuers = issuers
        self.hasScopes = hasScopes
    }

    static let wellKnown = "/.well-known/oauth-protected-resource"

    /// The URL that is part of every challenge (RFC 9728, section 5.1).
    package var metadataURL: String { uri.origin + Self.wellKnown + uri.path }

    /// The subject of the metadata at a path under the well-known prefix.
    enum Location: Equatable {
        case all
        case server(ServerName)
    }

    /// - Returns: nil if the path has no metadata.
    func place(of path: String) -> Location? {
        guard path.hasPrefix(Self.wellKnown) else { return nil }
        let endpoint = String(path.dropFirst(Self.wellKnown.utf8.count))
        if endpoint.isEmpty || endpoint == "/mcp" || endpoint == uri.path { return .all }
        for prefix in ["/mcp/", uri.path + "/"] where endpoint.hasPrefix(prefix) {
            if let name = ServerName(String(endpoint.dropFirst(prefix.utf8.count))) {
                return .server(name)
            }
        }
        return nil
    }

    /// Returns the metadata. `resource` is always the canonical URI, because it is the only audience of tokens. Empty
    /// members are omitted (RFC 9728, section 3.2). The scopes are the least ones, for reading: a client asks for more
    /// if a call needs more.
    func metadata(_ place: Location, under policy: PolicySnapshot) -> JSONValue {
        var object: JSONObject = [
            "resource": .string(uri.text), "bearer_methods_supported": ["header"],
            "resource_name": "Interlock",
        ]
        guard !issuers.isEmpty else { return .object(object) }
        object["authorization_servers"] = .array(issuers.map(JSONValue.string))
        guard hasScopes else { return .object(object) }
        let scopes = policy.servers.values.filter { server in
            place == .all || place == .server(server.name)
        }.filter { $0.tools.values.contains { $0.toolClass == .read } }.map {
            ScopeSet.word(for: $0.name, .read)
        }.sorted()
        if !scopes.isEmpty { object["scopes_supported"] = .array(scopes.map(JSONValue.string)) }
        return .object(object)
    }
}
