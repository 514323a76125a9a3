import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy

extension LocalAPI {
    /// What every agent, or one, has taken of its limits, by agent and limit.
    ///
    /// - Throws: 404 for an agent that the policy does not have.
    func limits(of name: String?) throws(LocalRefusal) -> JSONValue {
        let policy = gateway.policy.snapshot
        let agents: [AgentName]
        if let name {
            guard let agent = AgentName(name), policy.agents[agent] != nil else {
                throw LocalRefusal(404, "the policy has no agent `\(name)`")
            }
            agents = [agent]
        } else {
            agents = policy.agents.keys.sorted { $0.text < $1.text }
        }
        return .array(agents.flatMap { lines(of: $0, policy) })
    }

    private func lines(of agent: AgentName, _ policy: PolicySnapshot) -> [JSONValue] {
        gateway.limitStandings(of: agent, under: policy).map { limit in
            [
                "agent": .string(agent.text), "limit": .string(limit.use.key),
                "seconds": .integer(limit.use.seconds), "taken": .integer(limit.taken),
                "most": .integer(limit.most), "stated": .integer(limit.use.stated),
            ]
        }
    }
}
