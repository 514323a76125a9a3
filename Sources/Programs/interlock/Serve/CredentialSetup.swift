import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockTransport

extension CredentialSources {
    /// - Parameters: see `ClientTokens`.
    init(
        _ deployment: Deployment, loops: LoopGroup,
        issuerChanged: @escaping @Sendable (ServerName) -> Void,
        refreshRefused: @escaping @Sendable (ServerName) -> Void
    ) throws(Failure) {
        let settings = deployment.configuration.secrets
        clock = SystemClock()
        clients = settings.oauth
        life = settings.refresh
        provider = try SecretProvider(deployment)
        let fetcher = try DocumentFetcher(deployment, loops: loops)
        let fetch: OAuthFetch = { await Self.send($0, by: fetcher) }
        tokens = ClientTokens(
            secrets: provider, grants: AuthorizationStore(deployment.grants), clock: clock,
            entropy: SystemEntropy(), fetch: fetch, issuerChanged: issuerChanged,
            refreshRefused: refreshRefused)
        signIns = AuthorizationCodeFlow(
            tokens, entropy: SystemEntropy(), hashing: OpenSSLHashing(), fetch: fetch)
    }

    private static func send(
        _ message: OAuthMessage, by fetcher: DocumentFetcher
    ) async -> Result<OAuthResponse, KeyFailure> {
        await fetcher.send(
            message.url, accept: message.accept, form: message.form, json: message.json,
            authorization: message.authorization, isPublicOnly: message.isPublicOnly
        ).map {
            OAuthResponse(status: $0.head.status, body: $0.body, challenge: $0.head.challenge)
        }.mapError {
            KeyFailure(
                $0.kind == .hard || $0.kind == .idle ? .late : .io,
                "\(message.form == nil ? "metadata" : "a token") cannot be fetched: \($0.reason)")
        }
    }
}
