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
            Option("--fingerprint FILE", "list of prompt files, skills and models"),
            Option("--base GITREF", "only agents that differ from this revision of the repository"),
            Option("--submit FILE", "hand a signed result to the running gateway"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes: """
            Without AGENT, every agent of the policy. The results are those in `suites/AGENT/results`; one counts if a key \
            of `eval.signers` signed it, it passed, it is fresh, and it is of the current fingerprint and suite. Exit 1: an \
            agent above stage observe has none, with the reason and the command to run. With --base, only agents whose fingerprint or suite \
            differs from that of GITREF, with the parts that differ, and removed agents; a key counts if the policy of GITREF lists it too. Git reads the repository of the current folder and \
            starts nothing of it. With --submit, the gateway verifies the result and \
            records it before it counts; exit 1: it refuses the agent nevertheless.
            """
    ) { invocation in
        if let path = invocation["submit"] { return try ResultSubmission.run(path, invocation) }
        let input = try EvalInput(invocation)
        let manifest = invocation["fingerprint"]
        let base = try invocation["base"].map { (name) throws(Failure) -> BaseRevision in
            guard manifest == nil, !invocation.has("lock") else {
                throw Failure(
                    .usage, "`--base` takes neither `--fingerprint` nor `--lock`",
                    help: "the files of the revision are those beside the policy and of the suites")
            }
            return try BaseRevision(name, input)
        }
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
        var same = 0
        for agent in agents {
            let check = try GateCheck(agent, input, manifest: manifest, base: base)
            if let base {
                let found = try base.difference(of: agent, check.parts, suite: check.suite)
                guard !found.isNone else {
                    same += 1
                    continue
                }
                invocation.print(check.jsonBeside(found), check.lineBeside(found, of: base.name))
            } else {
                invocation.print(check.json, check.line)
            }
            if !check.passes { exit = .no }
        }
        if let base, invocation.positional.isEmpty {
            let gone = base.agents.filter { input.policy.agents[$0] == nil }
            for agent in gone {
                invocation.print(
                    ["agent": .string(agent.text), "removed": true],
                    "\(agent): removed, \(TerminalEscaping.shown(base.name)) has it")
            }
            // A policy without agents, as behind a link, is no policy of which each has a result.
            if agents.isEmpty, !gone.isEmpty { exit = .no }
        }
        if let base, !invocation.isJSON {
            Output.line(
                "\(same) of \(agents.count) agents are as in \(TerminalEscaping.shown(base.name))")
        }
        return exit
    }
}

extension GateCheck {
    /// The answer about an agent that differs from another revision.
    fileprivate func lineBeside(_ found: BaseRevision.Difference, of revision: String) -> String {
        let name = TerminalEscaping.shown(revision)
        let text =
            found.note.map { "\(name) \($0)" }
            ?? "differs from \(name): " + found.parts.joined(separator: ", ")
        return line + "\n  note: " + text
    }

    fileprivate func jsonBeside(_ found: BaseRevision.Difference) -> JSONValue {
        var object = json.object ?? JSONObject()
        let note: JSONValue = found.note.map { .string($0) } ?? .null
        object["differs"] = .strings(found.parts)
        object["base_note"] = note
        return .object(object)
    }
}
