import InterlockJSON
import InterlockModel
import InterlockPorts

/// The claims of an external issuer's token (RFC 7519, RFC 9068). Unknown claims describe the person or the issuer
/// and are ignored. A claim that binds the token to a key (`cnf`) is refused, because it restricts the token and the
/// gateway cannot verify it.
struct IssuerClaims: Hashable, Sendable {
    let issuer: String
    let audiences: [String]
    let subject: String?
    /// `client_id`, or `azp` (OpenID Connect).
    let client: String?
    let id: String?
    let expires: Timestamp
    let notBefore: Timestamp?
    let issued: Timestamp?
    /// `scope`, or `scp` of some issuers. Is nil if the token has neither.
    let scopes: ScopeSet?
    /// The text of the claim that holds the person's address. Is nil if it was not requested or is absent.
    let person: String?

    private static let seconds: ClosedRange<Int64> = 0...9_000_000_000
    private static let audienceCounts = 1...16

    /// - Parameter personClaim: the claim that names the person, if the issuer's configuration states one.
    init(parsing payload: [UInt8], personClaim: String?) throws(IdentityFailure) {
        let limits = JSONLimits(depth: 16, bytes: JSONWebToken.largest)
        guard let value = try? JSONValue(parsing: payload, limits: limits),
            let fields = value.object
        else { throw .malformed }
        guard fields["cnf"] == nil else { throw .unsupportedToken }
        issuer = try Self.required(Self.text(fields, "iss", 1...1024))
        audiences = try Self.audiences(fields)
        subject = try Self.text(fields, "sub", 1...256)
        let named = try Self.text(fields, "client_id", 1...256)
        let authorized = try Self.text(fields, "azp", 1...256)
        if let named, let authorized, !sameBytes(named, authorized) { throw .malformed }
        client = named ?? authorized
        id = try Self.text(fields, "jti", 1...256)
        expires = try Self.required(Self.time(fields, "exp"))
        notBefore = try Self.time(fields, "nbf")
        issued = try Self.time(fields, "iat")
        scopes = try Self.scopes(fields)
        if let personClaim {
            person = try Self.text(fields, personClaim, 1...254)
        } else {
            person = nil
        }
    }

    private static func required<Value>(_ value: Value?) throws(IdentityFailure) -> Value {
        guard let value else { throw .malformed }
        return value
    }

    /// Returns nil if the claim is absent, and refuses anything but text of a permitted length.
    private static func text(
        _ fields: JSONObject, _ name: String, _ lengths: ClosedRange<Int>
    ) throws(IdentityFailure) -> String? {
        guard let value = fields[name] else { return nil }
        guard let text = value.string, lengths.contains(text.utf8.count) else { throw .malformed }
        return text
    }

    /// Returns nil if the claim is absent, and refuses anything but whole seconds.
    private static func time(
        _ fields: JSONObject, _ name: String
    ) throws(IdentityFailure) -> Timestamp? {
        guard let value = fields[name] else { return nil }
        guard let number = value.integer, seconds.contains(number) else { throw .malformed }
        return Timestamp(microseconds: number * 1_000_000)
    }

    private static func audiences(_ fields: JSONObject) throws(IdentityFailure) -> [String] {
        guard let value = fields["aud"] else { throw .wrongAudience }
        if let one = value.string { return [one] }
        guard let list = value.array, audienceCounts.contains(list.count) else { throw .malformed }
        let texts = list.compactMap(\.string)
        guard texts.count == list.count else { throw .malformed }
        return texts
    }

    private static func scopes(_ fields: JSONObject) throws(IdentityFailure) -> ScopeSet? {
        guard let value = fields["scope"] ?? fields["scp"] else { return nil }
        let text =
            value.string
            ?? value.array.flatMap { list in
                let words = list.compactMap(\.string)
                return words.count == list.count ? words.joined(separator: " ") : nil
            }
        guard let text, let scopes = ScopeSet(text) else { throw .malformed }
        return scopes
    }
}
