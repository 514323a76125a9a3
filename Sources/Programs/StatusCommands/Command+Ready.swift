package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockTrust

extension Command {
    package static let ready = Command(
        "ready [AGENT]", "say whether an agent may be given more, check by check",
        example: "interlock ready refunds --for bounded",
        options: [
            .directory, Option("--org", "ask for the organisation as a whole"),
            Option("--for STAGE", "gated, assisted, bounded or full [default: the agent's own]"),
            .json,
        ],
        exits: [.no, .notFound, .unavailable],
        notes: """
            Asks the running gateway for each check that a promotion needs: ok, missing or unknown, with the command that \
            mends it. Exit 1: a check is missing or unknown.
            """
    ) { invocation in
        guard invocation.positional.isEmpty == invocation.has("org") else {
            throw Failure(
                .usage, invocation.has("org") ? "`--org` takes no AGENT" : "missing agent",
                help: "pass AGENT or `--org`")
        }
        var path = "/v1/readiness"
        if !invocation.has("org") {
            let agent = try invocation.agentArgument()
            path = "/v1/agents/\(agent.text)/readiness"
        }
        var query = ""
        if let word = invocation["for"] {
            guard let stage = AutonomyStage(name: word) else {
                throw Failure(
                    .usage, "unknown stage `\(TerminalEscaping.shown(word))`",
                    help: "stages: "
                        + AutonomyStage.allCases.map(\.name).joined(separator: ", "))
            }
            query = "?stage=\(stage.name)"
        }
        let answer = try GatewayClient(Deployment.open(invocation)).get(path + query)
        invocation.print(answer, ReadinessText(answer).lines.joined(separator: "\n"))
        return answer["ready"] == .bool(true) ? .ok : .no
    }
}
