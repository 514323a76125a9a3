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
            .directory,
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
        guard !invocation.positional.isEmpty else {
            guard var status = try client.get("/v1/status").object else { return .internalError }
            status["elevations"] = try client.get("/v1/elevations")["elevations"]
            status["user"] = GatewayUser(of: deployment)?.json
            return invocation.print(.object(status), GatewayStatusText(.object(status)).text)
        }
        let agent = try invocation.agentArgument()
        guard var answer = try client.get("/v1/status/\(agent)").object else {
            return .internalError
        }
        let now = SystemClock().now.wall
        answer["did"] = try AgentActivity(
            of: agent, since: time(invocation["since"] ?? "30d", before: now),
            writes: writes(.object(answer)), AuditLog(invocation)
        ).json
        answer["readiness"] = try client.get("/v1/agents/\(agent.text)/readiness")
        let screen = AgentScreen(.object(answer), showsSources: invocation.has("sources"))
        answer["unknown"] = .array(screen.unknown.map(JSONValue.string))
        let details = AgentStatusText(.object(answer)).text
        invocation.print(
            .object(answer), (screen.lines + ["", details]).joined(separator: "\n"))
        return screen.unknown.isEmpty ? .ok : .no
    }
}

/// The tools that do more than read, as records name them.
private func writes(_ status: JSONValue) -> [String] {
    status.rows("tools").filter { $0["class"]?.string != "read" }.compactMap { tool in
        guard let parts = tool["tool"]?.string.map({ $0.split(separator: ".", maxSplits: 1) }),
            parts.count == 2
        else { return nil }
        return "\(parts[0])__\(parts[1])"
    }
}
