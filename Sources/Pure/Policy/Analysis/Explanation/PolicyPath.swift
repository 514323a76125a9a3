/// Places of a policy as findings and waivers write them, such as `agents.refunds.limits`.
package enum PolicyPath {
    /// The name of the agent that the place is about; nil where it is about none.
    package static func agent(of path: String) -> String? {
        let parts = path.split(separator: ".", maxSplits: 2)
        guard parts.count > 1, parts[0] == "agents" else { return nil }
        // A place in a list is written behind the name.
        return String(parts[1].prefix { $0 != "[" })
    }
}
