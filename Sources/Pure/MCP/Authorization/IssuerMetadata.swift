import InterlockJSON
import InterlockModel

/// The metadata of an authorization server (RFC 8414, OpenID Connect Discovery 1.0), as far as its client needs it.
package struct IssuerMetadata: Hashable, Sendable {
    /// The OAuth grant that the client intends to use.
    package enum Grant: Hashable, Sendable {
        case clientCredentials
        /// Authorization codes with PKCE, and refreshing the tokens that they yield.
        case code
    }

    package let tokenEndpoint: String
    /// The endpoint at which a person consents; never nil if the grant is `code`.
    package let authorizationEndpoint: String?
    package let registrationEndpoint: String?
    package let revocationEndpoint: String?
    /// The value of `scopes_supported`; empty if absent.
    package let scopes: [String]
    /// True if each response through the browser names the issuer (RFC 9207).
    package let namesItself: Bool
    /// True if a client id may be the URL of a metadata document.
    package let takesDocuments: Bool
    /// The client authentication methods; `client_secret_basic` if the metadata states none.
    private let methods: [String]
    /// The signature algorithms for client assertions, or nil if the metadata states none.
    private let algorithms: [String]?

    /// - Parameters:
    ///   - issuer: the requested issuer; the document must name exactly this one.
    ///   - grant: the grant that the issuer must support.
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

    private static func check(_ fields: MetadataFields, has grant: String) throws(MetadataFault) {
        if let grants = try fields.texts("grant_types_supported"), !grants.contains(grant) {
            throw .lacks("the grant `\(grant)`")
        }
    }

    /// INVARIANT: a person is sent to the issuer only if it supports PKCE by S256 (docs/specs/mcp.md, section 8.2).
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

    /// Returns the URLs of the metadata in the order in which they are tried: RFC 8414 with the path inserted, OpenID
    /// Connect with the path inserted, OpenID Connect with the path in front (docs/specs/mcp.md, section 8.2). Returns
    /// an empty array if `issuer` is not the URL of an issuer.
    package static func places(of issuer: String) -> [String] {
        guard let uri = CanonicalURI(url: issuer) else { return [] }
        let inserted = [
            "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration",
        ].map { uri.origin + $0 + uri.path }
        return uri.path.isEmpty
            ? inserted : inserted + [uri.text + "/.well-known/openid-configuration"]
    }
}
