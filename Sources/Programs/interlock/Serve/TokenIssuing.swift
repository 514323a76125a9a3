import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockModel
import InterlockPorts

/// Issues tokens for agents, signed by the node's token key.
struct TokenIssuing: TokenIssuer {
    static let issuer = "interlock"
    private let mint: AgentTokenSigner

    init(_ key: Ed25519PrivateKey, audience: String) {
        mint = AgentTokenSigner(
            key: key, issuer: Self.issuer, audience: audience, hashing: OpenSSLHashing())
    }

    func issue(_ order: TokenOrder, now: Timestamp) throws(TokenRefusal) -> IssuedToken {
        do throws(KeyFailure) {
            let (token, claims) = try mint.mint(
                agent: order.agent, run: order.run, purpose: order.purpose,
                onBehalfOf: order.onBehalfOf,
                scopes: order.scopes, task: order.task, lifetime: order.lifetime, now: now,
                entropy: SystemEntropy())
            return IssuedToken(
                token: token, id: claims.id, run: claims.run, expires: claims.expires)
        } catch { throw TokenRefusal(reason: error.reason) }
    }
}
