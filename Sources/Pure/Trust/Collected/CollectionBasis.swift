import InterlockJSON
package import InterlockModel

/// Everything other than its records by which the runs of a log are collected. A cache is of one basis.
package struct CollectionBasis: Sendable {
    /// SHA-256 of the program file: another version may count otherwise.
    package var program: Digest
    package var origin: String
    /// All agents of the policy, with the servers that it lets each one use.
    package var agents: [AgentName: Set<ServerName>]
    /// The agents whose runs have tasks.
    package var withTasks: Set<AgentName>
    package var criteria: TrustCriteria

    package init(
        program: Digest, origin: String, agents: [AgentName: Set<ServerName>],
        withTasks: Set<AgentName>, criteria: TrustCriteria
    ) {
        self.program = program
        self.origin = origin
        self.agents = agents
        self.withTasks = withTasks
        self.criteria = criteria
    }

    /// SHA-256 of the RFC 8785 form.
    ///
    /// - Returns: nil if a text has no canonical form.
    package func digest(hashing: any Hashing) -> Digest? {
        guard let bytes = try? json.canonical() else { return nil }
        return hashing.sha256(bytes)
    }

    private var json: JSONValue {
        let servers = JSONObject(
            distinct: agents.map { agent, used in
                (key: agent.text, value: .array(used.sorted().map { .string($0.text) }))
            })
        return [
            "program": .string(program.base64), "origin": .string(origin),
            "agents": .object(servers),
            "tasks": .array(withTasks.sorted().map { .string($0.text) }),
            "criteria": criteria.json,
        ]
    }
}
