package import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands

extension Command {
    package static let evalGate = Command(
        "eval gate [AGENT]", "check that agents have a passing result",
        example: "interlock eval gate",
        options: EvalInput.options + [
            Option("--fingerprint FILE", "list of prompt files, skills and models")
        ],
        exits: [.no, .data, .notFound],
        notes: """
            Without AGENT, every agent of the policy. The results are those in `suites/AGENT/results`; one counts if a key \
            of `eval.signers` signed it, it passed, it is fresh, and it is of the current fingerprint and suite. Exit 1: an \
            agent has none, with the reason and the command to run.
            """
    ) { invocation in
        let input = try EvalInput(invocation)
        let manifest = invocation["fingerprint"]
        let agents: [AgentName]
        if let name = invocation.positional.first {
            agents = [try PolicyInput.agent(name, in: input.policy)]
        } else {
            guard manifest == nil else {
                throw Failure(
                    .usage, "`--fingerprint` is for one agent",
                    help: "interlock eval gate AGENT --fingerprint FILE")
            }
            agents = input.policy.agents.keys.sorted()
        }
        var exit = Exit.ok
        for agent in agents {
            let check = try GateCheck(agent, input, manifest: manifest)
            invocation.print(check.json, check.line)
            if check.fact != .passed { exit = .no }
        }
        return exit
    }
}
