package import InterlockModel

/// Servers and the actions on them, for pages. Every signed-in person sees all servers, since they concern everyone.
package protocol ServerAdministration: Sendable {
    /// Returns the status of every server, by name.
    func servers() -> [ServerStatus]

    /// - Parameter page: the page of its tools, from 1; a number beyond the last page gives the last one.
    /// - Returns: nil if the policy has no such server.
    func server(_ name: ServerName, page: Int, for sight: Visibility) -> ServerDetail?

    /// Performs an action. Durable on return; a quarantine takes effect before it is durable.
    ///
    /// - Parameters:
    ///   - tool: the tool whose breaker is closed, or nil for the server's own; other actions ignore it.
    ///   - reason: 8 to 500 characters.
    func perform(
        _ deed: ServerAction, on name: ServerName, tool: ToolAddress?, reason: String,
        by person: Pseudonym, _ sight: Visibility
    ) async throws(ServerRefusal)
}
