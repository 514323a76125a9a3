import InterlockJSON
import InterlockModel

/// What an authorization server says of itself (RFC 8414, OpenID Connect Discovery 1.0), as far as a
/// client that acts for itself needs it.
package struct IssuerMetadata: Hashable, Sendable {
    package let tokenEndpoint: String
    /// How clients may prove themselves; `client_secret_basic` where nothing is said.
    private let methods: [String]
    /// By which algorithms assertions may be signed; nil where nothing is said.
    private let algorithms: [String]?

    /// - Parameter issuer: what was asked for; the document must name exactly this.
    package init(parsing bytes: [UInt8], of issuer: String) throws(MetadataFault) {
        let fields = try MetadataFields(bytes)
        guard let named = try fields.text("issuer") else { throw .missing("issuer") }
        guard sameBytes(named, issuer) else { throw .other("issuer") }
        guard let endpoint = try fields.text("token_endpoint") else {
            throw .missing("token_endpoint")
        }
        if let grants = try fields.texts("grant_types_supported"),
            !grants.contains("client_credentials")
        {
            throw .lacks("the grant `client_credentials`")
        }
        tokenEndpoint = endpoint
        methods =
            try fields.texts("token_endpoint_auth_methods_supported") ?? ["client_secret_basic"]
        algorithms = try fields.texts("token_endpoint_auth_signing_alg_values_supported")
    }

    package func takes(method: String) -> Bool { methods.contains(method) }
    package func takes(algorithm: String) -> Bool { algorithms?.contains(algorithm) ?? true }

    /// Where it is looked for, in order: RFC 8414 with the path inserted, OpenID Connect with the path
    /// inserted, OpenID Connect with the path before it (specs of MCP, section 8.2). Empty for what is no
    /// issuer's URL.
    package static func places(of issuer: String) -> [String] {
        guard let uri = CanonicalURI(url: issuer) else { return [] }
        let inserted = [
            "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
        ].map { uri.origin + $0 + uri.path }
        return uri.path.isEmpty
            ? inserted : inserted + [uri.text + "/.well-known/openid-configuration"]
    }
}
