import InterlockCommandLine
import InterlockDeployment
import InterlockPolicyCommands
import InterlockRunning

extension Command {
    /// `interlock run`, with the reader of policies of this program.
    static let runAgent = Command.running { deployment, path throws(Failure) in
        try LoadedPolicy.loadWithLock(path ?? deployment.policy).snapshot
    }
}
