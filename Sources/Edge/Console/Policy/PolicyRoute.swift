import InterlockModel

/// The pages of the policy.
enum PolicyRoute: Equatable {
    case overview
    case rules
    case agents
    case agent(AgentName)
    case proposed

    /// - Parameter parts: the path components after `/policy`.
    init?(_ parts: ArraySlice<String>) {
        switch Array(parts) {
        case []: self = .overview
        case ["rules"]: self = .rules
        case ["agents"]: self = .agents
        case ["proposed"]: self = .proposed
        default:
            guard parts.count == 2, parts.first == "agents",
                let name = parts.last.flatMap({ AgentName($0) })
            else { return nil }
            self = .agent(name)
        }
    }

    var link: Link {
        switch self {
        case .overview: Link("policy")
        case .rules: Link("policy", "rules")
        case .agents: Link("policy", "agents")
        case .agent(let name): Link("policy", "agents", name.text)
        case .proposed: Link("policy", "proposed")
        }
    }
}
