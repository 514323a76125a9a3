import InterlockJSON
import InterlockMCP
package import InterlockModel
import Synchronization

/// Signs in at servers' issuers for agents, on an operator's command: pending sign-ins and their results. The
/// verifier and the state of a sign-in exist only in this memory and in its requests.
///
/// INVARIANT: a sign-in is an operator's, for one answer that names its state and its issuer; a refresh token is on
/// disk before its access token is used. Kept by `AuthorizationResponseTests`, `AuthorizationCodeFlowTests`,
/// `Fuzz/Discovery`, `test_signing_in.py`.
package final class AuthorizationCodeFlow: Sendable {
    package typealias Purpose = ClientTokens.Purpose

    /// The time within which the browser must return.
    package static let patience = Duration.seconds(300)
    private static let mostWaiting = 16

    /// The authorization that one sign-in obtained, and the operator who began it.
    package struct Agreed: Sendable {
        package let holder: AuthorizationStore.Holder
        package let grant: StoredAuthorization
        /// The operator who began the sign-in.
        package let by: Pseudonym
    }

    struct Waiting: Sendable {
        let purpose: Purpose
        /// The operator who began the sign-in.
        let by: Pseudonym
        let client: OAuthClient
        let origin: StoredAuthorization.Origin
        /// The secret that registration issued.
        let secret: String?
        let issuer: IssuerMetadata
        let redirect: String
        let scopes: [String]
        let state: String
        let verifier: String
        /// The holder's generation in the store; a later sign-out raises it and ends this sign-in.
        let generation: Int
        let end: BootTime
    }

    let tokens: ClientTokens
    private let entropy: any Entropy
    private let hashing: any Hashing
    let fetch: OAuthFetch
    private let waiting = Mutex<[ExactText: Waiting]>([:])

    package init(
        _ tokens: ClientTokens, entropy: any Entropy, hashing: any Hashing,
        fetch: @escaping OAuthFetch
    ) {
        self.tokens = tokens
        self.entropy = entropy
        self.hashing = hashing
        self.fetch = fetch
    }

    /// Finds the issuer and makes the URL that the browser opens. Cancels an earlier pending sign-in of the same
    /// agent at the same server.
    ///
    /// - Parameters:
    ///   - redirect: the loopback URL on which the operator's program listens.
    ///   - by: the operator.
    /// - Throws: `foreign`, `refused`, `missing`, `malformed`, `late`, `io`.
    package func begin(
        _ purpose: Purpose, as configured: SignInClient, redirect: String, by: Pseudonym
    ) async throws(KeyFailure) -> (id: String, url: String) {
        let generation = tokens.grants.folder.generation(of: purpose.holder)
        let challenge = await challenge(of: purpose.resource)
        let resource = try await tokens.resource(purpose, hint: challenge?.metadata)
        let issuer = try await tokens.discovery.issuer(configured.issuer, for: .code)
        var scopes = SignInScopes()
        scopes.configured = configured.scopes
        scopes.challenged = challenge?.scopes ?? []
        scopes.offered = resource?.scopes ?? []
        scopes.ofIssuer = issuer.scopes
        let wanted = tokens.wanted(purpose)
        if !wanted.isEmpty {
            let before = try tokens.grants.folder.read(purpose.holder)
            let counts = before?.counts(for: purpose, configured) ?? false
            scopes.steppedUp = (counts ? before?.scopes ?? [] : []) + wanted
        }
        try Self.check(scopes.asked)
        let (client, origin, secret) = try await identify(
            configured, at: issuer, redirect: redirect, scopes.asked)
        guard issuer.takes(method: client.method.rawValue) else {
            throw KeyFailure(.refused, "the issuer does not take `\(client.method.rawValue)`")
        }
        let made = Waiting(
            purpose: purpose, by: by, client: client, origin: origin, secret: secret,
            issuer: issuer, redirect: redirect, scopes: scopes.asked,
            state: Base64.encodeURL(entropy.bytes(32)),
            verifier: Base64.encodeURL(entropy.bytes(32)), generation: generation,
            end: tokens.clock.boot + Self.patience)
        guard let url = request(made).url else {
            throw KeyFailure(.malformed, "the issuer's `authorization_endpoint` is nothing to open")
        }
        return (try wait(for: made), url)
    }

    private static func check(_ scopes: [String]) throws(KeyFailure) {
        guard scopes.count <= StoredAuthorization.mostScopes else {
            throw KeyFailure(
                .refused,
                "\(scopes.count) scopes, and \(StoredAuthorization.mostScopes) at most are kept",
                help: "name fewer `scopes`, or ask who runs the server and its issuer")
        }
    }

    private func request(_ made: Waiting) -> AuthorizationRequest {
        let verifier = Array(made.verifier.utf8)
        return AuthorizationRequest(
            endpoint: made.issuer.authorizationEndpoint ?? "", client: made.client.id,
            redirect: made.redirect, resource: made.purpose.resource.text, scopes: made.scopes,
            state: made.state, challenge: Base64.encodeURL(hashing.sha256(verifier.span).bytes))
    }

    /// - Returns: the id of the sign-in, which is not secret.
    private func wait(for made: Waiting) throws(KeyFailure) -> String {
        let id = Hex.encode(entropy.bytes(16))
        let now = tokens.clock.boot
        let isKept = waiting.withLock { waiting in
            waiting = waiting.filter { $0.value.end > now && $0.value.purpose != made.purpose }
            guard waiting.count < Self.mostWaiting else { return false }
            waiting[id] = made
            return true
        }
        guard isKept else {
            throw KeyFailure(
                .refused, "\(Self.mostWaiting) sign-ins wait already", help: "wait 5 min")
        }
        return id
    }

    /// Cancels pending sign-ins of the holder after a sign-out.
    func end(of holder: AuthorizationStore.Holder) {
        waiting.withLock { waiting in
            waiting = waiting.filter { $0.value.purpose.holder != holder }
        }
    }

    /// Completes a sign-in once with the query that the browser brought back.
    ///
    /// - Parameters:
    ///   - isWanted: whether the policy still permits this sign-in; called before the code is sent to the issuer, and
    ///     again before `admit`.
    ///   - admit: called with the authorization before it is stored or used; a failure ends the sign-in.
    /// - Returns: the stored authorization.
    package func finish(
        _ id: String, query: String, isWanted: @Sendable (Purpose) -> Bool,
        admit: @Sendable (Agreed) async throws(KeyFailure) -> Void
    ) async throws(KeyFailure) -> Agreed {
        guard let made = waiting.withLock({ $0.removeValue(forKey: id) }) else {
            throw KeyFailure(
                .missing, "no such sign-in waits: it was answered, or another one took its place",
                help: "begin anew")
        }
        guard tokens.clock.boot < made.end else {
            throw KeyFailure(.late, "the browser took longer than 5 min", help: "begin anew")
        }
        let code = try code(in: query, for: made)
        guard isWanted(made.purpose) else { throw Self.unwanted }
        let token = try await exchange(code, for: made)
        let grant = StoredAuthorization(
            issuer: made.client.issuer, resource: made.purpose.resource.text,
            client: made.client.id, method: made.client.method, origin: made.origin,
            secret: made.secret, scopes: token.scopes ?? made.scopes,
            status: token.refresh.map { .good(refresh: $0) } ?? .short)
        let agreed = Agreed(holder: made.purpose.holder, grant: grant, by: made.by)
        _ = try grant.readable()
        guard isStanding(made) else { throw AuthorizationStore.signedOut }
        guard isWanted(made.purpose) else { throw Self.unwanted }
        try await admit(agreed)
        try await keep(agreed, token, for: made)
        return agreed
    }

    private static let unwanted = KeyFailure(
        .refused,
        "the policy, or a halt, does not let anybody sign in there for that agent any more",
        help: "nothing was kept; look with `interlock status`")

    private func keep(
        _ agreed: Agreed, _ token: AccessToken, for made: Waiting
    ) async throws(KeyFailure) {
        let folder = tokens.grants.folder
        try await offLoop { () throws(KeyFailure) in
            try folder.keep(agreed.grant, of: agreed.holder, since: made.generation)
        }
        tokens.take(token, for: made.purpose)
        // A sign-out raises the generation before it drops the token, so one of the two sees the other.
        guard isStanding(made) else {
            tokens.take(nil, for: made.purpose)
            throw AuthorizationStore.signedOut
        }
    }

    /// Returns true if there was no sign-out since the sign-in began.
    private func isStanding(_ made: Waiting) -> Bool {
        tokens.grants.folder.generation(of: made.purpose.holder) == made.generation
    }

    private func code(in query: String, for made: Waiting) throws(KeyFailure) -> String {
        do throws(AuthorizationFault) {
            let answer = try AuthorizationResponse(query: query)
            guard constantTimeEqual(Array(answer.state.utf8), Array(made.state.utf8)) else {
                throw AuthorizationFault.otherState
            }
            return try answer.code(from: made.client.issuer, isNamed: made.issuer.namesItself)
        } catch {
            throw KeyFailure(error.isAttack ? .foreign : .refused, "\(error)")
        }
    }

    private func exchange(
        _ code: String, for made: Waiting
    ) async throws(KeyFailure) -> AccessToken {
        let request = TokenRequest(
            code: code, verifier: made.verifier, redirect: made.redirect,
            resource: made.purpose.resource.text)
        switch try await tokens.endpoint.ask(
            request, as: made.client, given: made.secret, at: made.issuer)
        {
        case .granted(let token): return token
        case .refused(let code):
            throw KeyFailure(.refused, "the issuer gives no token for the code: \(code)")
        }
    }
}
