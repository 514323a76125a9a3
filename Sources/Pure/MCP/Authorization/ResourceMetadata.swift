import InterlockJSON
package import InterlockModel

/// The metadata of a protected resource, which names the issuers of its tokens (RFC 9728).
package struct ResourceMetadata: Hashable, Sendable {
    /// The authorization servers, at least one, in the order of the document.
    package let issuers: [String]
    /// The value of `scopes_supported`; empty if absent.
    package let scopes: [String]

    /// - Parameter resource: the server's own URI. The document must describe it or a resource that contains it: one
    ///   with the same origin and a path that is a prefix of its path by segments (RFC 9728, section 3.3).
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

    /// Returns true if the document names this issuer, compared as plain text.
    package func names(_ issuer: String) -> Bool { issuers.contains { sameBytes($0, issuer) } }

    /// Returns the URLs of the document in the order in which they are tried, for a server that does not state its URL.
    package static func places(of resource: CanonicalURI) -> [String] {
        let root = resource.origin + "/.well-known/oauth-protected-resource"
        return resource.path.isEmpty ? [root] : [root + resource.path, root]
    }

    private static func lies(_ path: String, in folder: String) -> Bool {
        folder.isEmpty || sameBytes(path, folder) || path.hasPrefix(folder + "/")
    }
}
