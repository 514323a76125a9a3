import InterlockCommandLine
import InterlockDeployment
import InterlockPolicyCommands
import InterlockSafetyCommands

extension Command {
    /// `interlock safety scan`, with the reader of policies of this program.
    static let safetyScan = Command.safetyScan { deployment throws(Failure) in
        try LoadedPolicy.loadWithLock(deployment.policy).snapshot
    }
}
