package import InterlockModel

/// The agents of a policy, in the forms in which people look for them.
package struct AgentRoster: Sendable {
    /// All agents, sorted by name.
    package let all: [AgentEntry]
    private let owned: [Person: Set<AgentName>]

    init(_ agents: some Collection<AgentEntry>) {
        all = agents.sorted { $0.name < $1.name }
        var owned: [Person: Set<AgentName>] = [:]
        for agent in all {
            if let owner = agent.owner { owned[owner, default: []].insert(agent.name) }
        }
        self.owned = owned
    }

    /// The agents that this person owns.
    package func agents(of owner: Person) -> Set<AgentName> { owned[owner] ?? [] }
}
