package import InterlockModel

/// The servers, for pages. Everybody who is signed in sees them: what binds all is no secret.
package protocol ServerSource: Sendable {
    /// By name.
    func servers() -> [ServerStanding]

    /// - Parameter page: of its tools, from 1; beyond the last it is the last.
    /// - Returns: nil for one that the policy does not have.
    func server(_ name: ServerName, page: Int, for sight: Sight) -> ServerSheet?

    /// Durable on return; a quarantine acts before it is.
    ///
    /// - Parameters:
    ///   - tool: whose breaker is meant; nil: the server's own. Of no other deed.
    ///   - reason: 8 to 500 bytes.
    func perform(
        _ deed: ServerDeed, on name: ServerName, tool: ToolAddress?, reason: String,
        by session: PersonSession, _ sight: Sight
    ) async throws(ServerRefusal)
}
