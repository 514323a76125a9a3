import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// Access tokens by people's authorizations: each is obtained with a refresh token, and a new refresh token is
/// durable before the access token that came with it is used.
final class GrantTokens: Sendable {
    let folder: AuthorizationStore
    private let endpoint: TokenEndpoint
    private let refused: @Sendable (ServerName) -> Void
    private let memory = Mutex(Memory())

    private struct Memory {
        /// Refused refreshes. The issuer is not asked again until a person signs in or an operator lifts the block.
        var ended: [AuthorizationStore.Holder: String] = [:]
        /// Rotated authorizations that could not be written yet.
        var unkept:
            [AuthorizationStore.Holder: (old: StoredAuthorization, new: StoredAuthorization)] = [:]
    }

    /// - Parameter refused: called once if an issuer refuses to refresh.
    init(
        _ folder: AuthorizationStore, _ endpoint: TokenEndpoint,
        refused: @escaping @Sendable (ServerName) -> Void
    ) {
        self.folder = folder
        self.endpoint = endpoint
        self.refused = refused
    }

    /// Lifts blocks after a sign-in of `holder`, or of all holders at an operator's command.
    func startOver(_ holder: AuthorizationStore.Holder? = nil) {
        memory.withLock { memory in
            guard let holder else {
                memory.ended = [:]
                return
            }
            memory.ended[holder] = nil
            memory.unkept[holder] = nil
        }
    }

    /// Returns the usable authorization of this agent at this server.
    ///
    /// - Throws: `missing` if no person has signed in or the access token cannot be renewed, `foreign` if the sign-in
    ///   was at another issuer, client or URL, `refused` if the issuer has ended it.
    func grant(
        _ purpose: ClientTokens.Purpose, _ client: SignInClient
    ) throws(KeyFailure) -> (grant: StoredAuthorization, refresh: String) {
        let holder = purpose.holder
        if let code = memory.withLock({ $0.ended[holder] }) { throw Self.ended(holder, code) }
        try keepUnkept(holder)
        guard let grant = try folder.read(holder) else {
            throw Self.failure(.missing, "no person has signed in at this server", holder)
        }
        guard grant.counts(for: purpose, client) else {
            throw Self.failure(
                .foreign, "the stored sign-in is for another issuer, client or URL", holder)
        }
        switch grant.status {
        case .good(let refresh): return (grant, refresh)
        case .short:
            throw Self.failure(.missing, "the sign-in is over: it had no refresh token", holder)
        case .ended(let code): throw Self.ended(holder, code)
        }
    }

    func refreshed(
        _ purpose: ClientTokens.Purpose, _ grant: StoredAuthorization, by refresh: String,
        at issuer: IssuerMetadata
    ) async throws(KeyFailure) -> AccessToken {
        let request = TokenRequest(refresh: refresh, resource: purpose.resource.text)
        let answer = try await endpoint.ask(
            request, as: grant.known(purpose.source), given: grant.secret, at: issuer)
        switch answer {
        case .granted(let token):
            guard let next = token.refresh, next != refresh else { return token }
            var new = grant
            new.status = .good(refresh: next)
            try await keep(new, after: grant, purpose.holder)
            return token
        case .refused(let code):
            await end(purpose.holder, grant, code)
            throw Self.ended(purpose.holder, code)
        }
    }

    // MARK: the disk

    private func keep(
        _ new: StoredAuthorization, after old: StoredAuthorization,
        _ holder: AuthorizationStore.Holder
    ) async throws(KeyFailure) {
        memory.withLock { $0.unkept[holder] = (old, new) }
        try await offLoop { () throws(KeyFailure) in try self.keepUnkept(holder) }
    }

    /// INVARIANT: a rotated refresh token is on disk before anything is done with its access token.
    private func keepUnkept(_ holder: AuthorizationStore.Holder) throws(KeyFailure) {
        guard let (old, new) = memory.withLock({ $0.unkept[holder] }) else { return }
        do throws(KeyFailure) {
            try folder.replace(old, with: new, of: holder)
        } catch {
            guard error.code != .missing else {
                memory.withLock { $0.unkept[holder] = nil }
                throw error
            }
            throw KeyFailure(
                error.code, "the next refresh token cannot be kept: \(error.reason)",
                help: error.help)
        }
        memory.withLock { $0.unkept[holder] = nil }
    }

    private func end(
        _ holder: AuthorizationStore.Holder, _ grant: StoredAuthorization, _ code: String
    ) async {
        // A newer sign-in is not blocked by the refusal of the old authorization.
        let isKept = await Task.detached { (try? self.folder.read(holder)) == grant }.value
        guard isKept else { return }
        let isNew = memory.withLock { $0.ended.updateValue(code, forKey: holder) == nil }
        // Other refusals may concern this client's configuration, which an operator can correct.
        if code == "invalid_grant" {
            var ended = grant
            ended.status = .ended(code: code)
            let kept = ended
            await Task.detached { try? self.folder.replace(grant, with: kept, of: holder) }.value
        }
        if isNew { refused(holder.server) }
    }

    // MARK: failures

    private static func ended(_ holder: AuthorizationStore.Holder, _ code: String) -> KeyFailure {
        failure(.refused, "the issuer refuses to refresh the sign-in: \(code)", holder)
    }

    /// The reason contains the advice, because its readers do not see `help`.
    static func failure(
        _ code: KeyFailure.Code, _ reason: String, _ holder: AuthorizationStore.Holder
    ) -> KeyFailure {
        KeyFailure(
            code,
            "\(reason); an operator runs `interlock servers authorize \(holder.server) --agent \(holder.agent)`"
        )
    }
}

extension ClientTokens.Purpose {
    package var holder: AuthorizationStore.Holder {
        AuthorizationStore.Holder(server: server, agent: agent)
    }
}

extension StoredAuthorization {
    /// Returns true if it was issued for the current configuration.
    func counts(for purpose: ClientTokens.Purpose, _ configured: SignInClient) -> Bool {
        guard sameBytes(issuer, configured.issuer), sameBytes(resource, purpose.resource.text)
        else { return false }
        switch (configured.identity, origin) {
        case (.registered(let id), .configured), (.document(let id, _), .configured):
            return sameBytes(client, id) && method == configured.method
        case (.document(_, orRegister: true), .registering(let asked)),
            (.register, .registering(let asked)):
            return asked == configured.method
        case (.registered, .registering), (.document(_, orRegister: false), .registering),
            (.register, .configured):
            return false
        }
    }

    /// Returns true if the client may authenticate to this issuer: as a public client, with the secret that the
    /// issuer itself issued, or with the secret configured for that issuer and client.
    func isProvable(for purpose: ClientTokens.Purpose) -> Bool {
        switch method {
        case .none: return true
        case .basic, .post: if secret != nil { return true }
        case .assertion: break
        }
        guard case .signIn(let configured) = purpose.source else { return false }
        return counts(for: purpose, configured)
    }

    /// The client that the authorization was issued to.
    func known(_ source: TokenSource) -> OAuthClient {
        var kid: String?
        if case .signIn(let client) = source { kid = client.kid }
        return OAuthClient(
            issuer: issuer, id: client, method: method, secret: source.secret, kid: kid,
            scopes: scopes)
    }
}
