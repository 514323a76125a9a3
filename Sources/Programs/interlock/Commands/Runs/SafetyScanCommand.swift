import InterlockCommandLine
import InterlockDeployment
import InterlockPolicyCommands
import InterlockRunning
import InterlockSafetyCommands

extension Command {
    /// `interlock safety test`, with the reader of policies of this program.
    static let safetyTest = Command.safetyTest(
        loading: { deployment throws(Failure) in
            try LoadedPolicy.loadWithLock(deployment.policy).snapshot
        })

    /// `interlock safety scan`, with the reader of policies of this program and its sandbox.
    static let safetyScan = Command.safetyScan(
        loading: { deployment throws(Failure) in
            try LoadedPolicy.loadWithLock(deployment.policy).snapshot
        },
        reading: { project throws(Failure) in try SandboxedObjectReader(project) })
}
