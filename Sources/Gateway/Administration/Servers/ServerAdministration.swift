package import InterlockModel

/// The servers, for pages. Everybody who is signed in sees them: what binds all is no secret.
package protocol ServerAdministration: Sendable {
    /// By name.
    func servers() -> [ServerStatus]

    /// - Parameter page: of its tools, from 1; beyond the last it is the last.
    /// - Returns: nil for one that the policy does not have.
    func server(_ name: ServerName, page: Int, for sight: Visibility) -> ServerDetail?

    /// Durable on return; a quarantine acts before it is.
    ///
    /// - Parameters:
    ///   - tool: whose breaker is meant; nil: the server's own. Of no other deed.
    ///   - reason: 8 to 500 bytes.
    func perform(
        _ deed: ServerAction, on name: ServerName, tool: ToolAddress?, reason: String,
        by session: PersonSession, _ sight: Visibility
    ) async throws(ServerRefusal)
}
