import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockPolicyCommands
import InterlockRunning

extension Command {
    /// `interlock run`, with the reader of policies and the sources of secrets of this program.
    static let runAgent = Command.running(
        loading: { deployment, path throws(Failure) in
            try LoadedPolicy.loadWithLock(path ?? deployment.policy).snapshot
        }, broker: { deployment throws(Failure) in try SecretProvider(deployment) })
}
