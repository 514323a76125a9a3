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
        let percent = gateway.trust.stage(of: agent).quotaPercent
        let standing = gateway.limits.standing(
            policy.limits(of: agent).sorted { ($0.key, $0.seconds) < ($1.key, $1.seconds) },
            of: agent)
        return standing.map { use, taken in
            [
                "agent": .string(agent.text), "limit": .string(use.key),
                "seconds": .integer(use.seconds), "taken": .integer(taken),
                "most": .integer(use.most(percent)), "stated": .integer(use.stated),
            ]
        }
    }
}
