import InterlockCommandLine
import InterlockDeployment
import InterlockHookCommands
import InterlockPolicyCommands

extension Command {
    /// `interlock hook install`, with the reader of policies of this program.
    static let hookInstalls = Command.hookInstall(
        loading: { deployment, path throws(Failure) in
            try LoadedPolicy.loadWithLock(path ?? deployment.policy).snapshot
        })
}
