import InterlockJSON
import InterlockModel

extension Command {
    static let limits = Command(
        "limits [AGENT]", "show what agents have taken of their limits",
        options: [.directory, .json],
        exits: [.notFound, .unavailable],
        notes: """
            Of each limit: what was taken in the window that ends now and what is set aside for calls under way or
            waiting for people, how much there is at the agent's trust stage, and how much the policy states.
            A limit is no command's to change: edit the policy, or ask for an elevation.
            """
    ) { invocation in
        let gateway = GatewayClient(try Deployment.open(invocation))
        let agent = try invocation.positional.first.map { text throws(Failure) in
            guard AgentName(text) != nil else {
                throw Failure(.notFound, "`\(TerminalEscaping.shown(text))` is no name of an agent")
            }
            return "?agent=\(text)"
        }
        let lines = try gateway.rows("/v1/limits\(agent ?? "")", "agents").flatMap { agent in
            (agent["limits"]?.array ?? []).map { limit in
                var line: JSONObject = ["agent": agent["agent"] ?? .null]
                for (name, value) in limit.object?.members ?? [] { line[name] = value }
                return JSONValue.object(line)
            }
        }
        if invocation.has("json") {
            for line in lines { Output.json(line) }
            return .ok
        }
        for line in lines {
            func number(_ name: String) -> Int64 { line[name]?.integer ?? 0 }
            let taken = line["taken"]?.integer.map(String.init) ?? "-"
            let (most, stated) = (number("most"), number("stated"))
            let share = most == stated ? "" : " (of \(stated))"
            Output.line(
                "\(line["agent"]?.string ?? "")  \(line["limit"]?.string ?? "")  "
                    + "\(taken)/\(most)\(share) in \(number("seconds")) s")
        }
        return .ok
    }
}
