import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockModel
import InterlockPorts
import InterlockSandbox
import InterlockTransport
import Synchronization

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
        let sources = SecretSources(
            credentials: environment("CREDENTIALS_DIRECTORY"),
            environmentPrefix: settings.environmentPrefix, directory: deployment.secrets,
            commands: settings.commands)
        provider = SecretProvider(
            sources, command: try Self.command(deployment, within: settings.commandTime))
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

    /// Runs programs that print secrets. They have this user's access, except to the files of this deployment.
    private static func command(
        _ deployment: Deployment, within time: Duration
    ) throws(Failure) -> SecretCommand {
        let kept = try deployment.hidden()
        let made = Mutex<SandboxLauncher?>(nil)
        return { argv, limit in
            let launcher: SandboxLauncher
            do throws(LaunchFailure) {
                launcher = try made.withLock { made throws(LaunchFailure) in
                    if let known = made { return known }
                    let new = try SandboxLauncher(
                        SandboxConfiguration(
                            launcher: try HostPaths.launcherBesideProgram(), kept: kept,
                            covered: []))
                    made = new
                    return new
                }
            } catch { return .failure(KeyFailure(.io, error.reason)) }
            var variables = [("PATH", "/usr/local/bin:/usr/bin:/bin"), ("LANG", "C.UTF-8")]
            if let home = environment("HOME") { variables.append(("HOME", home)) }
            return await launcher.output(
                of: argv, environment: variables, within: time, limit: limit
            ).mapError { failure in
                switch failure {
                case .launch(let reason): KeyFailure(.io, reason)
                case .late: KeyFailure(.late, "its program did not end in time")
                case .tooLarge: KeyFailure(.malformed, "it is too large")
                case .exit(let code): KeyFailure(.io, "its program ended with \(code)")
                }
            }
        }
    }
}
