package import InterlockMCP
package import InterlockModel
import Synchronization

/// Access tokens that this gateway obtains for its agents toward servers, by client credentials or by a person's
/// authorization. There is one per server and agent, requested once for all waiting calls and kept until shortly
/// before its expiry. A caller's own token never enters here.
///
/// INVARIANT: a server's token is of its configured issuer, for that server and agent alone; no session's id leaves
/// without a credential that it needs. Kept by `ClientTokensTests`, `LateCredentialTests`, `MetadataTests`,
/// `Fuzz/Discovery`, `test_upstream_tokens.py`, `test_upstream_issuers.py`.
package final class ClientTokens: Sendable {
    /// The agent, server and source of a token.
    package struct Purpose: Hashable, Sendable {
        package let server: ServerName
        package let agent: AgentName
        package let source: TokenSource
        /// The server's URI, which is the audience of every token.
        package let resource: CanonicalURI

        package init(
            server: ServerName, agent: AgentName, source: TokenSource, resource: CanonicalURI
        ) {
            self.server = server
            self.agent = agent
            self.source = source
            self.resource = resource
        }
    }

    /// The consequence of a rejected token.
    package enum Verdict: Hashable, Sendable {
        /// Another token may be accepted; the next `token` requests it.
        case again
        /// The server's refusal is final.
        case giveUp
        /// A person must agree to more scopes; the sentence says how.
        case refuse(String)
    }

    /// Statements of a server outside its metadata.
    private struct Status {
        /// Scopes that the server demanded during calls, in addition to the configured ones.
        var scopes: [String] = []
        /// The URL of its metadata according to its last refusal.
        var metadata: String?
    }

    private static let mostScopes = 64

    let clock: any Clock
    let discovery: IssuerDiscovery
    let endpoint: TokenEndpoint
    let grants: GrantTokens
    private let issuerChanged: @Sendable (ServerName) -> Void
    private let kept = ExpiringValues<Purpose, String>()
    private let statuses = Mutex<[Purpose: Status]>([:])
    private let bars = TokenBars()

    /// - Parameters:
    ///   - issuerChanged: called once if a server names another issuer than the configured one.
    ///   - refreshRefused: called once if an issuer refuses to refresh an authorization.
    package init(
        secrets: SecretProvider, grants: AuthorizationStore, clock: any Clock, entropy: any Entropy,
        fetch: @escaping OAuthFetch, issuerChanged: @escaping @Sendable (ServerName) -> Void,
        refreshRefused: @escaping @Sendable (ServerName) -> Void
    ) {
        self.clock = clock
        self.issuerChanged = issuerChanged
        discovery = IssuerDiscovery(fetch: fetch)
        endpoint = TokenEndpoint(secrets: secrets, clock: clock, entropy: entropy, fetch: fetch)
        self.grants = GrantTokens(grants, endpoint, refused: refreshRefused)
    }

    /// Returns a usable token from memory without waiting.
    package func known(_ purpose: Purpose) -> String? {
        let now = clock.boot
        return bars.failure(purpose, at: now) == nil ? kept.known(purpose, at: now) : nil
    }

    package func token(for purpose: Purpose) async -> Result<String, KeyFailure> {
        if let barred = bars.failure(purpose, at: clock.boot) { return .failure(barred) }
        let found = await kept.value(purpose, clock: clock) {
            do throws(KeyFailure) { return .success(try await self.ask(purpose)) } catch {
                return .failure(error)
            }
        }
        // Another agent may have met a different issuer meanwhile.
        return bars.failure(purpose, at: clock.boot).map { .failure($0) } ?? found
    }

    /// Records that a server rejected a token with 401 or 403.
    package func refused(
        _ token: String, for purpose: Purpose, status: Int, _ challenge: BearerChallenge?
    ) -> Verdict {
        let isOnTrial = bars.turnedAway(purpose, isAccepted: status != 401, at: clock.boot)
        let verdict = statuses.withLock { statuses in
            var kept = statuses[purpose] ?? Status()
            defer { statuses[purpose] = kept }
            if let metadata = challenge?.metadata { kept.metadata = metadata }
            guard status == 403 else { return isOnTrial ? .giveUp : Verdict.again }
            guard challenge?.error == "insufficient_scope" else { return .giveUp }
            return Self.step(up: challenge?.scopes ?? [], &kept, purpose)
        }
        if verdict == .again || isOnTrial { kept.drop(purpose) { $0 == token } }
        return verdict
    }

    private static func step(
        up wanted: [String], _ status: inout Status, _ purpose: Purpose
    ) -> Verdict {
        let known = purpose.source.scopes + status.scopes
        let new = Set(wanted).subtracting(known).sorted()
        let fits = status.scopes.count + new.count <= mostScopes
        if fits { status.scopes += new }
        guard case .signIn = purpose.source else {
            return !new.isEmpty && fits ? .again : .giveUp
        }
        guard !wanted.isEmpty else { return .giveUp }
        return .refuse(
            GrantTokens.failure(
                .refused, "the server requires scopes that no person has agreed to", purpose.holder
            ).reason)
    }

    /// Records that a token obtained during one request, to replace a rejected one, was rejected with 401 too. No
    /// other token is requested for a while (`TokenPause`).
    package func exhausted(_ token: String, for purpose: Purpose) {
        let now = clock.boot
        kept.drop(purpose) { $0 == token }
        bars.exhausted(purpose, at: now)
    }

    /// Lifts all blocks and drops all tokens, at an operator's command: each is requested anew.
    package func startOver() {
        kept.dropAll()
        grants.startOver()
        bars.lift()
    }

    // MARK: signing in

    /// The scopes that the server demanded during calls.
    func wanted(_ purpose: Purpose) -> [String] { status(purpose).scopes }

    /// Replaces all state of the purpose after a sign-in, or after a sign-out if `token` is nil.
    func take(_ token: AccessToken?, for purpose: Purpose) {
        grants.startOver(purpose.holder)
        statuses.withLock { $0[purpose] = nil }
        bars.lift(purpose)
        kept.drop(purpose)
        if let token {
            kept.keep(purpose, token.value, until: clock.boot + token.useful)
        }
    }

    // MARK: asking

    private func status(_ purpose: Purpose) -> Status {
        statuses.withLock { $0[purpose] } ?? Status()
    }

    private func ask(
        _ purpose: Purpose
    ) async throws(KeyFailure) -> (value: String, life: Duration) {
        switch purpose.source {
        case .client(let client):
            let status = try await agreed(purpose)
            return try await named(client.issuer, client.id) { () async throws(KeyFailure) in
                try await self.credentials(purpose, client, status)
            }
        case .signIn(let client):
            let (grant, refresh) = try grants.grant(purpose, client)
            _ = try await agreed(purpose)
            return try await named(client.issuer, grant.client) { () async throws(KeyFailure) in
                let issuer = try await self.discovery.issuer(client.issuer, for: .code)
                let token = try await self.grants.refreshed(purpose, grant, by: refresh, at: issuer)
                return (token.value, token.useful)
            }
        }
    }

    /// - Throws: `foreign` if the server's metadata names another issuer than the configured one.
    private func agreed(_ purpose: Purpose) async throws(KeyFailure) -> Status {
        let status = status(purpose)
        // A metadata URL from a refusal is used for the next request only.
        statuses.withLock { $0[purpose]?.metadata = nil }
        _ = try await resource(purpose, hint: status.metadata)
        return status
    }

    func resource(_ purpose: Purpose, hint: String?) async throws(KeyFailure) -> ResourceMetadata? {
        let metadata = try await discovery.resource(purpose.resource, hint: hint)
        if let metadata, !metadata.names(purpose.source.issuer) {
            if bars.block(purpose.server) { issuerChanged(purpose.server) }
            throw TokenBars.foreign
        }
        return metadata
    }

    private func named(
        _ issuer: String, _ client: String,
        _ body: () async throws(KeyFailure) -> (value: String, life: Duration)
    ) async throws(KeyFailure) -> (value: String, life: Duration) {
        do throws(KeyFailure) { return try await body() } catch {
            throw KeyFailure(
                error.code, "issuer \(issuer), client `\(client)`: \(error.reason)",
                help: error.help)
        }
    }

    private func credentials(
        _ purpose: Purpose, _ client: OAuthClient, _ status: Status
    ) async throws(KeyFailure) -> (value: String, life: Duration) {
        let issuer = try await discovery.issuer(client.issuer, for: .clientCredentials)
        let request = TokenRequest(
            resource: purpose.resource.text, scopes: client.scopes + status.scopes)
        switch try await endpoint.ask(request, as: client, at: issuer) {
        case .refused(let code):
            throw KeyFailure(.refused, "the issuer gives no token: \(code)")
        case .granted(let token): return (token.value, token.useful)
        }
    }
}
