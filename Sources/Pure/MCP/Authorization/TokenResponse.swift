import InterlockJSON
import InterlockModel

/// The response of an authorization server's token endpoint (RFC 6749, section 5).
package enum TokenResponse: Hashable, Sendable {
    case granted(AccessToken)
    /// The error code of the response, or `unknown` if it has no code that may be displayed.
    case refused(code: String)

    /// - Parameter status: the HTTP status. 200 means granted; any other means refused.
    package init(status: Int, _ bytes: [UInt8]) throws(MetadataFault) {
        guard status == 200 else {
            self = .refused(code: Self.code(in: bytes))
            return
        }
        let fields = try MetadataFields(bytes)
        guard let value = try Self.token("access_token", in: fields) else {
            throw .missing("access_token")
        }
        guard let type = try fields.text("token_type") else { throw .missing("token_type") }
        guard type.lowercased() == "bearer" else { throw .lacks("the token type `Bearer`") }
        var lifetime: Duration?
        if let said = fields["expires_in"] {
            guard let seconds = said.integer, (1...Int64(Int32.max)).contains(seconds) else {
                throw .malformed("expires_in")
            }
            lifetime = .seconds(seconds)
        }
        var scopes: [String]?
        if fields["scope"] != .null,
            let words = try fields.text("scope", 0...ScopeSet.largestBytes)
        {
            guard ScopeSet(words) != nil else { throw .malformed("scope") }
            scopes = words.split(separator: " ").map(String.init)
        }
        self = .granted(
            AccessToken(
                value: value, lifetime: lifetime,
                refresh: try Self.token("refresh_token", in: fields), scopes: scopes))
    }

    private static func code(in bytes: [UInt8]) -> String {
        OAuthErrorCode.shown((try? MetadataFields(bytes))?["error"]?.string ?? "")
    }

    /// Returns the token in printable ASCII without spaces, or nil if the member is absent or null.
    private static func token(
        _ name: String, in fields: MetadataFields
    ) throws(MetadataFault) -> String? {
        if let said = fields[name], said == .null { return nil }
        guard let value = try fields.text(name, 1...AccessToken.largest) else { return nil }
        guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw .malformed(name) }
        return value
    }
}

/// An access token for one server. Its value is never displayed.
package struct AccessToken: Hashable, Sendable {
    package static let largest = 8 << 10
    /// The token in printable ASCII without spaces.
    package let value: String
    /// The lifetime from the time of issue, or nil if the server does not state it.
    package let lifetime: Duration?
    /// The refresh token, with the same alphabet as `value`, also never displayed.
    package let refresh: String?
    /// The granted scopes, or nil if they equal the requested ones.
    package let scopes: [String]?
}
