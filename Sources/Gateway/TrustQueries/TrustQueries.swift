package import InterlockEvidence
package import InterlockModel
package import InterlockPolicy
package import InterlockTrust

/// Read access to the trust of agents, for pages and the API.
package protocol TrustQueries: Sendable {
    /// Does not wait for the log: the record is that of the last reading, and an old one causes another.
    ///
    /// - Returns: nil if the agent does not exist or is not visible to this person.
    func trust(of agent: AgentName, for visibility: Visibility) -> AgentTrustDetail?
}

/// The stages of agents with their reasons. Read from memory; any thread may call it.
package protocol StageStatuses: Sendable {
    /// - Parameter policy: the policy in force, which has the agent.
    func status(of agent: AgentName, under policy: PolicySnapshot) -> StageStatus
}
