import InterlockCommandLine
import InterlockDeployment
import InterlockPolicyCommands
import InterlockRunning
import InterlockSafetyCommands
import InterlockScanning

extension Command {
    /// `interlock safety test`, with the reader of policies of this program.
    static let safetyTest = Command.safetyTest(
        loading: { deployment throws(Failure) in
            try LoadedPolicy.loadWithLock(deployment.policy).snapshot
        },
        rules: { deployment throws(Failure) in
            try SafetyRuleFiles.compiled(beside: deployment.policy).set
        })

    /// `interlock safety scan`, with the reader of policies of this program and its sandbox.
    static let safetyScan = Command.safetyScan(
        loading: { deployment throws(Failure) in
            try LoadedPolicy.loadWithLock(deployment.policy).snapshot
        },
        reading: { project throws(Failure) in try SandboxedObjectReader(project) })
}
