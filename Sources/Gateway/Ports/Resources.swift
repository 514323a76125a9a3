package import InterlockJSON
package import InterlockModel

/// Hears of single resources that change (specs of MCP, sections 5.2 and 6).
package protocol ResourceFollowing: Sendable {
    /// From now on `changed` is told of these resources of a server and of no others, with the agent's
    /// credential; it takes the place of what was followed before, and an empty set ends it. Returns at
    /// once: a server that is away, silent or new is asked when it is there, again and again. What changes
    /// while it is not heard is told to nobody. Called under a lock: `changed` is never called from here.
    ///
    /// - Parameters:
    ///   - uris: in the form of `ResourceURI`.
    ///   - changed: told the URI, at most ten times a second for each, from any thread.
    func follow(
        _ uris: Set<ExactText>, of server: ServerName, for agent: AgentName,
        _ changed: @escaping @Sendable (_ uri: String) -> Void)

    /// Changes that the server told of resources that nobody follows, since it was configured; they were
    /// dropped.
    func strayUpdates(of server: ServerName) -> Int
}
