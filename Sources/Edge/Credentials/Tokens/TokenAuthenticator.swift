import InterlockJSON
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Identifies agents by the tokens of `AgentTokenSigner`. A token is verified once (about 80 microseconds) and then
/// found by its SHA-256 (about one); its times, its revocation and its agent are checked on every request.
package final class TokenAuthenticator: Authenticator {
    package static let leeway = TokenLife.leeway
    /// The time for which a revocation is kept: as long as any token made by then can be accepted, which is its whole
    /// life with the leeway at both ends.
    private static let keptRevocation = TokenClaims.lifetimes.upperBound + leeway * 2
    package static let largestCache = 10_000

    private let headers: [ExactText: PublicKey]
    private let others: @Sendable () -> [PublicKey]
    private let issuer: String
    private let audience: String
    private let hashing: any Hashing
    private let verifier: any SignatureVerifier
    private let isKnown: @Sendable (AgentName) -> Bool
    private let state = Mutex(State())
    private let revocationCount = Atomic<UInt64>(0)

    private struct State {
        var verified: [Digest: TokenClaims] = [:]
        /// The time until which each revocation is remembered: the longest lifetime after it.
        var revokedRuns: [RunID: Timestamp] = [:]
    }

    /// - Parameters:
    ///   - keys: the accepted token keys; several during a key change.
    ///   - others: returns the token keys of the other nodes of a cluster; called for a token of none of `keys`.
    ///   - isKnown: whether the agent is registered and may act now; called on every request.
    package init(
        keys: [PublicKey], issuer: String, audience: String, hashing: any Hashing,
        verifier: any SignatureVerifier, others: @escaping @Sendable () -> [PublicKey] = { [] },
        isKnown: @escaping @Sendable (AgentName) -> Bool
    ) {
        var headers: [ExactText: PublicKey] = [:]
        for key in keys { headers[TokenHeader(key: key, hashing: hashing).encoded] = key }
        self.headers = headers
        self.others = others
        self.issuer = issuer
        self.audience = audience
        self.hashing = hashing
        self.verifier = verifier
        self.isKnown = isKnown
    }

    package func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal {
        guard let bearer else { throw .missing }
        guard bearer.utf8.count <= TokenClaims.largestToken else { throw .malformed }
        let bytes = Array(bearer.utf8)
        let digest = hashing.sha256(bytes)
        let claims: TokenClaims
        if let known = state.withLock({ $0.verified[digest] }) {
            claims = known
        } else {
            claims = try verify(bearer)
            remember(claims, as: digest, now: now)
        }
        guard now < claims.expires + TokenAuthenticator.leeway else { throw .expired }
        guard now + TokenAuthenticator.leeway >= claims.issued else { throw .notYetValid }
        guard state.withLock({ $0.revokedRuns[claims.run] == nil }) else { throw .revoked }
        guard isKnown(claims.agent) else { throw .unknownAgent(claims.agent.text) }
        return claims.principal
    }

    /// Returns true if the token's header names a key of this gateway.
    func hasOwnHeader(_ bearer: String) -> Bool {
        let head = bearer.utf8.prefix { $0 != UInt8(ascii: ".") }
        return headers.keys.contains { $0.text.utf8.elementsEqual(head) }
    }

    /// The checks that every request makes of a principal, whichever issuer its token is from.
    func check(_ principal: Principal) throws(IdentityFailure) {
        guard state.withLock({ $0.revokedRuns[principal.run] == nil }) else { throw .revoked }
        guard isKnown(principal.agent) else { throw .unknownAgent(principal.agent.text) }
    }

    package var revokedRuns: [RunID] { state.withLock { Array($0.revokedRuns.keys) } }

    package var revocations: UInt64 { revocationCount.load(ordering: .acquiring) }

    /// Refuses every token of these runs from now on in this process.
    package func revoke(runs: [RunID], now: Timestamp) {
        state.withLock { state in
            state.revokedRuns = state.revokedRuns.filter { $0.value > now }
            for run in runs { state.revokedRuns[run] = now + Self.keptRevocation }
        }
        revocationCount.add(1, ordering: .acquiringAndReleasing)
    }

    /// Checks the properties that never change for a token, in this order: form, signature, issuer, audience,
    /// lifetime.
    private func verify(_ token: String) throws(IdentityFailure) -> TokenClaims {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64.decodeURL(parts[1]),
            let signature = Base64.decodeURL(parts[2]), signature.count == 64
        else { throw .malformed }
        // The header names the key; a header that is not this gateway's byte for byte is not parsed.
        guard let key = key(of: String(parts[0])) else { throw .badSignature }
        let signed = Array((parts[0] + "." + parts[1]).utf8)
        guard verifier.verifies(signature, of: signed, by: key.bytes) else { throw .badSignature }
        let claims: TokenClaims
        do { claims = try TokenClaims(parsing: payload) } catch { throw .malformed }
        guard sameBytes(claims.issuer, issuer) else { throw .badSignature }
        guard sameBytes(claims.audience, audience) else { throw .wrongAudience }
        let life = claims.expires - claims.issued
        guard life <= TokenClaims.lifetimes.upperBound, life > .zero else { throw .malformed }
        return claims
    }

    private func key(of header: String) -> PublicKey? {
        headers[header]
            ?? others().first { sameBytes(TokenHeader(key: $0, hashing: hashing).encoded, header) }
    }

    private func remember(_ claims: TokenClaims, as digest: Digest, now: Timestamp) {
        state.withLock { state in
            if state.verified.count >= TokenAuthenticator.largestCache {
                state.verified = state.verified.filter { $0.value.expires > now }
                if state.verified.count >= TokenAuthenticator.largestCache {
                    state.verified.removeAll(keepingCapacity: true)
                }
            }
            state.verified[digest] = claims
        }
    }
}
