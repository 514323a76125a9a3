import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicyCommands
import InterlockPorts
import InterlockStatusCommands
import InterlockStore

extension Command {
    static let status = Command(
        "status [AGENT]", "what runs and what is not sound; with AGENT, the three questions",
        example: "interlock status refunds",
        options: [
            .directory, Option("--org", "the three questions over all agents, the worst first"),
            Option("--since TIME", "the activity since this time [default: 30d]"),
            Option("--sources", "the place in the policy and the leaf hash behind each line"),
            .json,
        ],
        exits: [.no, .notFound, .unavailable],
        notes: """
            What is AGENT allowed to do, how is that enforced, what did it actually do. What cannot be determined is \
            printed as `unknown`, exit 1.
            """
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let client = GatewayClient(deployment)
        if invocation.has("org") {
            guard invocation.positional.isEmpty else {
                throw Failure(.usage, "`--org` takes no AGENT", help: "pass AGENT or `--org`")
            }
            var answers: [JSONValue] = []
            for row in try client.get("/v1/agents").rows("agents") {
                guard let agent = row["agent"]?.string.flatMap({ AgentName($0) }) else { continue }
                answers.append(try answer(on: agent, client, invocation))
            }
            let screen = OrgScreen(
                answers, readiness: try client.get("/v1/readiness"),
                exceptions: try client.get("/v1/stage-exceptions").rows("exceptions"))
            invocation.print(screen.json, screen.lines.joined(separator: "\n"))
            return screen.unknown.isEmpty ? .ok : .no
        }
        guard !invocation.positional.isEmpty else {
            guard var status = try client.get("/v1/status").object else { return .internalError }
            status["elevations"] = try client.get("/v1/elevations")["elevations"]
            status["stage_exceptions"] = try client.get("/v1/stage-exceptions")["exceptions"]
            status["user"] = GatewayUser(of: deployment)?.json
            return invocation.print(.object(status), GatewayStatusText(.object(status)).text)
        }
        let found = try answer(on: try invocation.agentArgument(), client, invocation)
        let screen = AgentScreen(found, showsSources: invocation.has("sources"))
        var object = found.object ?? [:]
        object["unknown"] = .array(screen.unknown.map(JSONValue.string))
        object["stopped"] = .array(screen.stops.map(JSONValue.string))
        let details = AgentStatusText(.object(object)).text
        invocation.print(
            .object(object), (screen.lines + ["", details]).joined(separator: "\n"))
        return screen.unknown.isEmpty ? .ok : .no
    }
}

/// The answer of the gateway about an agent, with its activity as `did` and its readiness as `readiness`.
private func answer(
    on agent: AgentName, _ client: GatewayClient, _ invocation: Invocation
) throws -> JSONValue {
    var answer = try client.get("/v1/status/\(agent)").object ?? [:]
    let now = SystemClock().now.wall
    answer["did"] = try AgentActivity(
        of: agent, since: time(invocation["since"] ?? "30d", before: now),
        writes: AgentScreen(.object(answer)).writes, AuditLog(invocation)
    ).json
    answer["readiness"] = try client.get("/v1/agents/\(agent.text)/readiness")
    return .object(answer)
}
