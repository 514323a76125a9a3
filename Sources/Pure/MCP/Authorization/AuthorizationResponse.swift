import InterlockJSON
import InterlockModel

/// The authorization response that an authorization server returns through the browser: the query of the redirect (RFC
/// 6749, section 4.1.2; RFC 9207).
package struct AuthorizationResponse: Hashable, Sendable {
    /// The maximum size of the query, in bytes.
    package static let largest = 8 << 10
    private static let largestCode = 4096

    /// The `state` of the response. The caller must compare it in constant time before it uses anything else.
    package let state: String
    private let issuer: String?
    private let code: String?
    private let error: String?

    package init(query: String) throws(AuthorizationFault) {
        guard query.utf8.count <= Self.largest, let fields = FormFields.parse(query) else {
            throw .malformed
        }
        guard let state = fields["state"], !state.isEmpty else { throw .stateless }
        self.state = state
        issuer = fields["iss"]
        code = fields["code"]
        error = fields["error"]
    }

    /// Returns the code if the expected issuer sent it. Issuers are compared as plain text, also before an error is
    /// reported: the refusal of another issuer is not a refusal by this one.
    ///
    /// - Parameters:
    ///   - issuer: the issuer that was recorded before the browser was sent there.
    ///   - isNamed: true if the issuer's metadata states that each of its responses names it.
    package func code(from issuer: String, isNamed: Bool) throws(AuthorizationFault) -> String {
        if let named = self.issuer {
            guard sameBytes(named, issuer) else { throw .otherIssuer }
        } else if isNamed {
            throw .issuerMissing
        }
        if let error { throw .refused(OAuthErrorCode.shown(error)) }
        guard let code, (1...Self.largestCode).contains(code.utf8.count),
            code.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f })
        else { throw .codeless }
        return code
    }
}

/// The reason why an authorization response yields no token. Of the response's text, only a known error code is
/// displayed.
package enum AuthorizationFault: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed, stateless, otherState, issuerMissing, otherIssuer, codeless
    case refused(String)

    /// True if an attacker may have caused the fault.
    package var isAttack: Bool {
        switch self {
        case .otherState, .otherIssuer, .issuerMissing: true
        case .malformed, .stateless, .codeless, .refused: false
        }
    }

    package var description: String {
        switch self {
        case .malformed: "the answer of the authorization server is malformed"
        case .stateless: "the answer of the authorization server has no `state`"
        case .otherState:
            "the response belongs to another sign-in or to none: its `state` differs"
        case .issuerMissing:
            "the answer does not name its issuer, and this issuer says that each of its answers does"
        case .otherIssuer: "the answer names another issuer than was asked"
        case .codeless: "the answer of the authorization server has no code"
        case .refused(let code): "the authorization server refused: \(code)"
        }
    }
}

/// Filters error codes: only short ASCII words are repeated.
package enum OAuthErrorCode {
    package static func shown(_ code: String) -> String {
        let isWord =
            (1...64).contains(code.utf8.count)
            && code.utf8.allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: "_") }
        return isWord ? code : "unknown"
    }
}
