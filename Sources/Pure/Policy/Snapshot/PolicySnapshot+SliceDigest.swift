import InterlockJSON
package import InterlockModel

extension PolicySnapshot {
    /// The identity of everything that can change the decisions of one agent, except for its stage and for
    /// elevations (docs/specs/policy.md, section 6.2): its entry, defaults, controls, tiers, the rules that
    /// concern it, the tools, its group. Two revisions with the same slice decide alike for the agent.
    ///
    /// - Returns: nil if the policy does not contain the agent.
    package func sliceDigest(of agent: AgentName, hashing: any Hashing) -> Digest? {
        sliceDigests(of: [agent], hashing: hashing)[agent]
    }

    /// The same for several agents, of which the policy may not contain some. What they share is written once, so that
    /// the cost of a large policy is not paid for each agent.
    package func sliceDigests(
        of agents: some Sequence<AgentName>, hashing: any Hashing
    ) -> [AgentName: Digest] {
        guard
            let policy = document.canonical(without: ["agents", "elevations", "tests"])?.object
        else { return [:] }
        let servers = (policy["servers"]?.object?.members ?? []).map { name, server in
            // The connection of a server decides nothing, and of its review only whether its content taints a run.
            var parts = (server.object?.members ?? []).filter {
                ["environment", "tools", "resources", "prompts", "data"].contains($0.key)
            }
            if let trust = server["reviewed"]?["trust"] {
                parts.append((key: "trust", value: trust))
            }
            return (key: name, value: JSONValue.object(JSONObject(distinct: parts)))
        }
        let shared = JSONValue.object(JSONObject(distinct: servers))
        let specs = Dictionary(
            document.agents.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var digests: [AgentName: Digest] = [:]
        for agent in agents {
            guard let spec = specs[agent] else { continue }
            digests[agent] = slice(of: spec, policy, servers: shared).map { hashing.sha256($0) }
        }
        return digests
    }

    private func slice(
        of spec: AgentSpec, _ policy: JSONObject, servers: JSONValue
    ) -> [UInt8]? {
        let agent = spec.name
        guard let written = document.root["agents"]?[agent.text],
            var entry = canonicalTree(written, .record(PolicySchema.agent))?.object
        else { return nil }
        entry["stage"] = nil
        var tree: JSONObject = [
            "interlock": 1, "agent": .string(agent.text), "entry": .object(entry),
            "defaults": policy["defaults"] ?? .null, "controls": policy["controls"] ?? .null,
            "tiers": policy["tiers"] ?? .null,
            "servers": servers,
            "group": spec.approvers.flatMap { policy["approvals"]?[$0.value] } ?? .null,
            "effects": rules(policy["effects"], concerning: spec),
            "forbid": rules(policy["forbid"], concerning: spec),
        ]
        let tasks = (policy["tasks"]?.object?.members ?? []).filter {
            $0.value["agent"]?.string == agent.text
        }
        if !tasks.isEmpty { tree["tasks"] = .object(JSONObject(distinct: tasks)) }
        if let safety = policy["safety"] { tree["safety"] = safety }
        return try? JSONValue.object(tree).canonical()
    }

    private func rules(_ rules: JSONValue?, concerning agent: AgentSpec) -> JSONValue {
        .array(
            (rules?.array ?? []).filter { rule in
                let agents = rule["agents"]?.array ?? []
                let tiers = rule["tiers"]?.array ?? []
                return (agents.isEmpty || agents.contains(.string(agent.name.text)))
                    && (tiers.isEmpty || tiers.contains(.string(agent.effectiveTier.rawValue)))
            })
    }
}
