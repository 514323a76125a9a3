import InterlockMCP
package import InterlockMarkup
package import InterlockModel

/// The pages of the policy.
package enum PolicyRoute: Equatable {
    case overview
    case matrix
    case cell(AgentName, ServerName)
    case rules
    /// A rule by its name, of any origin: the address stays valid while the policy has a rule of this name.
    case rule(String)
    case findings
    case agents
    case agent(AgentName)
    case proposed

    /// - Parameter parts: the path components after `/policy`.
    init?(_ parts: ArraySlice<String>) {
        switch Array(parts) {
        case []: self = .overview
        case ["matrix"]: self = .matrix
        case ["rules"]: self = .rules
        case ["findings"]: self = .findings
        case ["agents"]: self = .agents
        case ["proposed"]: self = .proposed
        default:
            guard let route = Self.single(Array(parts)) else { return nil }
            self = route
        }
    }

    private static func single(_ parts: [String]) -> PolicyRoute? {
        switch (parts.first, parts.count) {
        case ("agents", 2): return AgentName(parts[1]).map(PolicyRoute.agent)
        case ("rules", 2):
            guard let name = FormFields.decoded(parts[1]), !name.isEmpty else { return nil }
            return .rule(name)
        case ("matrix", 3):
            guard let agent = AgentName(parts[1]), let server = ServerName(parts[2]) else {
                return nil
            }
            return .cell(agent, server)
        default: return nil
        }
    }

    package var link: Link {
        switch self {
        case .overview: Link("policy")
        case .matrix: Link("policy", "matrix")
        case .cell(let agent, let server): Link("policy", "matrix", agent.text, server.text)
        case .rules: Link("policy", "rules")
        case .rule(let name): Link("policy", "rules", name)
        case .findings: Link("policy", "findings")
        case .agents: Link("policy", "agents")
        case .agent(let name): Link("policy", "agents", name.text)
        case .proposed: Link("policy", "proposed")
        }
    }
}
