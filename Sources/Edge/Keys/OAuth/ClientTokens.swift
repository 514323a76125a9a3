package import InterlockMCP
package import InterlockModel
import Synchronization

/// Tokens that this gateway gets for its agents toward servers, by client credentials: one for each
/// server and agent, asked for once however many calls wait, kept until shortly before their end. A
/// caller's own token has no way in here.
package final class ClientTokens: Sendable {
    /// For whom, where to, and as which client.
    package struct Purpose: Hashable, Sendable {
        package let server: ServerName
        package let agent: AgentName
        package let client: OAuthClient
        /// The server's URI, which every token is made out to.
        package let resource: CanonicalURI

        package init(
            server: ServerName, agent: AgentName, client: OAuthClient, resource: CanonicalURI
        ) {
            self.server = server
            self.agent = agent
            self.client = client
            self.resource = resource
        }
    }

    /// What a server has said beside its metadata.
    private struct Standing {
        /// Wanted by the server in the course of calls, besides those of the configuration.
        var scopes: [String] = []
        /// Where its metadata is, by its last refusal.
        var metadata: String?
    }

    private static let usualLife = Duration.seconds(300)
    private static let longestLife = Duration.seconds(86_400)
    /// A token is not used in its last seconds; of a short life, in its last tenth.
    private static let skew = Duration.seconds(30)
    private static let mostScopes = 64

    private let secrets: SecretProvider
    private let discovery: IssuerDiscovery
    private let fetch: OAuthFetch
    private let clock: any Clock
    private let entropy: any Entropy
    private let issuerChanged: @Sendable (ServerName) -> Void
    private let kept = KeptValues<Purpose, String>()
    private let standings = Mutex<[Purpose: Standing]>([:])
    private let bars = Mutex(Bars())

    private struct Bars {
        /// Another issuer stands in the metadata of these: no agent's token goes there, and nothing is asked
        /// of anybody for them, until an operator has looked.
        var servers: Set<ServerName> = []
        /// Where even fresh tokens are turned away.
        var pauses: [Purpose: TokenPause] = [:]
    }

    /// - Parameter issuerChanged: called once when a server names another issuer than before.
    package init(
        secrets: SecretProvider, clock: any Clock, entropy: any Entropy,
        fetch: @escaping OAuthFetch, issuerChanged: @escaping @Sendable (ServerName) -> Void
    ) {
        self.secrets = secrets
        self.clock = clock
        self.entropy = entropy
        self.fetch = fetch
        self.issuerChanged = issuerChanged
        discovery = IssuerDiscovery(fetch: fetch)
    }

    /// From memory, without waiting.
    package func known(_ purpose: Purpose) -> String? {
        let now = clock.now.boot
        return barred(purpose, at: now) == nil ? kept.known(purpose, at: now) : nil
    }

    package func token(for purpose: Purpose) async -> Result<String, KeyFailure> {
        if let barred = barred(purpose, at: clock.now.boot) { return .failure(barred) }
        let found = await kept.value(purpose, clock: clock) {
            do throws(KeyFailure) { return .success(try await self.ask(purpose)) } catch {
                return .failure(error)
            }
        }
        // Another agent may have met another issuer meanwhile.
        return barred(purpose, at: clock.now.boot).map { .failure($0) } ?? found
    }

    /// A server has turned a token away, with 401 or 403.
    ///
    /// - Returns: whether another one may fare better; it is asked for by the next `token`.
    package func refused(
        _ token: String, for purpose: Purpose, status: Int, _ challenge: BearerChallenge?
    ) -> Bool {
        let isOnTrial = pause(purpose, unless: status != 401)
        let isWorthwhile = standings.withLock { standings in
            var standing = standings[purpose] ?? Standing()
            defer { standings[purpose] = standing }
            if let metadata = challenge?.metadata { standing.metadata = metadata }
            guard status == 403 else { return !isOnTrial }
            guard challenge?.error == "insufficient_scope" else { return false }
            let known = purpose.client.scopes + standing.scopes
            let new = Set(challenge?.scopes ?? []).subtracting(known).sorted()
            guard !new.isEmpty, standing.scopes.count + new.count <= Self.mostScopes else {
                return false
            }
            standing.scopes += new
            return true
        }
        if isWorthwhile || isOnTrial { kept.drop(purpose) { $0 == token } }
        return isWorthwhile
    }

    /// A token that was got in the course of one request, for one that had been turned away, was turned away
    /// by 401 too: for a while nobody is asked for another (`TokenPause`).
    package func exhausted(_ token: String, for purpose: Purpose) {
        let now = clock.now.boot
        kept.drop(purpose) { $0 == token }
        bars.withLock { bars in
            var pause = bars.pauses[purpose]
            pause?.turnedAway(at: now)
            bars.pauses[purpose] = pause ?? TokenPause(at: now)
        }
    }

    /// - Parameter isAccepted: the server has looked at the token's scopes, so it took the token.
    /// - Returns: whether it is of no use to ask for another one.
    private func pause(_ purpose: Purpose, unless isAccepted: Bool) -> Bool {
        let now = clock.now.boot
        return bars.withLock { bars in
            guard var pause = bars.pauses[purpose] else { return false }
            guard !isAccepted, pause.rest(at: now) != nil || pause.isOnTrial(at: now) else {
                bars.pauses[purpose] = nil
                return false
            }
            pause.turnedAway(at: now)
            bars.pauses[purpose] = pause
            return true
        }
    }

    /// An operator has looked: what was blocked is asked once more, and tokens are got anew.
    package func startOver() {
        kept.dropAll()
        bars.withLock { $0 = Bars() }
    }

    /// Why no token may be used or asked for now; nil where one may.
    private func barred(_ purpose: Purpose, at now: BootTime) -> KeyFailure? {
        bars.withLock { bars in
            if bars.servers.contains(purpose.server) { return Self.foreign }
            guard let rest = bars.pauses[purpose]?.rest(at: now) else { return nil }
            return KeyFailure(
                .refused,
                "the server turned away even a fresh token; none is asked for during the next \(rest.components.seconds + 1) s",
                help: "compare its metadata with `secrets.oauth`; SIGHUP asks at once")
        }
    }

    private func standing(_ purpose: Purpose) -> Standing {
        standings.withLock { $0[purpose] } ?? Standing()
    }

    // MARK: asking

    private func ask(
        _ purpose: Purpose
    ) async throws(KeyFailure) -> (value: String, life: Duration) {
        let client = purpose.client
        let standing = standing(purpose)
        // What the server said with a refusal counts for the next request alone.
        standings.withLock { $0[purpose]?.metadata = nil }
        let metadata = try await discovery.resource(purpose.resource, hint: standing.metadata)
        if let metadata, !metadata.names(client.issuer) {
            block(purpose.server)
            throw Self.foreign
        }
        do throws(KeyFailure) { return try await ask(purpose, standing) } catch {
            throw KeyFailure(
                error.code, "issuer \(client.issuer), client `\(client.id)`: \(error.reason)",
                help: error.help)
        }
    }

    private func ask(
        _ purpose: Purpose, _ standing: Standing
    ) async throws(KeyFailure) -> (value: String, life: Duration) {
        let client = purpose.client
        let issuer = try await discovery.issuer(client.issuer)
        guard issuer.takes(method: client.method.rawValue) else {
            throw KeyFailure(.refused, "the issuer does not take `\(client.method.rawValue)`")
        }
        var request = TokenRequest(
            resource: purpose.resource.text, scopes: client.scopes + standing.scopes)
        try await prove(client, at: issuer, in: &request)
        return try granted(
            await fetch(
                OAuthMessage(
                    url: issuer.tokenEndpoint, form: request.form,
                    authorization: request.authorization)))
    }

    private func prove(
        _ client: OAuthClient, at issuer: IssuerMetadata, in request: inout TokenRequest
    ) async throws(KeyFailure) {
        guard client.method == .assertion else {
            request.prove(client, secret: try await secrets.secret(named: client.secret))
            return
        }
        let pem = try await secrets.material(named: client.secret)
        let key: AssertionKey
        do throws(KeyFailure) { key = try AssertionKey(pem: pem) } catch {
            // Who reads the reason sees no help.
            let help = error.help.map { "; \($0)" } ?? ""
            throw KeyFailure(error.code, "secret `\(client.secret)`: \(error.reason)\(help)")
        }
        guard issuer.takes(algorithm: key.algorithm.rawValue) else {
            throw KeyFailure(
                .refused, "the issuer takes no assertions by \(key.algorithm.rawValue)")
        }
        request.prove(
            client,
            assertion: try key.assertion(of: client, now: clock.now.wall, entropy: entropy))
    }

    private func granted(
        _ reply: Result<OAuthReply, KeyFailure>
    ) throws(KeyFailure) -> (value: String, life: Duration) {
        let answer: TokenAnswer
        switch reply {
        case .failure(let failure): throw failure
        case .success(let reply):
            guard reply.status < 500 else {
                throw KeyFailure(.io, "the issuer answered with status \(reply.status)")
            }
            do throws(MetadataFault) {
                answer = try TokenAnswer(status: reply.status, reply.body)
            } catch {
                throw KeyFailure(.malformed, "the issuer's answer does not count: \(error)")
            }
        }
        switch answer {
        case .refused(let code): throw KeyFailure(.refused, "the issuer gives no token: \(code)")
        case .granted(let token):
            let life = min(token.lifetime ?? Self.usualLife, Self.longestLife)
            return (token.value, life - min(Self.skew, life / 10))
        }
    }

    private func block(_ server: ServerName) {
        if bars.withLock({ $0.servers.insert(server).inserted }) { issuerChanged(server) }
    }

    private static let foreign = KeyFailure(
        .foreign, "the server names another authorization server than the configured one",
        help: "compare its metadata with `secrets.oauth`, then send SIGHUP")
}
