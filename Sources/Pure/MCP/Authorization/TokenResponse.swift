import InterlockJSON
import InterlockModel

/// What an authorization server's token endpoint says (RFC 6749, section 5).
package enum TokenResponse: Hashable, Sendable {
    case granted(AccessToken)
    /// Its error code; `unknown` where it says none that can be shown.
    case refused(code: String)

    /// - Parameter status: of HTTP; 200 grants, all else refuses.
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

    /// Printable ASCII without spaces; nil where it is not there.
    private static func token(
        _ name: String, in fields: MetadataFields
    ) throws(MetadataFault) -> String? {
        if let said = fields[name], said == .null { return nil }
        guard let value = try fields.text(name, 1...AccessToken.largest) else { return nil }
        guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw .malformed(name) }
        return value
    }
}

/// A token toward one server. Its value is never shown.
package struct AccessToken: Hashable, Sendable {
    package static let largest = 8 << 10
    /// Printable ASCII without spaces.
    package let value: String
    /// From now on; nil where the server does not say.
    package let lifetime: Duration?
    /// What it is got anew with; as `value`, and never shown either.
    package let refresh: String?
    /// What it is for; nil where that is all that was asked for.
    package let scopes: [String]?
}
