import InterlockJSON
import InterlockModel
import InterlockPorts

/// The accepted signature algorithms (RFC 7518, section 3.1; RFC 8037). `none` and codes with a shared secret are
/// excluded, so that a public key can never be used as a secret.
enum TokenAlgorithm: String, Hashable, Sendable {
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"
}

/// A signed token of an external issuer (RFC 7519, in the compact form of RFC 7515), parsed but not verified.
struct JSONWebToken: Sendable {
    let algorithm: TokenAlgorithm
    /// The id of the key; 1 to 256 bytes.
    let kid: String
    /// The claims as they were signed.
    let payload: [UInt8]
    let signature: [UInt8]
    /// The bytes that the signature covers.
    let signed: [UInt8]

    /// The maximum length in bytes, as for a request's header line.
    static let largest = 8 << 10
    static let kidLengths = 1...256
    private static let signatureLengths = 64...1024

    init(_ text: String) throws(IdentityFailure) {
        guard text.utf8.count <= Self.largest else { throw .malformed }
        Steps.count(text.utf8.count)
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let head = Base64.decodeURL(parts[0]),
            let payload = Base64.decodeURL(parts[1]), !payload.isEmpty,
            let signature = Base64.decodeURL(parts[2])
        else { throw .malformed }
        (algorithm, kid) = try Self.header(head)
        // Checked after the header, so that a token without a signature is refused for its algorithm.
        guard Self.signatureLengths.contains(signature.count) else { throw .malformed }
        self.payload = payload
        self.signature = signature
        signed = Array((parts[0] + "." + parts[1]).utf8)
    }

    private static func header(
        _ bytes: [UInt8]
    ) throws(IdentityFailure) -> (TokenAlgorithm, String) {
        let limits = JSONLimits(depth: 8, bytes: largest)
        guard let value = try? JSONValue(parsing: bytes, limits: limits),
            let fields = value.object
        else { throw .malformed }
        // `crit`, `b64`, `enc`, `zip` and `cty` require unsupported processing. The other members bring a key or its
        // location, which the sender could choose freely.
        for name in ["crit", "b64", "jwk", "jku", "x5c", "x5u", "enc", "zip", "cty"]
        where fields[name] != nil { throw .unsupportedToken }
        if let type = fields["typ"] {
            guard let text = type.string?.lowercased(), types.contains(text) else {
                throw .unsupportedToken
            }
        }
        guard let name = fields["alg"]?.string else { throw .malformed }
        guard let algorithm = TokenAlgorithm(rawValue: name) else { throw .unsupportedToken }
        guard let kid = fields["kid"]?.string, kidLengths.contains(kid.utf8.count) else {
            throw .malformed
        }
        return (algorithm, kid)
    }

    /// The accepted `typ` values. They exclude an ID token, a logout token or a DPoP proof that declares its type
    /// (RFC 9068).
    private static let types: Set<ExactText> = ["jwt", "at+jwt", "application/at+jwt"]
}
