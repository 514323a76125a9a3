/// This gateway as a client of an authorization server, for one agent (`secrets.oauth`).
package struct OAuthClient: Hashable, Sendable {
    /// How it proves itself at the token endpoint.
    package enum Method: String, CaseIterable, Sendable {
        /// RFC 6749, section 2.3.1.
        case basic = "client_secret_basic"
        case post = "client_secret_post"
        /// RFC 7523, section 2.2.
        case assertion = "private_key_jwt"
        /// By nothing: a public client, for which a person agrees.
        case none
    }

    /// The one issuer whose tokens are asked for; compared as plain text.
    package let issuer: String
    package let id: String
    package let method: Method
    /// The name of the client's secret, or of its private key in PEM; nil where it has none.
    package let secret: String?
    /// `kid` of its assertions; nil where the issuer knows one key.
    package let kid: String?
    /// Asked for from the beginning.
    package let scopes: [String]

    package init(
        issuer: String, id: String, method: Method, secret: String?, kid: String?, scopes: [String]
    ) {
        self.issuer = issuer
        self.id = id
        self.method = method
        self.secret = secret
        self.kid = kid
        self.scopes = scopes
    }
}

/// One request to an authorization server, or to a server about who issues tokens for it.
package struct OAuthMessage: Sendable {
    package let url: String
    /// A form, sent by POST; nil for GET.
    package let form: [UInt8]?
    /// JSON, sent by POST; nil for the others.
    package var json: [UInt8]?
    package let authorization: String?
    /// A server said that it is there: nothing inside one's own networks is asked.
    package var isPublicOnly = false
}

package struct OAuthResponse: Sendable {
    package let status: Int
    package let body: [UInt8]
    /// `WWW-Authenticate`, the first that begins with `Bearer`.
    package let challenge: String?
    package init(status: Int, body: [UInt8], challenge: String? = nil) {
        self.status = status
        self.body = body
        self.challenge = challenge
    }
}

/// Sends it: https alone, to addresses that may be asked, without following redirects, bounded in time
/// and bytes.
package typealias OAuthFetch = @Sendable (OAuthMessage) async -> Result<OAuthResponse, KeyFailure>
