import InterlockMarkup
package import InterlockModel

/// The pages of agents.
package enum AgentsRoute: Equatable {
    case list
    case detail(AgentName)

    init?(_ parts: [String]) {
        guard parts.first == "agents", parts.count <= 2 else { return nil }
        guard parts.count == 2 else {
            self = .list
            return
        }
        guard let agent = AgentName(parts[1]) else { return nil }
        self = .detail(agent)
    }

    var link: Link {
        switch self {
        case .list: Link("agents")
        case .detail(let agent): Link("agents", agent.text)
        }
    }
}
