package import InterlockJSON
package import InterlockModel

/// Follows updates of single resources (docs/specs/mcp.md, sections 5.2 and 6).
package protocol ResourceFollowing: Sendable {
    /// Calls `changed` from this call on for these resources of a server and for no others, with the agent's
    /// credential; replaces the previously followed set, and an empty set ends following. Returns at once: if a server
    /// is absent, silent or new, the subscription is retried until it succeeds. Changes in the meantime are lost.
    /// Callers hold a lock: `changed` must not be called from within this method.
    ///
    /// - Parameters:
    ///   - uris: URIs in the form of `ResourceURI`.
    ///   - changed: receives the URI, at most ten times a second for each, from any thread.
    func follow(
        _ uris: Set<ExactText>, of server: ServerName, for agent: AgentName,
        _ changed: @escaping @Sendable (_ uri: String) -> Void)

    /// The number of updates, since the server was configured, of resources that no session follows; they were dropped.
    func strayUpdates(of server: ServerName) -> Int
}
