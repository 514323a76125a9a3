package import InterlockModel

/// The agents, for pages.
package protocol AgentQueries: Sendable {
    /// - Parameter page: from 1; beyond the last it is the last.
    func agents(_ filter: AgentFilter, page: Int, for sight: Visibility) -> AgentListing

    /// - Returns: nil for one that is not there, or that this person does not see.
    func agent(_ name: AgentName, for sight: Visibility) async -> AgentDetail?
}
