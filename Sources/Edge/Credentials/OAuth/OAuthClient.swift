/// This gateway as a client of an authorization server, for one agent (`secrets.oauth`).
package struct OAuthClient: Hashable, Sendable {
    /// The authentication method at the token endpoint.
    package enum Method: String, CaseIterable, Sendable {
        /// RFC 6749, section 2.3.1.
        case basic = "client_secret_basic"
        case post = "client_secret_post"
        /// RFC 7523, section 2.2.
        case assertion = "private_key_jwt"
        /// No authentication: a public client, which a person authorizes.
        case none
    }

    /// The only issuer whose tokens are requested; compared as plain text.
    package let issuer: String
    package let id: String
    package let method: Method
    /// The name of the client's secret, or of its private key in PEM. Is nil if it needs no secret.
    package let secret: String?
    /// The `kid` of its assertions. Is nil if the issuer knows one key only.
    package let kid: String?
    /// The scopes requested from the start.
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

/// One request to an authorization server, or to a server about its issuer.
package struct OAuthMessage: Sendable {
    package let url: String
    /// A form, sent by POST. Is nil for GET and for JSON.
    package let form: [UInt8]?
    /// A JSON body, sent by POST. Is nil for GET and for a form.
    package var json: [UInt8]?
    package let authorization: String?
    /// The value of `Accept`.
    package var accept = "application/json"
    /// If true, a server chose the URL, and no private address is queried.
    package var isPublicOnly = false
}

package struct OAuthResponse: Sendable {
    package let status: Int
    package let body: [UInt8]
    /// The first `WWW-Authenticate` field that begins with `Bearer`.
    package let challenge: String?
    package init(status: Int, body: [UInt8], challenge: String? = nil) {
        self.status = status
        self.body = body
        self.challenge = challenge
    }
}

/// Sends a message: only https, only to permitted addresses, without following redirects, bounded in time and bytes.
package typealias OAuthFetch = @Sendable (OAuthMessage) async -> Result<OAuthResponse, KeyFailure>
