import Glibc
package import InterlockCommandLine
package import InterlockCredentials
package import InterlockDeployment
import InterlockModel
package import InterlockPolicy

extension Command {
    /// - Parameters:
    ///   - loading: reads and compiles the policy of a deployment, or one at another path.
    ///   - broker: the sources of a deployment's secrets.
    package static func running(
        loading: @escaping @Sendable (Deployment, String?) throws(Failure) -> PolicySnapshot,
        broker: @escaping @Sendable (Deployment) throws(Failure) -> SecretProvider
    ) -> Command {
        Command(
            "run [AGENT] [CMD...]", "run an agent's command in its sandbox",
            example: "interlock run code-fix --workspace ~/project -- python3 fix.py",
            options: [
                .directory,
                Option("--workspace DIR", "the project (default: the current folder)"),
                Option(
                    "--purpose TEXT",
                    "what the run is for, or a task of the policy; required at tier high"),
                Option("--request TEXT", "the user's request"),
                Option("--kind KIND", "task, exploratory or eval (default: task)"),
                Option(
                    "--isolation LEVEL", "full, reduced or none; never below the policy's minimum"),
                Option("--backend NAME", "auto, own or bwrap: what makes the namespaces"),
                Option("--wall TIME", "end the run after this time, such as 10m"),
                Option(
                    "--secret NAME", "give only these of the policy's secrets", isRepeatable: true),
                Option(
                    "--on-exit WHAT", "what becomes of changes: keep, discard, or ask, which keeps"),
                Option(
                    "--resume-deferred",
                    "of `claude -p`: wait for people after a call that they must approve, and resume"
                ),
                Option("--policy PATH", "compile this policy; only a dry run may use another one"),
                Option(
                    "--allow HOST:PORT", "reach this host too, if the policy lets flags widen it",
                    isRepeatable: true),
                Option(
                    "--read PATH", "show this path too, if the policy lets flags widen it",
                    isRepeatable: true),
                Option("--i-know", "confirm what --isolation none means"),
                Option("--check", "say what this machine offers to a sandbox, and run nothing"),
                Option("--dry-run", "print the steps of the sandbox, and start nothing"),
                Option("--json", "end standard error with one JSON object"),
            ],
            exits: [.data, .unavailable, .notPermitted],
            notes: """
                Otherwise the exit code is the command's own, or 128 and the signal that ended it. Of interlock itself: 69 the \
                log is not available; 70 isolation or a part of the policy is not available; 71 the sandbox cannot be set up; \
                77 the launch is refused; 124 the time is over; 126 and 127 the command cannot be executed, is not found; 137 \
                killed. An agent may return the same codes: `source` of --json tells them apart. Root is refused with 64.
                """
        ) { invocation in
            guard geteuid() != 0 else {
                return finish(
                    RunOutcome(
                        RunExit.usage, .interlock, "root", "`interlock run` is not for root",
                        help: "run it as the user of the gateway"), RunReport(), invocation)
            }
            if invocation.has("check") { return RunCheck.run(invocation) }
            var launch = RunLaunch(loading: loading, broker: broker)
            let outcome = launch.run(invocation)
            return finish(outcome, launch.report, invocation)
        }
    }

    /// Prints the outcome and ends the process with its code.
    private static func finish(
        _ outcome: RunOutcome, _ report: RunReport, _ invocation: Invocation
    ) -> Exit {
        if let message = outcome.message { Output.error("interlock: " + message) }
        if let help = outcome.help { Output.error("help: " + help) }
        if invocation.isJSON { Output.error(report.json(outcome).json) }
        // Exit handlers of libraries are not run, as with every other command.
        _exit(outcome.code)
    }
}
