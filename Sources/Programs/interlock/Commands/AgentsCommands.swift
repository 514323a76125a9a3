import InterlockConfiguration
import InterlockJSON
import InterlockModel

extension Command {
    static let agentsToken = Command(
        "agents token AGENT", "mint a token for an agent's run",
        options: [
            .directory, .json,
            Option("--ttl DURATION", "how long it is valid, 1m to 31d (default: 1h)"),
            Option("--run RUN", "the run it belongs to (default: a new one)"),
            Option("--purpose TEXT", "what the run is for; required of agents at tier high"),
            Option("--on-behalf-of EMAIL", "the person for whom the agent acts"),
            Option("--server SERVER", "for tools of this server at most", isRepeatable: true),
            Option("--tool SERVER.TOOL", "for this tool at most", isRepeatable: true),
        ],
        exits: [.data, .notFound, .unavailable, .notPermitted],
        notes:
            "The token is shown once and kept nowhere. Give it to the agent in INTERLOCK_TOKEN, never as an argument."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let lifetime = invocation["ttl"] ?? "1h"
        guard let seconds = secondsOf(lifetime) else {
            throw Failure(.usage, "`\(lifetime)` is no duration", help: "write 30m, 1h or 7d")
        }
        var body: JSONObject = [
            "agent": .string(invocation.positional[0]), "ttl_s": .integer(Int64(seconds)),
        ]
        body["run"] = invocation["run"].map(JSONValue.string)
        body["purpose"] = invocation["purpose"].map(JSONValue.string)
        body["on_behalf_of"] = invocation["on-behalf-of"].map(JSONValue.string)
        for (option, key) in [("server", "servers"), ("tool", "tools")] where invocation.has(option)
        { body[key] = .array(invocation.all(option).map(JSONValue.string)) }
        let answer = try GatewayClient(deployment).post("/v1/tokens", .object(body))
        if invocation.has("json") {
            Output.json(answer)
        } else {
            Output.line(answer["token"]?.string ?? "")
        }
        return .ok
    }

    static let agentsList = Command(
        "agents list", "list the registered agents",
        options: [.directory, .json],
        exits: [.unavailable]
    ) { invocation in
        let answer = try GatewayClient(try Deployment.open(invocation)).get("/v1/agents")
        for agent in answer["agents"]?.array ?? [] {
            if invocation.has("json") {
                Output.json(agent)
                continue
            }
            func text(_ key: String) -> String { agent[key]?.string ?? "-" }
            Output.line(
                "\(text("agent").padded(to: 24)) \(text("tier").padded(to: 7)) \(text("stage").padded(to: 11)) "
                    + "\(text("review_by")) \(text("owner"))")
        }
        return .ok
    }
}
