import InterlockJSON
import InterlockModel

/// What an authorization server says of itself (RFC 8414, OpenID Connect Discovery 1.0), as far as its
/// client needs it.
package struct IssuerMetadata: Hashable, Sendable {
    /// What is wanted of it.
    package enum Grant: Hashable, Sendable {
        case clientCredentials
        /// Authorization codes under PKCE, and refreshing what they gave.
        case code
    }

    package let tokenEndpoint: String
    /// Where a person agrees; there wherever `code` was wanted.
    package let authorizationEndpoint: String?
    package let registrationEndpoint: String?
    package let revocationEndpoint: String?
    /// `scopes_supported`; empty where nothing is said.
    package let scopes: [String]
    /// Whether each of its answers through the browser names it (RFC 9207).
    package let namesItself: Bool
    /// Whether a client may be a document at a URL.
    package let takesDocuments: Bool
    /// How clients may prove themselves; `client_secret_basic` where nothing is said.
    private let methods: [String]
    /// By which algorithms assertions may be signed; nil where nothing is said.
    private let algorithms: [String]?

    /// - Parameters:
    ///   - issuer: what was asked for; the document must name exactly this.
    ///   - grant: what it must offer.
    package init(
        parsing bytes: [UInt8], of issuer: String, for grant: Grant = .clientCredentials
    ) throws(MetadataFault) {
        let fields = try MetadataFields(bytes)
        guard let named = try fields.text("issuer") else { throw .missing("issuer") }
        guard sameBytes(named, issuer) else { throw .other("issuer") }
        guard let endpoint = try fields.text("token_endpoint") else {
            throw .missing("token_endpoint")
        }
        authorizationEndpoint = try fields.text("authorization_endpoint")
        switch grant {
        case .clientCredentials: try Self.check(fields, has: "client_credentials")
        case .code:
            try Self.check(fields, has: "authorization_code")
            guard authorizationEndpoint != nil else { throw .missing("authorization_endpoint") }
            try Self.checkCode(fields)
        }
        tokenEndpoint = endpoint
        registrationEndpoint = try fields.text("registration_endpoint")
        revocationEndpoint = try fields.text("revocation_endpoint")
        scopes = try fields.texts("scopes_supported") ?? []
        namesItself = try fields.flag("authorization_response_iss_parameter_supported")
        takesDocuments = try fields.flag("client_id_metadata_document_supported")
        methods =
            try fields.texts("token_endpoint_auth_methods_supported") ?? ["client_secret_basic"]
        algorithms = try fields.texts("token_endpoint_auth_signing_alg_values_supported")
    }

    private static func check(
        _ fields: MetadataFields, has grant: String
    ) throws(MetadataFault) {
        if let grants = try fields.texts("grant_types_supported"), !grants.contains(grant) {
            throw .lacks("the grant `\(grant)`")
        }
    }

    /// INVARIANT: without PKCE by S256 nobody is sent there (specs of MCP, section 8.2).
    private static func checkCode(_ fields: MetadataFields) throws(MetadataFault) {
        if let types = try fields.texts("response_types_supported"), !types.contains("code") {
            throw .lacks("the response type `code`")
        }
        guard let ways = try fields.texts("code_challenge_methods_supported") else {
            throw .missing("code_challenge_methods_supported")
        }
        guard ways.contains("S256") else { throw .lacks("PKCE by `S256`") }
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
