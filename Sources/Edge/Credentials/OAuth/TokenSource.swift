/// The kind of tokens that a name in `secrets.oauth` denotes.
package enum TokenSource: Hashable, Sendable {
    /// The client's own tokens (client credentials).
    case client(OAuthClient)
    /// Tokens of a person who agreed in a browser (authorization code).
    case signIn(SignInClient)

    package var issuer: String {
        switch self {
        case .client(let client): client.issuer
        case .signIn(let client): client.issuer
        }
    }

    /// The name of the client's secret. Is nil if it needs none.
    package var secret: String? {
        switch self {
        case .client(let client): client.secret
        case .signIn(let client): client.secret
        }
    }

    /// The scopes requested from the start.
    package var scopes: [String] {
        switch self {
        case .client(let client): client.scopes
        case .signIn(let client): client.scopes
        }
    }
}

/// This gateway as the client with which a person signs in for one agent.
package struct SignInClient: Hashable, Sendable {
    /// The client's identity at the issuer.
    package enum Identity: Hashable, Sendable {
        case registered(String)
        /// A document that the operator hosts at this URL. If `orRegister` is true, the client registers dynamically
        /// where the issuer does not accept documents.
        case document(String, orRegister: Bool)
        /// Dynamic registration (RFC 7591).
        case register
    }

    package let issuer: String
    package let identity: Identity
    package let method: OAuthClient.Method
    /// The name of the client's secret or key. Is nil for `none`, and if registration issues a secret.
    package let secret: String?
    package let kid: String?
    package let scopes: [String]

    package init(
        issuer: String, identity: Identity, method: OAuthClient.Method, secret: String?,
        kid: String?, scopes: [String]
    ) {
        self.issuer = issuer
        self.identity = identity
        self.method = method
        self.secret = secret
        self.kid = kid
        self.scopes = scopes
    }
}
