/// Whose tokens stand behind a name (`secrets.oauth`).
package enum TokenSource: Hashable, Sendable {
    /// The client's own (client credentials).
    case client(OAuthClient)
    /// A person's, who has agreed in a browser (authorization code).
    case signIn(SignInClient)

    package var issuer: String {
        switch self {
        case .client(let client): client.issuer
        case .signIn(let client): client.issuer
        }
    }

    /// The name of the client's secret; nil where it needs none.
    package var secret: String? {
        switch self {
        case .client(let client): client.secret
        case .signIn(let client): client.secret
        }
    }

    /// Asked for from the beginning.
    package var scopes: [String] {
        switch self {
        case .client(let client): client.scopes
        case .signIn(let client): client.scopes
        }
    }
}

/// This gateway as the client by which a person signs in for one agent.
package struct SignInClient: Hashable, Sendable {
    /// As what the issuer knows it.
    package enum Identity: Hashable, Sendable {
        case registered(String)
        /// By a document that the operator hosts at this URL, and where the issuer does not take that, by
        /// registering; one of the two at least.
        case document(String, orRegister: Bool)
        /// RFC 7591.
        case register
    }

    package let issuer: String
    package let identity: Identity
    package let method: OAuthClient.Method
    /// The name of its secret or key; nil for `none`, and where registering gives one.
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
