/// The target of a halt (docs/specs/kill-switch.md, section 2). The written form is a scope and a target.
package enum HaltTarget: Hashable, Sendable, CustomStringConvertible {
    /// The whole deployment.
    case org
    /// Every present and future agent of that owner.
    case owner(Pseudonym)
    case agent(AgentName)
    case server(ServerName)
    case tool(ToolAddress)
    case run(RunID)
    /// The canaries of drills and their servers, whose names no policy can use. Only orders of the sub-organisation of
    /// drills have it (section 10).
    case drill

    /// The scopes that people can halt.
    package static let scopes = ["org", "owner", "agent", "server", "tool", "run"]
    package static let allScopes = scopes + ["drill"]

    /// True if the halt stops callers, false if it stops only the server or tool that is called.
    package var stopsCallers: Bool {
        switch self {
        case .org, .owner, .agent, .run, .drill: true
        case .server, .tool: false
        }
    }

    package var scope: String {
        switch self {
        case .org: "org"
        case .owner: "owner"
        case .agent: "agent"
        case .server: "server"
        case .tool: "tool"
        case .run: "run"
        case .drill: "drill"
        }
    }

    /// The written target: `*` (of the organisation and of drills), a pseudonym, a name, `server.tool` or an id.
    package var target: String {
        switch self {
        case .org: "*"
        case .owner(let pseudonym): pseudonym.text
        case .agent(let agent): agent.text
        case .server(let server): server.text
        case .tool(let tool): tool.description
        case .run(let run): run.text
        case .drill: "*"
        }
    }

    package var description: String { "\(scope) \(target)" }

    package init?(scope: String, target: String) {
        let parsed: HaltTarget?
        switch scope {
        case "org": parsed = target == "*" ? .org : nil
        case "owner": parsed = Pseudonym(written: target).map(HaltTarget.owner)
        case "agent": parsed = AgentName(target).map(HaltTarget.agent)
        case "server": parsed = ServerName(target).map(HaltTarget.server)
        case "tool": parsed = ToolAddress(dotted: target).map(HaltTarget.tool)
        case "run": parsed = RunID(target).map(HaltTarget.run)
        case "drill": parsed = target == "*" ? .drill : nil
        default: parsed = nil
        }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Returns true if one call can match both targets. The agent of a run is not known here, so the scopes that name
    /// callers overlap with each other unless both have the same scope and differ. Canaries are the drill's alone, so
    /// their halts overlap with no other.
    package func mayOverlap(_ other: HaltTarget) -> Bool {
        switch (self, other) {
        case (.drill, .drill): true
        case (.drill, _), (_, .drill): false
        case (.org, _), (_, .org): true
        case (.owner(let a), .owner(let b)): a == b
        case (.agent(let a), .agent(let b)): a == b
        case (.run(let a), .run(let b)): a == b
        case (.server(let a), .server(let b)): a == b
        case (.tool(let a), .tool(let b)): a == b
        case (.server(let server), .tool(let tool)), (.tool(let tool), .server(let server)):
            server == tool.server
        case (.owner, _), (_, .owner), (.agent, _), (_, .agent), (.run, _), (_, .run): true
        }
    }
}

extension ToolAddress {
    /// Parses `server.tool` or `server.resource:name`, split at the first dot because a server name contains none.
    package init?(dotted text: String) {
        guard let dot = text.firstIndex(of: "."), let server = ServerName(String(text[..<dot])),
            let tool = ToolName(item: String(text[text.index(after: dot)...]))
        else { return nil }
        self.init(server: server, tool: tool)
    }
}
