package import InterlockModel

/// Read access to agents for pages.
package protocol AgentQueries: Sendable {
    /// - Parameter page: the page number, from 1; a number beyond the last page gives the last one.
    func agents(_ filter: AgentFilter, page: Int, for sight: Visibility) -> AgentListing

    /// - Returns: nil if the agent does not exist or is not visible to this person.
    func agent(_ name: AgentName, for sight: Visibility) async -> AgentDetail?
}
