package import InterlockMCP
package import InterlockModel
import Synchronization

/// Tokens that this gateway gets for its agents toward servers, by client credentials or by what a person
/// has agreed to: one for each server and agent, asked for once however many calls wait, kept until shortly
/// before their end. A caller's own token has no way in here.
package final class ClientTokens: Sendable {
    /// For whom, where to, and from whom.
    package struct Purpose: Hashable, Sendable {
        package let server: ServerName
        package let agent: AgentName
        package let source: TokenSource
        /// The server's URI, which every token is made out to.
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

    /// What comes of a token that was turned away.
    package enum Verdict: Hashable, Sendable {
        /// Another one may fare better; it is asked for by the next `token`.
        case again
        /// The server's refusal is all there is to say.
        case giveUp
        /// People must agree to more; the sentence says how.
        case refuse(String)
    }

    /// What a server has said beside its metadata.
    private struct Status {
        /// Wanted by the server in the course of calls, besides those of the configuration.
        var scopes: [String] = []
        /// Where its metadata is, by its last refusal.
        var metadata: String?
    }

    private static let mostScopes = 64

    let clock: any Clock
    let discovery: IssuerDiscovery
    let endpoint: TokenEndpoint
    let grants: GrantTokens
    private let issuerChanged: @Sendable (ServerName) -> Void
    private let kept = ExpiringValues<Purpose, String>()
    private let standings = Mutex<[Purpose: Status]>([:])
    private let bars = TokenBars()

    /// - Parameters:
    ///   - issuerChanged: called once when a server names another issuer than before.
    ///   - refreshRefused: called once when an issuer ends what a person had agreed to.
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

    /// From memory, without waiting.
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
        // Another agent may have met another issuer meanwhile.
        return bars.failure(purpose, at: clock.boot).map { .failure($0) } ?? found
    }

    /// A server has turned a token away, with 401 or 403.
    package func refused(
        _ token: String, for purpose: Purpose, status: Int, _ challenge: BearerChallenge?
    ) -> Verdict {
        let isOnTrial = bars.turnedAway(purpose, isAccepted: status != 401, at: clock.boot)
        let verdict = standings.withLock { standings in
            var standing = standings[purpose] ?? Status()
            defer { standings[purpose] = standing }
            if let metadata = challenge?.metadata { standing.metadata = metadata }
            guard status == 403 else { return isOnTrial ? .giveUp : Verdict.again }
            guard challenge?.error == "insufficient_scope" else { return .giveUp }
            return Self.step(up: challenge?.scopes ?? [], &standing, purpose)
        }
        if verdict == .again || isOnTrial { kept.drop(purpose) { $0 == token } }
        return verdict
    }

    private static func step(
        up wanted: [String], _ standing: inout Status, _ purpose: Purpose
    ) -> Verdict {
        let known = purpose.source.scopes + standing.scopes
        let new = Set(wanted).subtracting(known).sorted()
        let fits = standing.scopes.count + new.count <= mostScopes
        if fits { standing.scopes += new }
        guard case .signIn = purpose.source else {
            return !new.isEmpty && fits ? .again : .giveUp
        }
        guard !wanted.isEmpty else { return .giveUp }
        return .refuse(
            GrantTokens.failure(
                .refused, "the server wants scopes to which nobody has agreed", purpose.holder
            ).reason)
    }

    /// A token that was got in the course of one request, for one that had been turned away, was turned away
    /// by 401 too: for a while nobody is asked for another (`TokenPause`).
    package func exhausted(_ token: String, for purpose: Purpose) {
        let now = clock.boot
        kept.drop(purpose) { $0 == token }
        bars.exhausted(purpose, at: now)
    }

    /// An operator has looked: what was blocked is asked once more, and tokens are got anew.
    package func startOver() {
        kept.dropAll()
        grants.startOver()
        bars.lift()
    }

    // MARK: signing in

    /// Scopes that the server wanted in the course of calls.
    func wanted(_ purpose: Purpose) -> [String] { standing(purpose).scopes }

    /// Somebody has signed in; nil where somebody has signed out. What was before counts no more.
    func take(_ token: AccessToken?, for purpose: Purpose) {
        grants.startOver(purpose.holder)
        standings.withLock { $0[purpose] = nil }
        bars.lift(purpose)
        kept.drop(purpose)
        if let token {
            kept.keep(purpose, token.value, until: clock.boot + token.useful)
        }
    }

    // MARK: asking

    private func standing(_ purpose: Purpose) -> Status {
        standings.withLock { $0[purpose] } ?? Status()
    }

    private func ask(
        _ purpose: Purpose
    ) async throws(KeyFailure) -> (value: String, life: Duration) {
        switch purpose.source {
        case .client(let client):
            let standing = try await agreed(purpose)
            return try await named(client.issuer, client.id) { () async throws(KeyFailure) in
                try await self.credentials(purpose, client, standing)
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

    /// - Throws: `foreign` where the server's metadata names another issuer than the configured one.
    private func agreed(_ purpose: Purpose) async throws(KeyFailure) -> Status {
        let standing = standing(purpose)
        // What the server said with a refusal counts for the next request alone.
        standings.withLock { $0[purpose]?.metadata = nil }
        _ = try await resource(purpose, hint: standing.metadata)
        return standing
    }

    func resource(
        _ purpose: Purpose, hint: String?
    ) async throws(KeyFailure) -> ResourceMetadata? {
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
        _ purpose: Purpose, _ client: OAuthClient, _ standing: Status
    ) async throws(KeyFailure) -> (value: String, life: Duration) {
        let issuer = try await discovery.issuer(client.issuer, for: .clientCredentials)
        let request = TokenRequest(
            resource: purpose.resource.text, scopes: client.scopes + standing.scopes)
        switch try await endpoint.ask(request, as: client, at: issuer) {
        case .refused(let code):
            throw KeyFailure(.refused, "the issuer gives no token: \(code)")
        case .granted(let token): return (token.value, token.useful)
        }
    }
}
