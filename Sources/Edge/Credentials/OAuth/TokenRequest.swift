import InterlockMCP
import InterlockModel

/// The form of a request for tokens (RFC 6749; RFC 8707, section 2), or to revoke one.
struct TokenRequest {
    private var fields: [(name: String, value: String)]
    private(set) var authorization: String?

    /// A request by client credentials (RFC 6749, section 4.4.2).
    ///
    /// - Parameter scopes: omitted if empty.
    init(resource: String, scopes: [String]) {
        fields = [("grant_type", "client_credentials"), ("resource", resource)]
        if !scopes.isEmpty { fields.append(("scope", scopes.joined(separator: " "))) }
    }

    /// An exchange of a code for tokens (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
    init(code: String, verifier: String, redirect: String, resource: String) {
        fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect),
            ("code_verifier", verifier), ("resource", resource),
        ]
    }

    /// A refresh for the same scopes (RFC 6749, section 6).
    init(refresh: String, resource: String) {
        fields = [
            ("grant_type", "refresh_token"), ("refresh_token", refresh), ("resource", resource),
        ]
    }

    /// A revocation (RFC 7009, section 2.1).
    init(revoking refresh: String) {
        fields = [("token", refresh), ("token_type_hint", "refresh_token")]
    }

    /// Names a public client without authentication.
    mutating func name(_ client: OAuthClient) { fields.append(("client_id", client.id)) }

    mutating func prove(_ client: OAuthClient, secret: String) {
        if client.method == .basic {
            let pair = FormFields.encode(client.id) + ":" + FormFields.encode(secret)
            authorization = "Basic " + Base64.encode(Array(pair.utf8))
        } else {
            fields += [("client_id", client.id), ("client_secret", secret)]
        }
    }

    mutating func prove(_ client: OAuthClient, assertion: String) {
        fields += [
            ("client_id", client.id),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ]
    }

    /// `application/x-www-form-urlencoded`
    var form: [UInt8] { Array(FormFields.text(fields).utf8) }
}
