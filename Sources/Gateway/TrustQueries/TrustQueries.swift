package import InterlockEvidence
package import InterlockModel

/// Read access to the trust of agents, for pages and the API.
package protocol TrustQueries: Sendable {
    /// Does not wait for the log: the record is that of the last reading, and an old one causes another.
    ///
    /// - Returns: nil if the agent does not exist or is not visible to this person.
    func trust(of agent: AgentName, for visibility: Visibility) -> AgentTrustDetail?
}
