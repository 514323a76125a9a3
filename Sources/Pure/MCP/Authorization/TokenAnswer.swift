import InterlockJSON

/// What an authorization server's token endpoint says (RFC 6749, section 5).
package enum TokenAnswer: Hashable, Sendable {
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
        guard let value = try fields.text("access_token", 1...AccessToken.largest) else {
            throw .missing("access_token")
        }
        guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .malformed("access_token")
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
        self = .granted(AccessToken(value: value, lifetime: lifetime))
    }

    /// Error codes are short words in ASCII; anything else is not repeated.
    private static func code(in bytes: [UInt8]) -> String {
        let code = (try? MetadataFields(bytes))?["error"]?.string ?? ""
        let isWord =
            (1...64).contains(code.utf8.count)
            && code.utf8.allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: "_") }
        return isWord ? code : "unknown"
    }
}

/// A token toward one server. Its value is never shown.
package struct AccessToken: Hashable, Sendable {
    package static let largest = 8 << 10
    /// Printable ASCII without spaces.
    package let value: String
    /// From now on; nil where the server does not say.
    package let lifetime: Duration?
}
