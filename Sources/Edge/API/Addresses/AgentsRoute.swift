package import InterlockMarkup
package import InterlockModel

/// The pages of agents.
package enum AgentsRoute: Equatable {
    case list
    case detail(AgentName)
    /// The governance reviews of all agents.
    case reviews
    case review(ReviewRoute)

    init?(_ parts: [String]) {
        guard parts.first == "agents" else { return nil }
        switch parts.count {
        case 1: self = .list
        case 2:
            guard let agent = AgentName(parts[1]) else { return nil }
            self = .detail(agent)
        default:
            if parts == ["agents", "reviews", "due"] {
                self = .reviews
                return
            }
            guard let route = ReviewRoute(parts) else { return nil }
            self = .review(route)
        }
    }

    var isDeed: Bool { if case .review(let route) = self { route.isDeed } else { false } }
    var isFile: Bool { if case .review(let route) = self { route.isFile } else { false } }

    package var link: Link {
        switch self {
        case .list: Link("agents")
        case .detail(let agent): Link("agents", agent.text)
        case .reviews: Link("agents", "reviews", "due")
        case .review(let route): route.link
        }
    }
}
