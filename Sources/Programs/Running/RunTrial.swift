import Glibc
package import InterlockCommandLine
package import InterlockDeployment
import InterlockEgress
package import InterlockModel
package import InterlockPolicy
import InterlockSandbox

/// Sandboxed runs that are made to see that they work and can be stopped.
package enum RunTrial {
    /// The agent plane of the gateway, as seen from inside a run.
    package static let gateway = "http://\(OwnRoute.authority)/mcp"

    /// True if `interlock run` can make its sandbox here, as this user; makes one that executes nothing.
    package static var isPossible: Bool {
        guard geteuid() != 0 else { return false }
        return SandboxTrial.failure(of: .own) == nil || SandboxTrial.failure(of: .bubblewrap) == nil
    }

    /// Runs the command of a drill's canary under the policy of the drill, and ends the process with its code.
    package static func canary(
        _ agent: AgentName, _ command: [String], of deployment: Deployment,
        under policy: PolicySnapshot
    ) -> Exit {
        var launch = RunLaunch(
            loading: { _, _ in policy },
            broker: { _ throws(Failure) in
                throw Failure(.data, "a canary of a drill gets no secrets")
            })
        let outcome = launch.run(RunOptions(canary: agent, command), in: deployment, under: policy)
        if let message = outcome.message { Output.error("interlock: " + message) }
        _exit(outcome.code)
    }
}
