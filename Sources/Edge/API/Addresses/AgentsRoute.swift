package import InterlockMarkup
package import InterlockModel

/// The pages of agents.
package enum AgentsRoute: Equatable {
    case list
    case detail(AgentName)
    /// The governance reviews of all agents.
    case reviews
    case review(AgentName)

    init?(_ parts: [String]) {
        guard parts.first == "agents", parts.count <= 3 else { return nil }
        guard parts.count > 1 else {
            self = .list
            return
        }
        if parts == ["agents", "reviews", "due"] {
            self = .reviews
            return
        }
        guard let agent = AgentName(parts[1]) else { return nil }
        guard parts.count == 3 else {
            self = .detail(agent)
            return
        }
        guard parts[2] == "review" else { return nil }
        self = .review(agent)
    }

    package var link: Link {
        switch self {
        case .list: Link("agents")
        case .detail(let agent): Link("agents", agent.text)
        case .reviews: Link("agents", "reviews", "due")
        case .review(let agent): Link("agents", agent.text, "review")
        }
    }
}
