import InterlockCommandLine
import InterlockDeployment
import InterlockRunning

extension Command {
    /// `interlock run`, with the reader of policies of this program.
    static let runAgent = Command.running { deployment throws(Failure) in
        try LoadedPolicy.loadWithLock(deployment.policy).snapshot
    }
}
