import InterlockJSON
package import InterlockModel
package import InterlockPolicy

extension PolicySnapshot {
    /// The digest of the tools part of an agent's fingerprint: SHA-256 of the RFC 8785 form of
    /// `{"servers": {NAME: entry}, "tools": ["server.tool@sha256:...", ...]}`, with every tool, resource and prompt that
    /// a scope of the agent names, and the reviewed identity and instructions of their servers. What the lock does not
    /// have is `unpinned`.
    ///
    /// - Returns: nil if the policy does not contain the agent, or the entries have no canonical form.
    package func toolsDigest(of agent: AgentName, hashing: any Hashing) -> Digest? {
        guard agents[agent] != nil else { return nil }
        let tools = scopedTools(of: agent)
        var servers: [(key: String, value: JSONValue)] = []
        for name in Set(tools.map(\.server)).sorted() {
            servers.append((key: name.text, value: lock?.servers[name]?.entry ?? .null))
        }
        let pinned = tools.map { tool in
            JSONValue.string("\(tool)@\(lock?.pin(of: tool)?.prefixed ?? "unpinned")")
        }
        let value: JSONValue = [
            "servers": .object(JSONObject(distinct: servers)), "tools": .array(pinned),
        ]
        guard let bytes = try? value.canonical() else { return nil }
        return hashing.sha256(bytes)
    }
}
