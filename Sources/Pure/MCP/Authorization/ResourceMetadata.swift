import InterlockJSON
package import InterlockModel

/// What a server says of who issues tokens for it (RFC 9728).
package struct ResourceMetadata: Hashable, Sendable {
    /// At least one; in the server's order.
    package let issuers: [String]
    /// `scopes_supported`; empty where nothing is said.
    package let scopes: [String]

    /// - Parameter resource: the server's own URI. The document must be of it, or of what it lies in: the
    ///   same origin, and a path that it continues (RFC 9728, section 3.3).
    package init(parsing bytes: [UInt8], of resource: CanonicalURI) throws(MetadataFault) {
        let fields = try MetadataFields(bytes)
        guard let named = try fields.text("resource") else { throw .missing("resource") }
        guard let uri = CanonicalURI(url: named), uri.origin == resource.origin,
            Self.lies(resource.path, in: uri.path)
        else { throw .other("resource") }
        guard let issuers = try fields.texts("authorization_servers"), !issuers.isEmpty else {
            throw .missing("authorization_servers")
        }
        self.issuers = issuers
        scopes = try fields.texts("scopes_supported") ?? []
        guard ScopeSet(scopes.joined(separator: " ")) != nil else {
            throw .malformed("scopes_supported")
        }
    }

    /// Whether this issuer is named: compared as plain text.
    package func names(_ issuer: String) -> Bool {
        issuers.contains { sameBytes($0, issuer) }
    }

    /// Where it is looked for where the server does not say it, in order.
    package static func places(of resource: CanonicalURI) -> [String] {
        let root = resource.origin + "/.well-known/oauth-protected-resource"
        return resource.path.isEmpty ? [root] : [root + resource.path, root]
    }

    private static func lies(_ path: String, in folder: String) -> Bool {
        folder.isEmpty || sameBytes(path, folder) || path.hasPrefix(folder + "/")
    }
}
