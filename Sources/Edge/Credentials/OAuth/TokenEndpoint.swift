import InterlockMCP
import InterlockModel

/// Requests in which a client authenticates to its issuer: for tokens, and to revoke them.
struct TokenEndpoint: Sendable {
    let secrets: SecretProvider
    let clock: any Clock
    let entropy: any Entropy
    let fetch: OAuthFetch

    /// - Parameter given: the secret that registration issued; nil for the configured one.
    /// - Throws: `refused` if the issuer does not accept the authentication method, `io` for an outage, `late`,
    ///   `malformed`.
    func ask(
        _ request: TokenRequest, as client: OAuthClient, given: String? = nil,
        at issuer: IssuerMetadata
    ) async throws(KeyFailure) -> TokenResponse {
        let reply = try await send(
            request, to: issuer.tokenEndpoint, as: client, given: given, at: issuer)
        guard reply.status < 500 else {
            throw KeyFailure(.io, "the issuer answered with status \(reply.status)")
        }
        do throws(MetadataFault) {
            return try TokenResponse(status: reply.status, reply.body)
        } catch {
            throw KeyFailure(.malformed, "the issuer's answer does not count: \(error)")
        }
    }

    func send(
        _ request: TokenRequest, to url: String, as client: OAuthClient, given: String?,
        at issuer: IssuerMetadata
    ) async throws(KeyFailure) -> OAuthResponse {
        guard issuer.takes(method: client.method.rawValue) else {
            throw KeyFailure(.refused, "the issuer does not take `\(client.method.rawValue)`")
        }
        var request = request
        try await prove(client, given, at: issuer, in: &request)
        let message = OAuthMessage(
            url: url, form: request.form, authorization: request.authorization)
        return try await fetch(message).get()
    }

    private func prove(
        _ client: OAuthClient, _ given: String?, at issuer: IssuerMetadata,
        in request: inout TokenRequest
    ) async throws(KeyFailure) {
        switch client.method {
        case .none: request.name(client)
        case .basic, .post:
            if let given { return request.prove(client, secret: given) }
            request.prove(client, secret: try await secrets.secret(named: try name(client)))
        case .assertion:
            let key = try await key(of: client)
            guard issuer.takes(algorithm: key.algorithm.rawValue) else {
                throw KeyFailure(
                    .refused, "the issuer takes no assertions by \(key.algorithm.rawValue)")
            }
            request.prove(
                client,
                assertion: try key.assertion(of: client, now: clock.wall, entropy: entropy))
        }
    }

    private func key(of client: OAuthClient) async throws(KeyFailure) -> AssertionKey {
        let name = try name(client)
        let pem = try await secrets.material(named: name)
        do throws(KeyFailure) { return try AssertionKey(pem: pem) } catch {
            // The reason contains the advice, because its readers do not see `help`.
            let help = error.help.map { "; \($0)" } ?? ""
            throw KeyFailure(error.code, "secret `\(name)`: \(error.reason)\(help)")
        }
    }

    private func name(_ client: OAuthClient) throws(KeyFailure) -> String {
        guard let name = client.secret else {
            throw KeyFailure(.missing, "the client `\(client.id)` has no secret")
        }
        return name
    }
}

extension AccessToken {
    private static let usualLife = Duration.seconds(300)
    private static let longestLife = Duration.seconds(86_400)
    /// The margin before the expiry in which a token is no longer used; at most a tenth of its lifetime.
    private static let skew = Duration.seconds(30)

    /// The time for which the token is used.
    var useful: Duration {
        let life = min(lifetime ?? Self.usualLife, Self.longestLife)
        return life - min(Self.skew, life / 10)
    }
}
