import InterlockModel

/// Whom a place of the policy is about, such as `agents.refunds.limits`.
enum PolicyPath: Equatable {
    case nobody
    case agent(AgentName)
    /// An agent whose name none can be.
    case unreadable

    static func agent(in path: String) -> PolicyPath {
        let parts = path.split(separator: ".", maxSplits: 2)
        guard parts.count > 1, parts[0] == "agents" else { return .nobody }
        // A place in a list is written behind the name.
        let name = parts[1].prefix { $0 != "[" }
        return AgentName(String(name)).map(PolicyPath.agent) ?? .unreadable
    }
}
