import InterlockJSON
import InterlockModel
import InterlockPorts

/// How a token may be signed (RFC 7518, section 3.1; RFC 8037). Nothing else is taken: no `none`, and
/// no code with a shared secret, so that a public key can never be taken for one.
enum TokenAlgorithm: String, Hashable, Sendable {
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"
}

/// A signed token of somebody else (RFC 7519, in the compact form of RFC 7515), taken apart and not yet
/// believed.
struct JSONWebToken: Sendable {
    let algorithm: TokenAlgorithm
    /// Of the key; 1 to 256 bytes.
    let kid: String
    /// The claims as they were signed.
    let payload: [UInt8]
    let signature: [UInt8]
    /// What the signature is over.
    let signed: [UInt8]

    /// In bytes. A request's header line has 8 KiB.
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
        // After the header: a token that says it has no signature is told so.
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
        // What must be understood is not (`crit`, and `b64` with it); a key that the token brings
        // along, or where to find one, is the sender's word.
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

    /// An ID token, a logout token or a DPoP proof is no access token where it says so (RFC 9068).
    private static let types: Set<ExactText> = ["jwt", "at+jwt", "application/at+jwt"]
}
