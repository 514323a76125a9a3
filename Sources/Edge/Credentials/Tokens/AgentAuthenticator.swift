package import InterlockModel
package import InterlockPorts

/// Identifies agents by the tokens of this gateway and of the issuers that it trusts. A token with this gateway's own
/// header is verified only as its own, so no external issuer can imitate it.
package struct AgentAuthenticator: Authenticator {
    private let own: TokenAuthenticator
    private let outside: ExternalTokenAuthenticator?

    /// - Parameter outside: nil if no issuer is configured.
    package init(own: TokenAuthenticator, outside: ExternalTokenAuthenticator?) {
        self.own = own
        self.outside = outside
    }

    package func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal {
        guard let bearer, let outside, !own.hasOwnHeader(bearer) else {
            return try own.identify(bearer: bearer, now: now)
        }
        let principal = try outside.identify(bearer, now: now)
        guard !principal.agent.isCanary else {
            throw .unknownAgent(principal.agent.text)
        }
        try own.check(principal)
        return principal
    }

    package var revocations: UInt64 { own.revocations &+ (outside?.revocations ?? 0) }
    package var revokedRuns: [RunID] { own.revokedRuns }
    package func revoke(runs: [RunID], now: Timestamp) {
        own.revoke(runs: runs, now: now)
        outside?.revoke(runs, now: now)
    }
}
