import InterlockJSON
import InterlockModel

/// What an authorization server sends back through the browser: the query of the redirect (RFC 6749,
/// section 4.1.2; RFC 9207).
package struct AuthorizationResponse: Hashable, Sendable {
    /// Of the query, in bytes.
    package static let largest = 8 << 10
    private static let largestCode = 4096

    /// To be compared in constant time before anything else is looked at.
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

    /// The code, from whom it was asked for. Issuers are compared as plain text, before an error counts
    /// too: another issuer's refusal is not this one's.
    ///
    /// - Parameters:
    ///   - issuer: recorded before the browser was sent there.
    ///   - isNamed: its metadata says that each of its answers names it.
    package func code(
        from issuer: String, isNamed: Bool
    ) throws(AuthorizationFault) -> String {
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

/// Why what came back gives no token. Nothing of it is shown but a known error's code.
package enum AuthorizationFault: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed, stateless, otherState, issuerMissing, otherIssuer, codeless
    case refused(String)

    /// Whether somebody may have put it there.
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
            "the answer belongs to another sign-in, or to nobody's: its `state` differs"
        case .issuerMissing:
            "the answer does not name its issuer, and this issuer says that each of its answers does"
        case .otherIssuer: "the answer names another issuer than was asked"
        case .codeless: "the answer of the authorization server has no code"
        case .refused(let code): "the authorization server refused: \(code)"
        }
    }
}

/// Error codes are short words in ASCII; anything else is not repeated.
package enum OAuthErrorCode {
    package static func shown(_ code: String) -> String {
        let isWord =
            (1...64).contains(code.utf8.count)
            && code.utf8.allSatisfy { (97...122).contains($0) || $0 == UInt8(ascii: "_") }
        return isWord ? code : "unknown"
    }
}
