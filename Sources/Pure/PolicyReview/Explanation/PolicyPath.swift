import InterlockPolicy

/// Reads locations in a policy as findings and waivers write them, such as `agents.refunds.limits`.
package enum PolicyPath {
    /// Returns the name of the agent that the location belongs to, or nil if it belongs to no agent.
    package static func agent(of path: String) -> String? {
        let parts = path.split(separator: ".", maxSplits: 2)
        guard parts.count > 1, parts[0] == "agents" else { return nil }
        // The index of a list element may follow the name.
        return String(parts[1].prefix { $0 != "[" })
    }
}
