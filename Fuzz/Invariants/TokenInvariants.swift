import InterlockCredentials
import InterlockModel

extension Invariants {
    /// The input is read as a token and as the claims of a signed token. A text without this gateway's signature
    /// identifies no principal; the claims of a signed token stay within their bounds.
    package static func token(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        precondition(
            (try? authenticator(OpenSSLVerifier()).identify(bearer: text, now: now)) == nil,
            "nobody signed this")
        let signature = Base64.encodeURL([UInt8](repeating: 0, count: 64))
        let token = header + "." + Base64.encodeURL(bytes) + "." + signature
        let believing = authenticator(AnySignature())
        guard let principal = try? believing.identify(bearer: token, now: now) else { return }
        precondition(token.utf8.count <= TokenClaims.largestToken, "a token is bounded")
        precondition(
            principal.purpose.map { TokenClaims.purposeLengths.contains($0.utf8.count) } ?? true,
            "a purpose is bounded")
        precondition(
            principal.task == nil || principal.task?.text == principal.purpose,
            "a task is the purpose")
        precondition(
            principal.expires - now <= TokenClaims.lifetimes.upperBound
                + TokenAuthenticator.leeway, "no token lives longer than the longest")
        precondition(
            (try? believing.identify(bearer: token, now: now)) == principal,
            "the second look is the first")
        precondition(
            (try? believing.identify(
                bearer: token, now: principal.expires + TokenAuthenticator.leeway)) == nil,
            "a token ends")
        believing.revoke(runs: [principal.run], now: now)
        precondition(
            (try? believing.identify(bearer: token, now: now)) == nil, "a revoked run is refused")
    }

    private static let now = Timestamp(microseconds: 1_795_169_731_500_000)
    private static let issuer = "https://gw.example"
    private static let audience = "https://gw.example/mcp"

    private static let key: Ed25519PrivateKey = {
        guard let key = Ed25519PrivateKey(seed: [UInt8](repeating: 7, count: 32)) else {
            preconditionFailure("a key of 32 bytes is a key")
        }
        return key
    }()

    /// The header that this gateway writes, taken from a token that it signed.
    private static let header: String = {
        let mint = AgentTokenSigner(
            key: key, issuer: issuer, audience: audience, hashing: OpenSSLHashing())
        guard let agent = AgentName("agent"),
            let token = try? mint.mint(
                agent: agent, lifetime: .seconds(60), now: now, entropy: Zeros()
            ).token,
            let header = token.split(separator: ".").first
        else { preconditionFailure("a token can be minted") }
        return String(header)
    }()

    private static func authenticator(_ verifier: any SignatureVerifier) -> TokenAuthenticator {
        TokenAuthenticator(
            keys: [key.publicKey], issuer: issuer, audience: audience, hashing: OpenSSLHashing(),
            verifier: verifier, isKnown: { _ in true })
    }
}

/// Accepts every signature, so that the claims behind it are reached.
private struct AnySignature: SignatureVerifier {
    func verifies(_ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]) -> Bool { true }
}

private struct Zeros: Entropy {
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
