import InterlockCommandLine
import InterlockConfiguration
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockPolicyCommands

extension Command {
    static let agentsToken = Command(
        "agents token AGENT", "mint a token for an agent's run",
        example: "interlock agents token refunds --ttl 8h --purpose 'Ticket 5512'",
        options: [
            .directory, .json,
            Option("--ttl DURATION", "how long it is valid, 1m to 31d (default: 1h)"),
            Option("--run RUN", "the run it belongs to (default: a new one)"),
            Option(
                "--purpose TEXT",
                "what the run is for, or a task of the policy; required at tier high"),
            Option("--on-behalf-of EMAIL", "the person for whom the agent acts"),
            Option("--server SERVER", "for tools of this server at most", isRepeatable: true),
            Option("--tool SERVER.TOOL", "for this tool at most", isRepeatable: true),
        ],
        exits: [.data, .notFound, .unavailable, .notPermitted],
        notes:
            "The token is shown once and kept nowhere. Give it to the agent in INTERLOCK_TOKEN, never as an argument."
    ) { invocation in
        let gateway = try invocation.gateway()
        let lifetime = invocation["ttl"] ?? "1h"
        guard let seconds = secondsOf(lifetime) else {
            throw Failure(.usage, "`\(lifetime)` is no duration", help: "write 30m, 1h or 7d")
        }
        var body: JSONObject = [
            "agent": .string(invocation.positional[0]), "ttl_s": .count(seconds),
        ]
        for option in ["run", "purpose", "on-behalf-of"] {
            body[option == "on-behalf-of" ? "on_behalf_of" : option] = invocation.json(option)
        }
        for option in ["server", "tool"] where invocation.has(option) {
            body[option + "s"] = .strings(invocation.all(option))
        }
        let answer = try gateway.post("/v1/tokens", .object(body))
        return invocation.print(answer, answer["token"]?.string ?? "")
    }

    static let agentsList = Command(
        "agents list", "list the registered agents",
        example: "interlock agents list",
        options: [.directory, .json], exits: [.unavailable],
        run: listing(
            "/v1/agents", "agents", nothing: "there are no agents",
            Column("AGENT", "agent"), Column("TIER", "tier"), Column("STAGE", "stage"),
            Column("AUTONOMY") {
                $0.autonomy.map { "\($0.text), \($0.percent) % of limits" } ?? ""
            },
            Column("REVIEW BY", "review_by"), Column("OWNER", "owner")))

    static let agentsExport = Command(
        "agents export",
        "print each agent with its owner, scopes and credentials, for other registries",
        example: "interlock agents export",
        options: [.directory], exits: [.unavailable],
        notes: """
            One JSON object per line and agent. `scopes` are the tools that it is shown now, with elevations in
            force; `credentials` are the names at the provider and their last days, never values.
            """
    ) { invocation in
        for agent in try invocation.gateway().get("/v1/registry").rows("agents") {
            Output.json(agent)
        }
        return .ok
    }

    static let limits = Command(
        "limits [AGENT]", "show what agents have taken of their limits",
        example: "interlock limits refunds",
        options: [.directory, .json], exits: [.notFound, .unavailable],
        notes: """
            Of each limit: what was taken in the window that ends now and what is set aside for calls under way or
            waiting for people, how much there is at the agent's trust stage, and how much the policy states.
            A limit is no command's to change: edit the policy, or ask for an elevation.
            """
    ) { invocation in
        let gateway = try invocation.gateway()
        let agent = try invocation.positional.isEmpty ? "" : "?agent=\(invocation.agentArgument())"
        let lines = try gateway.rows("/v1/limits\(agent)", "agents").flatMap { agent in
            agent.rows("limits").map { limit in
                var line: JSONObject = ["agent": agent["agent"] ?? .null]
                for (name, value) in limit.object?.members ?? [] { line[name] = value }
                return JSONValue.object(line)
            }
        }
        return invocation.print(
            table: lines,
            [
                Column("AGENT", "agent"), Column("LIMIT", "limit"), Column("USED", used),
                Column("WINDOW") { "in \($0.number("seconds")) s" },
            ], nothing: "there are no limits")
    }
}

/// The use of a limit, such as `3/10`, with the limit that the policy states if it is another one.
@Sendable private func used(_ limit: JSONValue) -> String {
    let taken = limit["taken"]?.integer.map(String.init) ?? "-"
    let (most, stated) = (limit.number("most"), limit.number("stated"))
    return "\(taken)/\(most)" + (most == stated ? "" : " (of \(stated))")
}
