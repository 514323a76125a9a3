import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockModel
import InterlockPorts
import InterlockSandbox
import Synchronization

extension SecretProvider {
    /// The secrets of a deployment from each source of its configuration, for servers and for runs alike.
    init(_ deployment: Deployment) throws(Failure) {
        let settings = deployment.configuration.secrets
        let sources = SecretSources(
            credentials: environment("CREDENTIALS_DIRECTORY"),
            environmentPrefix: settings.environmentPrefix, directory: deployment.secrets,
            commands: settings.commands)
        self.init(
            sources, command: try Self.command(deployment, within: settings.commandTime))
    }

    /// Runs programs that print secrets. They have this user's access, except to the files of this deployment.
    private static func command(
        _ deployment: Deployment, within time: Duration
    ) throws(Failure) -> SecretCommand {
        let kept = try deployment.hidden()
        let made = Mutex<CommandLauncher?>(nil)
        return { argv, limit in
            let launcher: CommandLauncher
            do throws(LaunchFailure) {
                launcher = try made.withLock { made throws(LaunchFailure) in
                    if let known = made { return known }
                    let new = try CommandLauncher(
                        launcher: try HostPaths.launcherBesideProgram(), kept: kept)
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
